/** STF, PRA, ORG and LOC: staff and places as master files state them (HL7 v2.5.1 chapters 8 and 15). */
import type { CodeableConcept, Identifier, Reference } from 'fhir/r4.js';
import { sharedId } from '../../identity/tokens.js';
import { markField } from '../engine/ledger.js';
import { draftOf, readText, textAt, trace, type Run, type Step } from '../engine/run.js';
import { contextOf, findSegment, type SegmentNode } from '../engine/segment-tree.js';
import type { TransformFactory } from '../engine/transform.js';
import { sentConcept } from './coded-values.js';
import { placePath } from './locations.js';
import { into, share } from './shared-records.js';
import { staffNumber } from './staff.js';

interface StaffNumber {
  readonly system: string;
  readonly value: string;
}

/** CX of STF-2: value, authority and type; PLN of PRA-6: value and type; CE of STF-1: value and authority. */
const LAYOUTS: Readonly<Record<string, readonly [authority: number, type: number]>> = {
  'STF-1': [3, 0],
  'STF-2': [4, 5],
  'PRA-6': [0, 2],
};

function numberAt(node: SegmentNode, field: number, repetition: number, run: Run): StaffNumber | undefined {
  const [authority = 0, type = 0] = LAYOUTS[`${node.segment.name}-${field}`] ?? [];
  const at = (component: number): string =>
    component === 0
      ? ''
      : readText(run.message, node.segment, field, repetition, component, component === 4 ? 1 : 0);
  const value = at(1);
  return value === '' ? undefined : staffNumber(value, at(authority), at(type), run.feed);
}

/** The number by which a member of staff is known: of a register before the sender's own. */
export function staffMemberOf(stf: SegmentNode, run: Run): StaffNumber | undefined {
  const numbers: StaffNumber[] = [];
  const collect = (node: SegmentNode | undefined, field: number): void => {
    const count = node?.segment.repetitions(field) ?? 0;
    for (let repetition = 1; node !== undefined && repetition <= count; repetition++) {
      const number = numberAt(node, field, repetition, run);
      if (number !== undefined) numbers.push(number);
    }
  };
  collect(stf, 2);
  collect(contextOf(stf, 'PRA'), 6);
  collect(stf, 1);
  const own = run.feed.localSystems.staff;
  return numbers.find(({ system }) => !system.startsWith(own)) ?? numbers[0];
}

/** `staffIdentifier`: STF-1, STF-2 or PRA-6 as an identifier; a number that is there already is not stated twice. */
export const staffIdentifier: TransformFactory = () => (step) => {
  const number = numberAt(step.node, step.field, step.repetition, step.run);
  if (number === undefined) return undefined;
  const held = (step.draft.resource['identifier'] ?? []) as readonly Identifier[];
  if (held.some(({ system, value }) => system === number.system && value === number.value)) {
    markField(step.node, step.field, step.repetition, { fate: 'ignored', rule: step.rule });
    return undefined;
  }
  trace(step, 'value', 1);
  return { ...number };
};

/** `masterRecord(Practitioner)`: the record that the segment, or the one it stands under, makes. */
export const masterRecord: TransformFactory = ([type]) => {
  if (type === undefined) throw new RangeError('masterRecord needs a resource type');
  return (step): Reference | undefined => {
    for (let at: SegmentNode | undefined = step.node; at !== undefined; at = at.parent) {
      const draft = draftOf(at, type);
      if (draft !== undefined) return { reference: draft.reference };
    }
    return undefined;
  };
};

/** Components of PL that name a place, the innermost first, as `locationAt` takes them; undefined when none does. */
export function placeNamesOf(at: (component: number) => string): readonly number[] | undefined {
  if (at(3) !== '') return [3, 2, 1];
  if (at(2) !== '') return [2, 1];
  if (at(1) !== '') return [1];
  const site = [4, 7, 9].find((component) => at(component) !== '');
  return site === undefined ? undefined : [site];
}

const componentsOf =
  (step: Step) =>
  (component: number): string =>
    textAt(step, component);

/** `placeIdentifier`: PL as the identifier of the place. */
export const placeIdentifier: TransformFactory = () => (step) => {
  const names = placeNamesOf(componentsOf(step));
  if (names === undefined) return undefined;
  trace(step, 'value');
  return { system: step.run.feed.localSystems.location, value: placePath(componentsOf(step), names) };
};

