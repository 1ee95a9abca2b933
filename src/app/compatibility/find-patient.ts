import type { Bundle, Patient } from 'fhir/r4.js';
import { ExchangeError } from '../../core/errors.js';
import type { ParameterPair } from '../../core/fhir/bundle.js';
import { parseReference } from '../../core/fhir/references.js';
import { NHS_NUMBER_SYSTEM, type NhsNumber } from '../../core/identity/nhs-number.js';
import type { SearchDependencies } from '../fhir/answer-search.js';
import type { FhirDependencies } from '../fhir/fhir-answer.js';
import { searchResources } from '../fhir/search-resources.js';

/** A number has one patient, and those that it was taken from by mistake; more than a few are a fault worth a look. */
const mostMatches = 20;
/** Merges form chains, which end. */
const longestChain = 20;

/**
 * The patient who has an NHS number: of those that were merged, the one that stands.
 *
 * @throws ExchangeError HDE_RESOURCE_NOT_FOUND, or HDE_PATIENTS_SEVERAL when it is not one person: to choose one of them
 * could show the record of somebody else
 */
export async function findPatientByNhsNumber(deps: FhirDependencies, number: NhsNumber): Promise<Patient> {
  const token = `${NHS_NUMBER_SYSTEM}|${number}`;
  const { documents } = await deps.records.findByIdentifier('Patient', token, { limit: mostMatches });
  return onePatient(
    deps,
    documents.map(({ resource }) => resource as Patient),
  );
}

/**
 * The patient whom a search finds.
 *
 * @throws ExchangeError as `findPatientByNhsNumber` and `searchResources` do
 */
export async function findPatientBySearch(
  deps: SearchDependencies,
  criteria: readonly ParameterPair[],
): Promise<Patient> {
  const parameters: ParameterPair[] = [...criteria, ['_count', String(mostMatches)]];
  const { resource } = await searchResources(deps, {
    type: 'Patient',
    parameters,
    prefer: 'handling=strict',
  });
  const { entry = [], link = [] } = resource as Bundle;
  // Whoever is on the next page may be somebody else.
  if (link.some(({ relation }) => relation === 'next')) throw new ExchangeError('HDE_PATIENTS_SEVERAL');
  const matches = entry.filter(({ search }) => search?.mode === 'match');
  return onePatient(
    deps,
    matches.map((each) => each.resource as Patient),
  );
}

/**
 * The one person whom all of these patients are, as the patient that stands.
 *
 * @throws ExchangeError HDE_RESOURCE_NOT_FOUND for none, HDE_PATIENTS_SEVERAL for more than one
 */
export async function onePatient(deps: FhirDependencies, found: readonly Patient[]): Promise<Patient> {
  const standing = new Map<string, Patient>();
  for (const patient of found) {
    const last = await successorOf(deps, patient);
    standing.set(last.id ?? '', last);
  }
  const [only, another] = standing.values();
  if (only === undefined) throw new ExchangeError('HDE_RESOURCE_NOT_FOUND');
  if (another !== undefined) throw new ExchangeError('HDE_PATIENTS_SEVERAL');
  return only;
}

/** Who took the place of a patient in the end (FHIR R4 section 8.1.4, `replaced-by`); without a link the patient. */
async function successorOf({ records, baseUrl }: FhirDependencies, patient: Patient): Promise<Patient> {
  let last = patient;
  for (let step = 0; step < longestChain; step += 1) {
    const link = last.link?.find(({ type }) => type === 'replaced-by');
    const next = parseReference(link?.other.reference ?? '', baseUrl);
    const document = next === undefined ? undefined : await records.readCurrent('Patient', next.id);
    if (document === undefined) return last;
    last = document.resource as Patient;
  }
  return last;
}
