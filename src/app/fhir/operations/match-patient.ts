import type { Bundle, BundleEntry, Identifier, Patient } from 'fhir/r4.js';
import { ExchangeError, type Issue } from '../../../core/errors.js';
import { searchsetBundle } from '../../../core/fhir/bundle.js';
import { gradeMatch, type MatchGrade, matchScores } from '../../../core/fhir/grade-matches.js';
import { indexEntryOf } from '../../../core/fhir/search-index.js';
import { fieldsOf, listOf, textOf } from '../../../core/fhir/search/shapes.js';
import { NHS_NUMBER_SYSTEM, parseNhsNumber } from '../../../core/identity/nhs-number.js';
import { answerWith, type FhirAnswer, type FhirDependencies } from '../fhir-answer.js';
import { areOnePerson } from '../link-set.js';
import { requireShape } from '../write-request.js';
import {
  countOf,
  flagOf,
  type OperationRequest,
  readInput,
  requireKnown,
  statedResource,
} from './operation-request.js';

/** Identifiers of a person that are looked for, and patients who may have each. */
const most = { identifiers: 20, patients: 20 } as const;

const gradeExtension = 'http://hl7.org/fhir/StructureDefinition/match-grade';

/**
 * Finds the patient who is described (R4 operation Patient-match), by exact identifiers: the NHS number, or a system and
 * a value. Names and dates find nobody; they only make a match less sure. The best match comes first.
 *
 * @throws ExchangeError HDE_REQUEST_INVALID for no Patient, HDE_SEARCH_PARAMETER for parameters that are refused,
 * HDE_SEARCH_UNSELECTIVE for a Patient without an identifier
 */
export async function matchPatient(deps: FhirDependencies, request: OperationRequest): Promise<FhirAnswer> {
  const input = await readInput(request);
  requireKnown(input, ['resource', 'onlyCertainMatches', 'count']);
  const sought = statedResource(input);
  if (sought?.resourceType !== 'Patient')
    throw new ExchangeError('HDE_REQUEST_INVALID', { location: 'resource', detail: 'a Patient' });
  await requireShape({ resource: sought });
  const isOnlyCertain = flagOf(input, 'onlyCertainMatches');
  const count = countOf(input, 'count');
  const identifiers = usableIdentifiers(sought);
  if (identifiers.length === 0)
    throw new ExchangeError('HDE_SEARCH_UNSELECTIVE', {
      location: 'Patient.identifier',
      detail: 'Give an NHS number, or an identifier with its system and value.',
    });
  const patients = await patientsWith(deps, identifiers);
  const matches = await graded(deps, { ...(sought as Patient), identifier: identifiers }, patients);
  const certain = isOnlyCertain ? matches.filter(({ grade }) => grade === 'certain') : matches;
  return answerWith(matchBundle(deps, certain.slice(0, count)));
}

/** The identifiers that can find somebody, the NHS number without its spaces. */
function usableIdentifiers(sought: object): Identifier[] {
  const usable = listOf((sought as Partial<Patient>).identifier).flatMap((each): Identifier[] => {
    const fields = fieldsOf(each);
    const [system, value] = [textOf(fields?.['system']), textOf(fields?.['value'])];
    if (system === undefined || value === undefined) return [];
    if (system !== NHS_NUMBER_SYSTEM) return [{ system, value }];
    const number = parseNhsNumber(value);
    return number === undefined ? [] : [{ system, value: number }];
  });
  return usable.slice(0, most.identifiers);
}

async function patientsWith(
  { records }: FhirDependencies,
  identifiers: readonly Identifier[],
): Promise<readonly Patient[]> {
  const found = new Map<string, Patient>();
  for (const { system, value = '' } of identifiers) {
    const token = indexEntryOf({ system, value });
    const { documents } = await records.findByIdentifier('Patient', token, { limit: most.patients });
    for (const { fhirId, resource } of documents) found.set(fhirId, resource as Patient);
  }
  return [...found.values()];
}

interface Match {
  readonly patient: Patient;
  readonly grade: MatchGrade;
}

async function graded(
  deps: FhirDependencies,
  sought: Patient,
  patients: readonly Patient[],
): Promise<readonly Match[]> {
  const others = !(await areOnePerson(
    deps,
    patients.map(({ id = '' }) => id),
  ));
  return patients
    .map((patient) => ({ patient, grade: gradeMatch(sought, patient, others) }))
    .sort((a, b) => matchScores[b.grade] - matchScores[a.grade]);
}

const onlyIdentifiers: Issue = {
  code: 'HDE_RESULT_INCOMPLETE',
  severity: 'information',
  location: 'Patient.identifier',
  detail: 'Patients are found by exact identifiers; names, dates and addresses find nobody.',
};

function matchBundle({ baseUrl }: FhirDependencies, matches: readonly Match[]): Bundle {
  const { entry = [], ...bundle } = searchsetBundle({
    baseUrl,
    path: 'Patient/$match',
    parameters: [],
    total: matches.length,
    matches: matches.map(({ patient }) => patient),
    issues: [onlyIdentifiers],
  });
  return { ...bundle, entry: entry.map((each, index) => withGrade(each, matches[index]?.grade)) };
}

function withGrade(entry: BundleEntry, grade: MatchGrade | undefined): BundleEntry {
  if (grade === undefined) return entry;
  const extension = [{ url: gradeExtension, valueCode: grade }];
  return { ...entry, search: { extension, mode: 'match', score: matchScores[grade] } };
}
