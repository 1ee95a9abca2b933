/** Every question of the FHIR API and its faces that might tell of a person: by id, by each search parameter, by what they are. */
import parameters from '../../src/core/fhir/search/r4-parameters.json' with { type: 'json' };
import { fhirRoutes } from '../../src/core/fhir/interactions.js';
import type { MarkedPerson } from './marked-people.js';

export interface Probe {
  readonly method: string;
  /** Below the address of the exchange, encoded. */
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** How the API names what is asked for. */
  readonly interaction: string;
}

/** What was stored about a person. */
export interface StoredRecord {
  readonly resourceType: string;
  readonly id: string;
}

interface Parameter {
  readonly code: string;
  readonly type: string;
}

const at = (interaction: string, path: string): Probe => ({
  method: 'GET',
  path: `/fhir/${path}`,
  interaction,
});
const post = (interaction: string, path: string, body: unknown): Probe => ({
  ...{ method: 'POST', path: `/fhir/${path}`, interaction, body },
  headers: { 'content-type': 'application/fhir+json' },
});
const postForm = (interaction: string, path: string, body: string): Probe => ({
  ...{ method: 'POST', path: `/fhir/${path}`, interaction, body },
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
});

/** A value of each kind of parameter that fits the person. */
const valuesOf = (person: MarkedPerson, patient: string): Readonly<Record<string, readonly string[]>> => ({
  string: [person.word, `2 ${person.word}`],
  token: [`${person.word.toUpperCase()}C`, `${person.word.toUpperCase()}DX`, person.nhsNumber, 'final'],
  reference: [`Patient/${patient}`],
  date: [person.birthDate, 'gt1900-01-01'],
  quantity: ['4217.25'],
  special: ['51.5|-0.1'],
  number: ['gt0'],
  uri: [`urn:${person.word}`],
  composite: [`${person.word.toUpperCase()}C$${person.word}`],
});

/** Those of one record by its id. */
function probesOfRecord({ resourceType: type, id }: StoredRecord): Probe[] {
  const own = `${type}/${id}`;
  return [
    at('read', own),
    at('read', `${own}?_elements=id`),
    at('read', `${own}?_summary=true`),
    { ...at('read', own), method: 'HEAD' },
    { ...at('read', own), headers: { 'if-none-match': 'W/"1"' } },
    { ...at('read', own), headers: { accept: 'application/fhir+xml' } },
    at('vread', `${own}/_history/1`),
    at('history-instance', `${own}/_history`),
    at('meta', `${own}/$meta`),
    post('meta', `${own}/$meta`, {}),
    at('validate', `${own}/$validate`),
    at('provenance', `Provenance?target=${own}`),
    at('search-type', `${type}?_id=${id}`),
    at('search-type', `${type}?_id=${id}&_total=accurate&_summary=count`),
    ...(type === 'Patient'
      ? [
          at('everything', `${own}/$everything`),
          post('everything', `${own}/$everything`, { resourceType: 'Parameters' }),
        ]
      : []),
  ];
}

