/** The claimed interactions, each by a request over the records of `uk-core-access.ts`. */
import type { Resource } from 'fhir/r4.js';
import { accessIdentifier, accessPatientId } from './uk-core-access.js';

export interface Asked {
  readonly interaction: string;
  readonly method: string;
  /** Below the base. */
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Resource | readonly object[];
}

const subject = { reference: `Patient/${accessPatientId}` };
const anObservation = (id?: string) => ({
  ...{ resourceType: 'Observation', ...(id === undefined ? {} : { id }), status: 'final', subject },
  code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
});
const made = 'Observation/charged';
const identifier = [{ system: 'urn:charges', value: '1' }];
const ownTag = { system: 'urn:charges', code: 'seen' };
const parameters = (name: string, value: object) => ({
  ...{ resourceType: 'Parameters', parameter: [{ name, ...value }] },
});
const request = (
  interaction: string,
  method: string,
  target: string,
  body?: Resource | readonly object[],
  headers: Readonly<Record<string, string>> = {},
): Asked => ({ interaction, method, target, headers, ...(body === undefined ? {} : { body }) });

const transactionOf = (type: string) => ({
  ...{ resourceType: 'Bundle', type },
  entry: [1, 2, 3].map(() => ({
    ...{ request: { method: 'POST', url: 'Observation' }, resource: anObservation() },
  })),
});

/** In an order in which each meets what it needs. */
export const interactions: readonly Asked[] = [
  request('capabilities', 'GET', 'metadata'),
  request('read', 'GET', `Patient/${accessPatientId}`),
  request('create', 'POST', 'Observation', anObservation()),
  request('create (conditional)', 'POST', 'Observation', { ...anObservation(), identifier } as Resource, {
    'if-none-exist': 'identifier=urn:charges|1',
  }),
  request('update (of a new record)', 'PUT', made, anObservation('charged')),
  request('update', 'PUT', made, { ...anObservation('charged'), status: 'amended' } as Resource),
  request('patch', 'PATCH', made, [{ op: 'add', path: '/note', value: [{ text: 'at rest' }] }], {
    'content-type': 'application/json-patch+json',
  }),
  request('update (conditional)', 'PUT', 'Observation?identifier=urn:charges|1', {
    ...anObservation(),
    identifier,
    status: 'amended',
  } as Resource),
  request(
    'patch (conditional)',
    'PATCH',
    'Observation?identifier=urn:charges|1',
    [{ op: 'add', path: '/note', value: [{ text: 'at rest' }] }],
    { 'content-type': 'application/json-patch+json' },
  ),
  request('delete (conditional)', 'DELETE', 'Observation?identifier=urn:charges|1'),
  request('vread', 'GET', `${made}/_history/1`),
  request('history-instance', 'GET', `${made}/_history`),
  request('history-type', 'GET', 'Observation/_history?_count=10'),
  request('delete', 'DELETE', made),
  request('search-type', 'GET', `Observation?patient=${accessPatientId}`),
  request('search-compartment', 'GET', `Patient/${accessPatientId}/Observation`),
  request('everything', 'GET', `Patient/${accessPatientId}/$everything`),
  request('provenance', 'GET', `Provenance?target=Patient/${accessPatientId}`),
  request('lastn', 'GET', `Observation/$lastn?patient=${accessPatientId}`),
  request(
    'match',
    'POST',
    'Patient/$match',
    parameters('resource', { resource: { resourceType: 'Patient', identifier: [accessIdentifier] } }),
  ),
  request('validate', 'POST', 'Observation/$validate', parameters('resource', { resource: anObservation() })),
  request('meta', 'GET', `Patient/${accessPatientId}/$meta`),
  request(
    'meta-add',
    'POST',
    `Patient/${accessPatientId}/$meta-add`,
    parameters('meta', { valueMeta: { tag: [ownTag] } }),
  ),
  request(
    'meta-delete',
    'POST',
    `Patient/${accessPatientId}/$meta-delete`,
    parameters('meta', { valueMeta: { tag: [ownTag] } }),
  ),
  request('batch', 'POST', '', transactionOf('batch')),
  request('transaction', 'POST', '', transactionOf('transaction')),
];
