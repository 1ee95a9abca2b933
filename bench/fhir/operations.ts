/** What is measured. */
import type { RequestParts } from './connection.js';
import type { Operation } from './compare.js';
import { anObservation, aTransaction, codes, patientIdOf } from './population.js';
import { patients } from './sizes.js';

const json = 'application/fhir+json';

/** Medplum's repository knows a patient by the reference only. */
const searchOf = (contender: string, id: string, n: number): string =>
  contender === 'medplum'
    ? `/fhir/Observation?subject=Patient/${id}&_count=50`
    : `/fhir/Observation?patient=${id}&code=${codes[n % codes.length] ?? ''}`;

const scattered = (n: number): string => patientIdOf((n * 7) % patients);

/** Requests with a token; the echo and Medplum do not look at it. */
export function operations(token: string, ids: (n: number) => string = scattered): readonly Operation[] {
  const headers = { authorization: `Bearer ${token}`, accept: json };
  const get = (path: string): RequestParts => ({ method: 'GET', path, headers });
  const post = (path: string, body: object): RequestParts => ({
    ...{ method: 'POST', path, headers: { ...headers, 'content-type': json }, body: JSON.stringify(body) },
  });
  return [
    { name: 'read', status: 200, request: (_, n) => get(`/fhir/Patient/${ids(n)}`) },
    { name: 'search', status: 200, request: (contender, n) => get(searchOf(contender, ids(n), n)) },
    { name: 'create', status: 201, request: (_, n) => post('/fhir/Observation', anObservation(ids(n), n)) },
    { name: 'transaction', status: 200, request: (_, n) => post('/fhir', aTransaction(ids(n), n)) },
  ];
}
