/** What changes in the records of a folder of messages when one pack takes the place of another. */
import type { Resource } from 'fhir/r4.js';
import { convert } from '../src/core/converter/convert.js';
import { nameOf } from '../src/core/converter/converted-bundle.js';
import { ExchangeError } from '../src/core/errors.js';
import type { Feed } from '../src/core/feed.js';
import type { PackRegistry } from '../src/core/mapping/engine/pack-registry.js';
import { leavesOf, withoutIndices } from './elements.js';
import { readMessages } from './messages.js';

export interface DiffSide {
  readonly feed: Feed;
  readonly registry: PackRegistry;
}

/** `rearranged`: the same values, but in another order or beside other values. */
export type Change = 'lost' | 'changed' | 'rearranged' | 'gained';

export interface ElementDifference {
  readonly change: Change;
  /** Without indices, such as `Patient.identifier.value`; the type alone for whole records. */
  readonly element: string;
  readonly count: number;
  /** The first message and record in which it differs. */
  readonly example: string;
  /** Values of the example. */
  readonly before?: string;
  readonly after?: string;
}

export interface PackDiff {
  readonly messages: number;
  /** Messages that only one of the packs converts: `converted`, or the code of the refusal. */
  readonly refusals: readonly { readonly place: string; readonly before: string; readonly after: string }[];
  /** Worst first. */
  readonly differences: readonly ElementDifference[];
}

/** @throws UsageError when the folder holds no messages */
export function diffPacks(folder: string, before: DiffSide, after: DiffSide): PackDiff {
  const differences = new Map<string, ElementDifference>();
  const refusals: PackDiff['refusals'][number][] = [];
  let messages = 0;
  for (const { place, bytes } of readMessages(folder)) {
    messages++;
    const was = recordsOf(bytes, before);
    const is = recordsOf(bytes, after);
    if (typeof was === 'string' || typeof is === 'string') {
      if (was === is) continue;
      const named = (side: typeof was) => (typeof side === 'string' ? side : 'converted');
      refusals.push({ place, before: named(was), after: named(is) });
      continue;
    }
    for (const difference of compareRecords(was, is, place)) add(differences, difference);
  }
  return { messages, refusals, differences: [...differences.values()].sort(worstFirst) };
}

/** The records of a message by name, or the code of its refusal. */
function recordsOf(bytes: Uint8Array, { feed, registry }: DiffSide): Map<string, Resource> | string {
  try {
    const { bundle } = convert(bytes, { format: 'hl7v2', feed, registry });
    const resources = (bundle.entry ?? []).flatMap(({ resource }) =>
      resource === undefined ? [] : [resource],
    );
    return new Map(resources.map((resource) => [nameOf(resource), resource]));
  } catch (error) {
    if (error instanceof ExchangeError) return error.code;
    throw error;
  }
}

function compareRecords(
  was: ReadonlyMap<string, Resource>,
  is: ReadonlyMap<string, Resource>,
  place: string,
): ElementDifference[] {
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((name) => {
    const before = was.get(name);
    const after = is.get(name);
    const example = `${place}: ${name}`;
    if (before === undefined || after === undefined) {
      const change = before === undefined ? 'gained' : 'lost';
      const element = name.slice(0, name.indexOf('/'));
      return [{ change, element, count: 1, example }];
    }
    return compareElements(before, after, example);
  });
}

/** Compares each element of the first level by the values below it, whatever their order. */
function compareElements(before: Resource, after: Resource, example: string): ElementDifference[] {
  const was = before as unknown as Record<string, unknown>;
  const is = after as unknown as Record<string, unknown>;
  return [...new Set([...Object.keys(was), ...Object.keys(is)])].flatMap((key): ElementDifference[] => {
    if (JSON.stringify(was[key]) === JSON.stringify(is[key])) return [];
    const found = compareValues(valuesOf({ [key]: was[key] }), valuesOf({ [key]: is[key] }));
    const type = before.resourceType;
    if (found.length === 0)
      return [{ change: 'rearranged', element: `${type}.${key.replace(/^_/, '')}`, count: 1, example }];
    return found.map((each) => ({ ...each, element: `${type}.${each.element}`, example }));
  });
}

/** Values by element without indices. */
function valuesOf(part: object): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const { path, value } of leavesOf(part)) {
    const element = withoutIndices(path);
    const list = values.get(element);
    if (list === undefined) values.set(element, [String(value)]);
    else list.push(String(value));
  }
  return values;
}

function compareValues(
  was: ReadonlyMap<string, readonly string[]>,
  is: ReadonlyMap<string, readonly string[]>,
): Omit<ElementDifference, 'example'>[] {
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((element) => {
    const lost = without(was.get(element) ?? [], is.get(element) ?? []);
    const gained = without(is.get(element) ?? [], was.get(element) ?? []);
    const changed = Math.min(lost.length, gained.length);
    const [before, after] = [lost[0], gained[0]];
    const row = (change: Change, count: number, sides: { before?: string; after?: string }) =>
      count > 0 ? [{ change, element, count, ...sides }] : [];
    return [
      ...(before === undefined || after === undefined ? [] : row('changed', changed, { before, after })),
      ...row('lost', lost.length - changed, sideOf('before', lost[changed])),
      ...row('gained', gained.length - changed, sideOf('after', gained[changed])),
    ];
  });
}

const sideOf = (side: 'before' | 'after', value: string | undefined): { before?: string; after?: string } =>
  value === undefined ? {} : { [side]: value };

/** The items of a list that are not in another, each as often as it is there more. */
function without(list: readonly string[], other: readonly string[]): string[] {
  const left = [...other];
  return list.filter((item) => {
    const at = left.indexOf(item);
    if (at === -1) return true;
    left.splice(at, 1);
    return false;
  });
}

function add(differences: Map<string, ElementDifference>, difference: ElementDifference): void {
  const key = `${difference.change} ${difference.element}`;
  const held = differences.get(key);
  differences.set(key, held === undefined ? difference : { ...held, count: held.count + difference.count });
}

const CHANGES: readonly Change[] = ['lost', 'changed', 'rearranged', 'gained'];

/** What harms most when it goes: allergies, then who somebody is, then results and diagnoses. */
const GRAVEST: readonly RegExp[] = [
  /^AllergyIntolerance\b/,
  /^Patient\.identifier\b|^Patient$|\.identifier\b/,
  /^(?:Observation|DiagnosticReport)\b/,
  /^(?:Condition|MedicationRequest|MedicationAdministration|Immunization)\b/,
];

function gravity(element: string): number {
  const at = GRAVEST.findIndex((pattern) => pattern.test(element));
  return at === -1 ? GRAVEST.length : at;
}

const worstFirst = (a: ElementDifference, b: ElementDifference): number =>
  CHANGES.indexOf(a.change) - CHANGES.indexOf(b.change) ||
  gravity(a.element) - gravity(b.element) ||
  b.count - a.count ||
  a.element.localeCompare(b.element);
