/** PL as Location. */
import type { CodeableConcept, Reference } from 'fhir/r4.js';
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

/**
 * `encounterLocation(active)`: PL as an entry of Encounter.location. A bed or room and its ward are a Location each;
 * facility, building and floor tell wards of the same name apart.
 */
export const encounterLocation: TransformFactory = ([status], { profiles }) => {
  if (status === undefined) throw new RangeError('encounterLocation needs a status');
  return (step) => {
    const location = locationAt(below(step, 'location'), profiles);
    return location === undefined ? undefined : { location, status };
  };
};

function locationAt(step: Step, profiles: Profiles): Reference | undefined {
  const [ward, room, bed] = [textAt(step, 1), textAt(step, 2), textAt(step, 3)];
  if (ward === '' && room === '' && bed === '') return siteAt(step, profiles);
  const wardDraft = ward === '' ? undefined : placeAt(step, [1], WARD, undefined, profiles);
  const parts = [bed, room, ward].filter((part) => part !== '');
  const draft =
    room === '' && bed === ''
      ? wardDraft
      : placeAt(step, bed === '' ? [2, 1] : [3, 2, 1], bed === '' ? ROOM : BED, wardDraft, profiles);
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
  // Facility, building and floor, then ward, room and bed: the path from the outside in is the identity.
  const value = [4, 7, 8, ...[...names].reverse()].map((component) => textAt(step, component)).join('/');
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
