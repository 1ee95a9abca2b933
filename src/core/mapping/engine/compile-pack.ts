/** Turns a pack's tables into closures, once: nothing is interpreted while messages pass. */
import type { PackReference, UpdateMode } from '../types.js';
import { compileCondition, type Condition, type MessageKind } from './condition.js';
import type { Mark } from './ledger.js';
import {
  PackError,
  type CodedValue,
  type IgnoredFields,
  type MessageSupport,
  type Pack,
  type ResourceMap,
  type SegmentPlace,
} from './pack.js';
import { compileRule, type CompiledRule } from './compile-rule.js';
import { createSelection, type SelectedRows } from './select-rows.js';
import { parseSourcePath } from './source-path.js';
import type { Identity, TransformFactory, TransformSetting } from './transform.js';

/** The named functions that a pack's rows may call. */
export interface PackFunctions {
  readonly transforms: ReadonlyMap<string, TransformFactory>;
  readonly identities: ReadonlyMap<string, Identity>;
}

export interface CompiledMap {
  readonly id: string;
  readonly resource: string;
  readonly profile: string | undefined;
  readonly identity: Identity;
  /** Fields whose repetitions stand for a record each, the one that decides how many first. */
  readonly each: ReadonlySet<number>;
  readonly mode: UpdateMode;
  readonly modeByMessage: ReadonlyMap<string, UpdateMode>;
  readonly when: string | undefined;
  readonly condition: Condition | undefined;
  readonly rules: readonly CompiledRule[];
  readonly cumulative: ReadonlySet<string>;
  /** Elements that absent fields delete in a snapshot. */
  readonly snapshot: readonly string[];
}

export interface CompiledIgnore {
  /** 0 stands for every field. */
  readonly fields: readonly number[];
  readonly when: string | undefined;
  readonly condition: Condition | undefined;
  readonly mark: Mark;
}

/** A pack ready to convert messages. */
export interface CompiledPack {
  readonly reference: PackReference;
  readonly messages: ReadonlyMap<string, MessageSupport>;
  readonly structure: ReadonlyMap<string, SegmentPlace>;
  /** The rows that may hold in messages of a kind. */
  readonly rowsFor: (kind: MessageKind) => SelectedRows;
}

const SEMANTIC_VERSION = /^\d+\.\d+\.\d+$/;

/** @throws PackError naming each faulty row */
export function compilePack(pack: Pack, functions: PackFunctions): CompiledPack {
  const faults: string[] = [];
  if (!SEMANTIC_VERSION.test(pack.version)) faults.push(`version ${pack.version}: not a semantic version`);
  reportDuplicates(pack, faults);
  const setting = createSetting(pack);
  const compiled: CompiledPack = {
    reference: { name: pack.name, version: pack.version },
    messages: new Map(Object.entries(pack.messages)),
    structure: new Map(Object.entries(pack.structure)),
    rowsFor: createSelection({
      maps: groupBySegment(
        pack.maps.map((map) => [map.segment, compileMap(map, functions, setting, faults)] as const),
      ),
      ignored: groupBySegment(pack.ignored.flatMap((row) => compileIgnored(row, faults))),
    }),
  };
  if (faults.length > 0) throw new PackError(`${pack.name} ${pack.version}`, faults);
  return compiled;
}

function reportDuplicates(pack: Pack, faults: string[]): void {
  const seen = new Set<string>();
  const ids = [
    ...pack.maps.flatMap(({ id, rules }) => [id, ...rules.map((rule) => rule.id)]),
    ...pack.ignored.map(({ id }) => id),
  ];
  for (const id of ids) {
    if (seen.has(id)) faults.push(`row ${id}: the id is used twice`);
    seen.add(id);
  }
}