/** `placeName`: PL as the name of the place, the innermost first. */
export const placeName: TransformFactory = () => (step) => {
  const names = placeNamesOf(componentsOf(step)) ?? [];
  const parts = names.map((component) => textAt(step, component)).filter((part) => part !== '');
  return parts.length === 0 ? undefined : parts.join(', ');
};

const PHYSICAL_TYPES = 'http://terminology.hl7.org/CodeSystem/location-physical-type';
const TYPES: Readonly<Record<number, readonly [code: string, display: string]>> = {
  1: ['wa', 'Ward'],
  2: ['ro', 'Room'],
  3: ['bd', 'Bed'],
};

/** `placeType`: whether PL names a bed, a room, a ward or a site. */
export const placeType: TransformFactory = () => (step) => {
  const [innermost] = placeNamesOf(componentsOf(step)) ?? [];
  if (innermost === undefined) return undefined;
  const [code, display] = TYPES[innermost] ?? ['si', 'Site'];
  return { coding: [{ system: PHYSICAL_TYPES, code, display }] };
};

/** `placeParent`: the ward of a bed or a room. */
export const placeParent: TransformFactory =
  (_args, { profiles }) =>
  (step): Reference | undefined => {
    const at = componentsOf(step);
    const names = placeNamesOf(at);
    if (names === undefined || names.length < 2 || at(1) === '') return undefined;
    const system = step.run.feed.localSystems.location;
    const value = placePath(at, [1]);
    const reference = `Location/${sharedId('Location', system, value)}`;
    // A master file may state the ward itself.
    if (step.run.drafts.some((draft) => draft.reference === reference)) return { reference };
    share(step.run, 'Location', system, value, profiles, (shared) => {
      const root = into(step, shared, '');
      shared.resource['identifier'] = [{ system, value }];
      trace(root, 'identifier[0].value');
      shared.resource['name'] = at(1);
      trace(root, 'name', 1);
      shared.resource['mode'] = 'instance';
      shared.resource['physicalType'] = { coding: [{ system: PHYSICAL_TYPES, code: 'wa', display: 'Ward' }] };
    });
    return { reference };
  };

/** `unit`: a coded unit (ORG-2, PRA-2) as an organisation known by its code in the feed. */
export const unit: TransformFactory =
  (_args, { profiles, codeSystems }) =>
  (step): Reference | undefined => {
    const code = textAt(step, 1);
    const stated: CodeableConcept | undefined = sentConcept(step, codeSystems);
    const name = textAt(step, 2) || (stated?.text ?? '');
    if (code === '' && name === '') return undefined;
    const system = `${step.run.feed.localSystems.location}/unit`;
    const draft = share(
      step.run,
      'Organization',
      system,
      code === '' ? `name:${name}` : code,
      profiles,
      (shared) => {
        const root = into(step, shared, '');
        if (code !== '') {
          shared.resource['identifier'] = [{ system, value: code }];
          trace(root, 'identifier[0].value', 1);
        }
        shared.resource['name'] = name === '' ? code : name;
        trace(root, 'name', name === '' ? 1 : 2);
      },
    );
    const display = name === '' ? code : name;
    return { reference: draft.reference, display };
  };

/** `specialtyOf(HospitalService)`: SPD as a concept: a code of the table, else the name of the specialty. */
export const specialtyOf: TransformFactory = ([name = ''], setting) => {
  const table = setting.table(name);
  return (step): CodeableConcept | undefined => {
    const text = textAt(step, 1);
    if (text === '') return undefined;
    const known = table.get(text) ?? table.get(text.toUpperCase());
    trace(step, known === undefined ? 'text' : 'coding[0].code', 1);
    return known === undefined ? { text } : { coding: [{ ...known }] };
  };
};

/** What MFE-1 (table 0180) makes of a record: deactivating and deleting both end its use, reactivating begins it anew. */
const ENDED = new Set(['MDC', 'MDL']);

/** `masterActive`, `masterActive(active, inactive)`: whether the record is in use by MFE-1, as a boolean or as codes. */
export const masterActive: TransformFactory = ([active, inactive]) => {
  return (step) => {
    const mfe = findSegment(step.node, 'MFE');
    const event = mfe === undefined ? '' : readText(step.run.message, mfe.segment, 1, 1, 1);
    if (event === '') return undefined;
    const isActive = !ENDED.has(event);
    if (active === undefined || inactive === undefined) return isActive;
    return isActive ? active : inactive;
  };
};