/** Those of a type that the person has records of. */
function probesOfType(type: string, person: MarkedPerson, patient: string): Probe[] {
  const values = valuesOf(person, patient);
  const own = (parameters as Readonly<Record<string, readonly Parameter[]>>)[type] ?? [];
  const link = own.find(({ code }) => code === 'patient') === undefined ? undefined : 'patient';
  const searches = own.flatMap(({ code, type: kind }) =>
    (values[kind] ?? []).flatMap((value) => {
      const criterion = `${code}=${encodeURIComponent(value)}`;
      return [criterion, ...(link === undefined ? [] : [`${link}=Patient/${patient}&${criterion}`])];
    }),
  );
  const narrow = link === undefined ? `_id=${patient}` : `${link}=Patient/${patient}`;
  return [
    ...searches.map((query) => at('search-type', `${type}?${query}`)),
    ...[
      '_total=accurate',
      '_summary=count',
      '_sort=-_lastUpdated',
      '_count=1',
      '_elements=id',
      '_security=R',
    ].map((more) => at('search-type', `${type}?${narrow}&${more}`)),
    ...['_include=*', '_revinclude=*', '_include:iterate=*'].map((more) =>
      at('search-type', `${type}?${narrow}&${more}`),
    ),
    at('search-type', `${type}?_total=accurate`),
    at('history-type', `${type}/_history`),
    at('history-type', `${type}/_history?_count=100&_since=2000-01-01`),
    at('meta', `${type}/$meta`),
    postForm('search-type', `${type}/_search`, narrow),
    ...(link === undefined
      ? []
      : [
          at('search-type', `${type}?patient.identifier=${person.nhsNumber}`),
          at('search-type', `${type}?patient:Patient.name=${person.word}`),
          at('search-type', `${type}?patient.birthdate=${person.birthDate}`),
          at('search-type', `Patient?_has:${type}:patient:_id=${patient}`),
          at('search-type', `Patient?_has:${type}:patient:code=${person.word.toUpperCase()}C`),
          at('search-type', `Patient?_id=${patient}&_revinclude=${type}:patient`),
          at('search-type', `${type}?${narrow}&_include=${type}:patient`),
          at('search-compartment', `Patient/${patient}/${type}`),
          postForm('search-compartment', `Patient/${patient}/${type}/_search`, '_total=accurate'),
        ]),
  ];
}

/** All of them. */
export function probesAbout(
  person: MarkedPerson,
  patient: string,
  records: readonly StoredRecord[],
): readonly Probe[] {
  const types = [...new Set(records.map(({ resourceType }) => resourceType))];
  const word = person.word.toUpperCase();
  const patientAsked = {
    resourceType: 'Patient',
    identifier: [{ system: 'https://fhir.nhs.uk/Id/nhs-number', value: person.nhsNumber }],
    name: [{ family: `${person.word}family` }],
    birthDate: person.birthDate,
  };
  const questions = [
    ...records.flatMap(probesOfRecord),
    ...types.flatMap((type) => probesOfType(type, person, patient)),
    at('meta', '$meta'),
    post('meta', '$meta', {}),
    at('lastn', `Observation/$lastn?patient=Patient/${patient}&category=laboratory`),
    at('lastn', `Observation/$lastn?patient=Patient/${patient}&code=${word}C`),
    postForm('lastn', 'Observation/$lastn', `patient=Patient/${patient}`),
    post('match', 'Patient/$match', {
      resourceType: 'Parameters',
      parameter: [
        { name: 'resource', resource: patientAsked },
        { name: 'onlyCertainMatches', valueBoolean: false },
      ],
    }),
    post('validate', 'Patient/$validate', patientAsked),
  ];
  const faces: Probe[] = [
    `Patient/${person.nhsNumber}`,
    `Patient?family=${person.word}family`,
    `Patient?identifier=${person.nhsNumber}`,
    `Patient?birthdate=${person.birthDate}&family=${person.word}family`,
    `Patient?address-postalcode=${encodeURIComponent(person.postcode)}&family=${person.word}family`,
  ].map((path) => ({ method: 'GET', path: `/${path}`, interaction: 'face' }));
  return [...questions, ...batchesOf(questions), ...faces];
}

/** The same questions again, twenty to a Bundle. */
function batchesOf(questions: readonly Probe[]): Probe[] {
  const gets = questions.filter(({ method, headers }) => method === 'GET' && headers === undefined);
  const batches: Probe[] = [];
  for (let start = 0; start < gets.length; start += 20) {
    const entry = gets
      .slice(start, start + 20)
      .map(({ path }) => ({ request: { method: 'GET', url: path.slice('/fhir/'.length) } }));
    batches.push(post('transaction', '', { resourceType: 'Bundle', type: 'batch', entry }));
  }
  return batches;
}

/** Interactions that tell of what is stored; the others are asked for by who writes. */
export const readingInteractions: readonly string[] = [
  ...new Set(fhirRoutes.map(({ interaction }) => interaction)),
].filter(
  (name) =>
    !['capabilities', 'create', 'update', 'patch', 'delete', 'meta-add', 'meta-delete'].includes(name),
);