function createSetting(pack: Pack): TransformSetting & { extensions: ReadonlyMap<string, string> } {
  const tables = new Map<string, ReadonlyMap<string, CodedValue>>();
  for (const [name, rows] of Object.entries(pack.tables)) {
    const coded = Object.entries(rows).map(
      ([source, target]) => [source, typeof target === 'string' ? { code: target } : target] as const,
    );
    tables.set(name, new Map(coded));
  }
  const extensions = new Map(Object.entries(pack.extensions));
  return {
    extensions,
    table: (name) => getOrThrow(tables, name, 'table'),
    extension: (name) => getOrThrow(extensions, name, 'extension'),
    codeSystems: new Map(
      Object.entries(pack.codeSystems).map(([name, system]) => [name.toUpperCase(), system]),
    ),
    profiles: new Map(Object.entries(pack.profiles)),
  };
}

function getOrThrow<T>(map: ReadonlyMap<string, T>, name: string, kind: string): T {
  const value = map.get(name);
  if (value === undefined) throw new RangeError(`${kind} ${name} is not defined`);
  return value;
}

function compileMap(
  map: ResourceMap,
  functions: PackFunctions,
  setting: TransformSetting & { extensions: ReadonlyMap<string, string> },
  faults: string[],
): CompiledMap {
  const identity = functions.identities.get(map.identity);
  if (identity === undefined) faults.push(`map ${map.id}: identity: there is no identity ${map.identity}`);
  const rules: CompiledRule[] = [];
  for (const rule of map.rules) {
    const compiled = compileRule(rule, map.segment, map.resource, functions.transforms, setting);
    if (Array.isArray(compiled)) {
      faults.push(...compiled.map((fault) => `rule ${rule.id}: ${fault}`));
      continue;
    }
    rules.push(compiled);
  }
  return {
    id: map.id,
    resource: map.resource,
    profile: setting.profiles.get(map.resource),
    identity: identity ?? (() => undefined),
    each: repeatedFields(map, faults),
    mode: map.mode,
    modeByMessage: new Map(Object.entries(map.modeByMessage ?? {})),
    when: map.when,
    condition: conditionOf(map.when, `map ${map.id}`, faults),
    cumulative: new Set(map.cumulative),
    snapshot: snapshotPaths(map, rules),
    rules,
  };
}

function repeatedFields({ id, segment, each }: ResourceMap, faults: string[]): ReadonlySet<number> {
  const fields = new Set<number>();
  for (const text of each === undefined ? [] : each.split(',').map((part) => part.trim())) {
    const path = parseSourcePath(text);
    if (path?.segment === segment && path.field > 0 && path.component === 0) fields.add(path.field);
    else faults.push(`map ${id}: each: "${text}" is not a field of ${segment}`);
  }
  return fields;
}

function snapshotPaths(map: ResourceMap, rules: readonly CompiledRule[]): string[] {
  if (map.snapshot === undefined) return [];
  const kept = new Set(['', ...map.snapshot.keeps, ...(map.cumulative ?? [])]);
  const paths = rules.filter(({ segment, path }) => segment === map.segment && !kept.has(path));
  return [...new Set(paths.map(({ path }) => path))];
}

function conditionOf(when: string | undefined, row: string, faults: string[]): Condition | undefined {
  if (when === undefined) return undefined;
  const condition = compileCondition(when);
  if (typeof condition !== 'string') return condition;
  faults.push(`${row}: when: ${condition}`);
  return undefined;
}

function compileIgnored(row: IgnoredFields, faults: string[]): (readonly [string, CompiledIgnore])[] {
  const fields = new Map<string, number[]>();
  for (const text of row.from.split(',').map((part) => part.trim())) {
    const path = parseSourcePath(text);
    if (path === undefined || path.every || path.component !== 0) {
      faults.push(`ignored ${row.id}: from: "${text}" is neither a field nor a segment`);
      continue;
    }
    fields.set(path.segment, [...(fields.get(path.segment) ?? []), path.field]);
  }
  const condition = conditionOf(row.when, `ignored ${row.id}`, faults);
  const mark: Mark = { fate: 'ignored', rule: row.id };
  const { when } = row;
  return [...fields].map(
    ([segment, numbers]) => [segment, { fields: numbers, when, condition, mark }] as const,
  );
}

function groupBySegment<T>(entries: readonly (readonly [string, T])[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const [segment, value] of entries) {
    const group = groups.get(segment);
    if (group === undefined) groups.set(segment, [value]);
    else group.push(value);
  }
  return groups;
}
