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
  const partitions = [...new Set(records.map(({ partition }) => partition))];
  const settled = partitions.map((partition) =>
    settlePerson(
      records.filter((record) => record.partition === partition),
      stored.filter((document) => document.partition === partition),
    ),
  );
  return {
    records: settled.flatMap((each) => each.records),
    issues: settled.flatMap((each) => each.issues),
  };
}

function settlePerson(records: readonly MappedRecord[], stored: readonly CurrentDocument[]): Settled {
  const ofMessage = new Set(records.map(({ resource }) => resource.id));
  const standing = (resources: readonly Resource[]) => resources.filter(isAllergy).filter(stands);
  const isUnsaid = ({ id }: Resource): boolean => id === undefined || !ofMessage.has(id);
  // What the message says itself of a stored allergy is the latest word on it.
  const known = standing(stored.map(({ resource }) => resource)).filter(isUnsaid);
  const added = standing(records.map(({ resource }) => resource)).filter(isAllergen);
  const others = [...known.filter(isAllergen), ...added];
  const issues: Issue[] = [];
  const settled = records.map((record) => {
    const { resource } = record;
    if (!isAllergy(resource) || !stands(resource)) return record;
    const negation = negationOf(resource);
    if (negation === undefined || !others.some((allergy) => contradicts(allergy, negation))) return record;
    issues.push(CONTRADICTED);
    return { ...record, resource: { ...resource, ...REFUTED } };
  });
  const refuted = stored.filter(({ resource }) => {
    if (!isAllergy(resource) || !stands(resource) || !isUnsaid(resource)) return false;
    const negation = negationOf(resource);
    return negation !== undefined && added.some((allergy) => contradicts(allergy, negation));
  });
  return { records: [...settled, ...refuted.map(refutation)], issues };
}

const isAllergen = (allergy: AllergyIntolerance): boolean => negationOf(allergy) === undefined;

const CONTRADICTED: Issue = {
  code: 'HDE_HL7_REQUIRED',
  severity: 'warning',
  location: 'AL1-3',
  detail: 'an end of each stored allergy before a statement that there is none',
};

const REFUTED = {
  clinicalStatus: { coding: [{ system: CLINICAL, code: 'inactive' }] },
  verificationStatus: { coding: [{ system: VERIFICATION, code: 'refuted' }] },
};

function refutation({ partition, resourceType, fhirId }: CurrentDocument): MappedRecord {
  const resource = { resourceType, id: fhirId, ...REFUTED };
  // Whatever was said when: the allergy is known, so the statement is not true.
  return { partition, resource, mode: 'link', removed: [], lineage: [] };
}
