/** "No known allergies" beside an allergy: whoever reads only the one would be misled. */
import type { AllergyIntolerance, Resource } from 'fhir/r4.js';
import type { Issue } from '../errors.js';
import type { LineageEntry, MappedRecord } from '../mapping/types.js';
import { NO_KNOWN_ALLERGY } from '../mapping/transforms/allergies.js';
import type { Settled } from './settle-orders.js';
import type { CurrentDocument } from './types.js';

const SNOMED_CT = 'http://snomed.info/sct';
const CLINICAL = 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical';
const VERIFICATION = 'http://terminology.hl7.org/CodeSystem/allergyintolerance-verification';

type Allergy = AllergyIntolerance & { id: string };

const isAllergy = (resource: Resource): resource is Allergy => resource.resourceType === 'AllergyIntolerance';

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

/** The first of some allergies that proves a statement wrong; undefined where that is none, or the statement is over. */
function refuterOf(statement: Resource, allergies: readonly Allergy[]): Allergy | undefined {
  if (!isAllergy(statement) || !stands(statement)) return undefined;
  const negation = negationOf(statement);
  return negation === undefined ? undefined : allergies.find((each) => contradicts(each, negation));
}

/** The allergies that stand, of statements of all kinds. */
const allergensOf = (resources: readonly Resource[]): Allergy[] =>
  resources.filter(isAllergy).filter((each) => stands(each) && negationOf(each) === undefined);

const resourceOf = ({ resource }: { readonly resource: Resource }): Resource => resource;

/** What the message says itself of a stored allergy is the latest word on it. */
function unsaid(stored: readonly CurrentDocument[], records: readonly MappedRecord[]): CurrentDocument[] {
  const said = new Set(records.map(({ resource }) => resource.id));
  return stored.filter(({ fhirId }) => !said.has(fhirId));
}

/**
 * A stored statement that there is no allergy is refuted by an allergy that a message states; one that a message states
 * beside a stored allergy is stored as refuted, and reported.
 *
 * @param records those of one partition
 * @param stored all stored allergies and negations of the person, also of their other numbers
 */
export function settleAllergies(
  records: readonly MappedRecord[],
  stored: readonly CurrentDocument[],
): Settled {
  const known = unsaid(stored, records);
  const added = allergensOf(records.map(resourceOf));
  const others = [...allergensOf(known.map(resourceOf)), ...added];
  const issues: Issue[] = [];
  const settled = records.map((record) => {
    if (refuterOf(record.resource, others) === undefined) return asGuard(record);
    issues.push(CONTRADICTED);
    return asRefuted(record);
  });
  const partition = records[0]?.partition;
  const own = known.filter((document) => document.partition === partition);
  return { records: [...settled, ...refute(own, added, (allergy) => codeLineage(allergy, records))], issues };
}

/**
 * Of statements under several numbers of one person those that an allergy under any of them refutes, as they are to be.
 *
 * @param records those of the message that brings them together
 * @param stored all stored allergies and negations under these numbers
 * @param reason what the message says by which they meet; where it states the allergy itself, that is the reason
 */
export function refuteLinked(
  records: readonly MappedRecord[],
  stored: readonly CurrentDocument[],
  reason: LineageEntry | undefined,
): MappedRecord[] {
  const known = unsaid(stored, records);
  const allergens = [...records, ...known].map(resourceOf);
  return refute(known, allergensOf(allergens), (allergy) => codeLineage(allergy, records) ?? reason);
}

/** @param reasonOf where it is said what refutes a statement */
function refute(
  stored: readonly CurrentDocument[],
  allergens: readonly Allergy[],
  reasonOf: (allergy: Allergy) => LineageEntry | undefined,
): MappedRecord[] {
  return stored.flatMap((document) => {
    const refuter = refuterOf(document.resource, allergens);
    return refuter === undefined ? [] : [refutation(document, reasonOf(refuter))];
  });
}

/**
 * Two messages about allergies at the same moment know nothing of each other: both write the patient, so that one of
 * them finds that it comes second, and looks again. An allergy that is new conflicts with nothing else; the patient
 * costs least, since most such messages write it anyway, as do those that link it to another.
 */
const asGuard = (record: MappedRecord): MappedRecord =>
  record.resource.resourceType === 'Patient' ? { ...record, isGuard: true } : record;

/** What a message says that is wrong from the first, reported where it says so. */
export const CONTRADICTED: Issue = {
  code: 'HDE_HL7_REQUIRED',
  severity: 'warning',
  location: 'AL1-3',
  detail: 'an end of each stored allergy before a statement that there is none',
};

const REFUTED = {
  clinicalStatus: { coding: [{ system: CLINICAL, code: 'inactive' }] },
  verificationStatus: { coding: [{ system: VERIFICATION, code: 'refuted' }] },
};
const REFUTED_ELEMENTS = Object.keys(REFUTED).map((name) => `AllergyIntolerance.${name}`);

function asRefuted(record: MappedRecord): MappedRecord {
  const { resource } = record;
  const kept = record.lineage.filter(
    ({ element }) => !REFUTED_ELEMENTS.some((name) => element.startsWith(name)),
  );
  const lineage = [...kept, ...refutedLineage(resource.id, codeOf(record))];
  return { ...record, resource: { ...resource, ...REFUTED }, lineage };
}

function refutation(
  { partition, resourceType, fhirId }: CurrentDocument,
  reason: LineageEntry | undefined,
): MappedRecord {
  const resource = { resourceType, id: fhirId, ...REFUTED };
  // Whatever was said when: the allergy is known, so the statement is not true.
  return { partition, resource, mode: 'link', removed: [], lineage: refutedLineage(fhirId, reason) };
}

/** By which words of a message a statement is refuted. */
const refutedLineage = (id: string, reason: LineageEntry | undefined): LineageEntry[] =>
  reason === undefined
    ? []
    : REFUTED_ELEMENTS.map((element) => ({ ...reason, resource: `AllergyIntolerance/${id}`, element }));

const codeLineage = ({ id }: Allergy, records: readonly MappedRecord[]): LineageEntry | undefined => {
  const record = records.find(({ resource }) => resource.id === id);
  return record === undefined ? undefined : codeOf(record);
};

const codeOf = ({ lineage }: MappedRecord): LineageEntry | undefined =>
  lineage.find(({ element }) => element.startsWith('AllergyIntolerance.code'));
