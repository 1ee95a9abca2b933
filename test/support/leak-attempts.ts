/** Requests by which somebody who may write, or errs, might learn of a restricted patient. */
import type { Probe } from './leak-probes.js';
import type { MarkedPerson } from './marked-people.js';

const restricted = { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' };

const write = (
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Probe => ({
  ...{ method, path: `/fhir/${path}`, interaction: 'write', body },
  headers: { 'content-type': 'application/fhir+json', prefer: 'return=representation', ...headers },
});

/** Writes about a person, by the id of their Patient and by their NHS number. */
export function attemptsToWrite({ word, nhsNumber }: MarkedPerson, id: string): readonly Probe[] {
  const identifier = { system: 'https://fhir.nhs.uk/Id/nhs-number', value: nhsNumber };
  const criteria = `identifier=${encodeURIComponent(`${identifier.system}|${nhsNumber}`)}`;
  const patient = { resourceType: 'Patient', id, identifier: [identifier] };
  const note = {
    resourceType: 'Observation',
    status: 'final',
    code: { text: 'x' },
    subject: { reference: `Patient/${id}` },
  };
  const labels = {
    resourceType: 'Parameters',
    parameter: [{ name: 'meta', valueMeta: { security: [restricted] } }],
  };
  const patch = [{ op: 'add', path: '/active', value: false }];
  const entry = [
    {
      resource: { ...note, subject: { reference: `Patient?${criteria}` } },
      request: { method: 'POST', url: 'Observation' },
    },
  ];
  return [
    write('PUT', `Patient/${id}`, patient),
    write('PUT', `Patient?${criteria}`, { ...patient, id: undefined }),
    write('PATCH', `Patient/${id}`, patch, { 'content-type': 'application/json-patch+json' }),
    write('PATCH', `Patient?${criteria}`, patch, { 'content-type': 'application/json-patch+json' }),
    write('DELETE', `Patient/${id}`),
    write('DELETE', `Patient?${criteria}`),
    write('DELETE', `Observation?patient=Patient/${id}`),
    write('POST', 'Observation', note),
    write('POST', 'Observation', note, {
      'if-none-exist': `code=${word.toUpperCase()}C&patient=Patient/${id}`,
    }),
    write('POST', 'Patient', { ...patient, id: undefined }, { 'if-none-exist': criteria }),
    write('POST', `Patient/${id}/$meta-add`, labels),
    write('POST', `Patient/${id}/$meta-delete`, labels),
    ...['batch', 'transaction'].map((type) => write('POST', '', { resourceType: 'Bundle', type, entry })),
  ];
}

/** Requests that are wrong in what they say of a person. */
export function wrongRequests({ word, nhsNumber }: MarkedPerson): readonly Probe[] {
  const interaction = 'error';
  const paths = [
    ...['/fhir/Patient', '/fhir', '/fhir/Observation'],
    ...['/triage/search', '/audit/search', '/replay/preview'],
  ];
  const bodies = [
    `{"${word}":1,"${word}":2}`,
    `{"resourceType":"${word}"`,
    `{"resourceType":"Patient","${word} ${nhsNumber}":1}`,
    `"${word}"`,
  ];
  const types = ['application/fhir+json', 'application/json'];
  return [
    ...paths.flatMap((path) =>
      bodies.flatMap((body) =>
        types.map((type) => ({
          ...{ method: 'POST', path, interaction, body },
          headers: { 'content-type': type },
        })),
      ),
    ),
    {
      ...{ method: 'POST', path: '/fhir/Patient', interaction },
      body: `<Patient xmlns="http://hl7.org/fhir"><${word}/><birthDate value="${word}"/></Patient>`,
      headers: { 'content-type': 'application/fhir+xml' },
    },
    ...[
      `/fhir/Patient?birthdate=${word}`,
      `/fhir/Patient?_sort=${word}`,
      `/fhir/Observation?code:${word}=1`,
      `/fhir/Patient/${word}/${word}`,
      `/Patient/${word}`,
      `/Patient?${word}=${word}`,
      `/${word}/${word}`,
      `/ingest/receipts/${word}`,
    ].map((path) => ({ method: 'GET', path, interaction })),
  ];
}
