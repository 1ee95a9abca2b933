/** "No known allergies" beside an allergy: whoever reads only the one would be misled. */
import type { AllergyIntolerance, Resource } from 'fhir/r4.js';
import type { Issue } from '../errors.js';
import type { MappedRecord } from '../mapping/types.js';
import { NO_KNOWN_ALLERGY } from '../mapping/transforms/allergies.js';
import type { Settled } from './settle-orders.js';
import type { CurrentDocument } from './types.js';

const SNOMED_CT = 'http://snomed.info/sct';
const CLINICAL = 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical';
const VERIFICATION = 'http://terminology.hl7.org/CodeSystem/allergyintolerance-verification';

const isAllergy = (resource: Resource): resource is AllergyIntolerance & { id: string } =>
  resource.resourceType === 'AllergyIntolerance';

/** Whether a message says anything about allergies, so that stored ones must be looked at. */
export const aboutAllergies = (records: readonly MappedRecord[]): boolean =>
  records.some(({ resource }) => isAllergy(resource));

/** The concept by which a record says that there is no allergy of a kind. */
function negationOf({ code }: AllergyIntolerance): string | undefined {
  return code?.coding?.find(
    ({ system, code: stated = '' }) => system === SNOMED_CT && NO_KNOWN_ALLERGY.has(stated),
  )?.code;
}

const states = (concept: AllergyIntolerance['clinicalStatus']): readonly (string | undefined)[] =>
  concept?.coding?.map(({ code }) => code) ?? [];

/** Whether a record still stands: not taken back, refuted or over. */
function stands({ clinicalStatus, verificationStatus }: AllergyIntolerance): boolean {
  const isRefuted = states(verificationStatus).some(
    (code) => code === 'refuted' || code === 'entered-in-error',
  );
  return !isRefuted && !states(clinicalStatus).some((code) => code === 'inactive' || code === 'resolved');
}

/** Kinds of allergies (AllergyIntolerance.category) that a negation speaks of; undefined for all. */
const KINDS: Readonly<Record<string, string>> = {
  '409137002': 'medication',
  '429625007': 'food',
  '428607008': 'environment',
};
/** Latex is told from other allergens by no category, so nobody knows what contradicts it. */
const LATEX = '716184000';

function contradicts(allergy: AllergyIntolerance, negation: string): boolean {
  if (negation === LATEX) return false;
  const kind = KINDS[negation];
  const categories: readonly string[] = allergy.category ?? [];
  return kind === undefined || categories.length === 0 || categories.includes(kind);
}

/**
 * A stored statement that there is no allergy is refuted by an allergy that a message states; one that a message states
 * beside a stored allergy is stored as refuted, and reported.
 *
 * @param stored all stored allergies and negations of the person
 */
export function settleAllergies(
  records: readonly MappedRecord[],
  stored: readonly CurrentDocument[],
): Settled {
  const ofMessage = new Set(records.map(({ resource }) => resource.id));
  const known = stored
    .map(({ resource }) => resource)
    .filter(isAllergy)
    .filter(stands);
  const allergies = records
    .map(({ resource }) => resource)
    .filter(isAllergy)
    .filter(stands);
  const added = allergies.filter((allergy) => negationOf(allergy) === undefined);
  const issues: Issue[] = [];
  const settled = records.map((record) => {
    const { resource } = record;
    if (!isAllergy(resource) || !stands(resource)) return record;
    const negation = negationOf(resource);
    if (negation === undefined) return record;
    const others = known.filter((allergy) => negationOf(allergy) === undefined);
    if (![...others, ...added].some((allergy) => contradicts(allergy, negation))) return record;
    issues.push({
      code: 'HDE_HL7_REQUIRED',
      severity: 'warning',
      location: 'AL1-3',
      detail: 'an end of each stored allergy before a statement that there is none',
    });
    return { ...record, resource: { ...resource, ...REFUTED } };
  });
  const refuted = stored.filter(({ resource }) => {
    if (!isAllergy(resource) || !stands(resource) || ofMessage.has(resource.id)) return false;
    const negation = negationOf(resource);
    return negation !== undefined && added.some((allergy) => contradicts(allergy, negation));
  });
  return { records: [...settled, ...refuted.map(refutation)], issues };
}

const REFUTED = {
  clinicalStatus: { coding: [{ system: CLINICAL, code: 'inactive' }] },
  verificationStatus: { coding: [{ system: VERIFICATION, code: 'refuted' }] },
};

function refutation({ partition, resourceType, fhirId }: CurrentDocument): MappedRecord {
  const resource = { resourceType, id: fhirId, ...REFUTED };
  return { partition, resource, mode: 'merge', removed: [], lineage: [] };
}
