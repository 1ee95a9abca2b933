/** PL as Location. */
import type { CodeableConcept, Encounter, Extension, Reference } from 'fhir/r4.js';
import { markField } from '../engine/ledger.js';
import { below, copy, textAt, trace, type Draft, type Step } from '../engine/run.js';
import type { TransformFactory } from '../engine/transform.js';
import { odsOrganisation, odsSystemOf } from './organisations.js';
import { into, referenceTo, share, type Profiles } from './shared-records.js';

/** Location.physicalType by what PL names: the ward, or a place in it. */
const PHYSICAL_TYPES = 'http://terminology.hl7.org/CodeSystem/location-physical-type';
const WARD: CodeableConcept = { coding: [{ system: PHYSICAL_TYPES, code: 'wa', display: 'Ward' }] };
const ROOM: CodeableConcept = { coding: [{ system: PHYSICAL_TYPES, code: 'ro', display: 'Room' }] };
const BED: CodeableConcept = { coding: [{ system: PHYSICAL_TYPES, code: 'bd', display: 'Bed' }] };
const SITE: CodeableConcept = { coding: [{ system: PHYSICAL_TYPES, code: 'si', display: 'Site' }] };

/** Components of PL that name a bed, the innermost first. */
const BED_PATH: readonly number[] = [3, 2, 1];
const ROOM_PATH: readonly number[] = [2, 1];
const WARD_PATH: readonly number[] = [1];

const CLASSIFICATION = 'http://hl7.org/fhir/StructureDefinition/subject-locationClassification';
const TEMPORARY: Extension[] = [{ url: CLASSIFICATION, valueCodeableConcept: { text: 'temporary' } }];

/**
 * `encounterLocation(completed)`: PL as an entry of Encounter.location. A bed or room and its ward are a Location each;
 * facility, building and floor tell wards of the same name apart. A place that the visit has already is not stated
 * twice. Besides the codes of Encounter.location.status,
 *
 * - `assigned` (PV1-3) is active while the visit runs, planned before it and completed after it: nobody may be looked
 *   for in a bed that they have left or never came to;
 * - `temporary` (PV1-11) is so beside the assigned one.
 */
export const encounterLocation: TransformFactory = ([kind], { profiles }) => {
  if (kind === undefined) throw new RangeError('encounterLocation needs a status');
  return (step) => {
    const location = locationAt(below(step, 'location'), profiles);
    if (location === undefined) return undefined;
    const encounter = step.draft.resource as unknown as Partial<Encounter>;
    if (encounter.location?.some((held) => held.location.reference === location.reference) === true) {
      markField(step.node, step.field, step.repetition, { fate: 'ignored', rule: step.rule });
      return undefined;
    }
    if (kind === 'temporary') return { extension: TEMPORARY, location, status: statusOfBed(encounter) };
    return { location, status: kind === 'assigned' ? statusOfBed(encounter) : kind };
  };
};

function statusOfBed({ status, class: visitClass, period }: Partial<Encounter>): string {
  // Of a visit that did not take place, the bed was planned at most.
  if (status === 'planned' || status === 'cancelled' || visitClass?.code === 'PRENC') return 'planned';
  return status === 'finished' || status === 'entered-in-error' || period?.end !== undefined
    ? 'completed'
    : 'active';
}

/** `removeLocation`: PL as a place that the visit was never at, because what would have led there was cancelled. */
export const removeLocation: TransformFactory =
  (_args, { profiles }) =>
  (step) => {
    const reference = locationAt(below(step, 'location'), profiles)?.reference;
    const { location: stated } = step.draft.resource as unknown as Partial<Encounter>;
    if (reference === undefined || stated?.some((held) => held.location.reference === reference) === true)
      return undefined;
    step.draft.removed.push(`location[location.reference=${reference}]`);
    markField(step.node, step.field, step.repetition, { fate: 'mapped', rule: step.rule });
    return undefined;
  };

/** The path of a place from the outside in: facility, building and floor, then ward, room and bed. */
export const placePath = (at: (component: number) => string, names: readonly number[]): string =>
  [4, 7, 8, ...[...names].reverse()].map(at).join('/');

/**
 * The Location that PL names, as a reference; the message mentions it only to be created where it is not known.
 *
 * @param step its element is the reference
 */
export function locationAt(step: Step, profiles: Profiles): Reference | undefined {
  const [ward, room, bed] = [textAt(step, 1), textAt(step, 2), textAt(step, 3)];
  if (ward === '' && room === '' && bed === '') return siteAt(step, profiles);
  const wardDraft = ward === '' ? undefined : placeAt(step, WARD_PATH, WARD, undefined, profiles);
  const parts = [bed, room, ward].filter((part) => part !== '');
  const draft =
    room === '' && bed === ''
      ? wardDraft
      : placeAt(step, bed === '' ? ROOM_PATH : BED_PATH, bed === '' ? ROOM : BED, wardDraft, profiles);
  if (draft === undefined) return undefined;
  trace(step, 'reference');
  return referenceTo(draft, parts.join(', '));
}

function siteAt(step: Step, profiles: Profiles): Reference | undefined {
  const component = [4, 7, 9].find((candidate) => textAt(step, candidate) !== '');
  if (component === undefined) return undefined;
  trace(step, 'reference');
  return referenceTo(placeAt(step, [component], SITE, undefined, profiles), textAt(step, component));
}

/** @param names components that name the place, the innermost first */
function placeAt(
  step: Step,
  names: readonly number[],
  physicalType: CodeableConcept,
  partOf: Draft | undefined,
  profiles: Profiles,
): Draft {
  const system = step.run.feed.localSystems.location;
  const value = placePath((component) => textAt(step, component), names);
  return share(step.run, 'Location', system, value, profiles, (shared) => {
    const at = into(step, shared, '');
    const parts = names.map((component) => textAt(step, component)).filter((part) => part !== '');
    shared.resource['identifier'] = [{ system, value }];
    trace(at, 'identifier[0].value');
    shared.resource['name'] = parts.join(', ');
    trace(at, 'name', names.length === 1 ? names[0] : undefined);
    copy(at, shared.resource, 'description', 9);
    shared.resource['mode'] = 'instance';
    shared.resource['physicalType'] = physicalType;
    const site = textAt(step, 4, 1);
    const organisationCode = odsSystemOf(site) === undefined ? step.run.feed.organisation : site;
    shared.resource['managingOrganization'] = referenceTo(odsOrganisation(at, organisationCode, profiles));
    if (partOf !== undefined) shared.resource['partOf'] = referenceTo(partOf);
  });
}
