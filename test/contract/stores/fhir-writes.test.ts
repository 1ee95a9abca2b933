/** Writes through the FHIR API at the same moment, over the Cosmos DB endpoint with the real SDK. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Bundle, Resource } from 'fhir/r4.js';
import { type Api, aPatient, type Asked, mrn, send } from '../../app/fhir/arrange.js';
import { aMinimal } from '../../app/fhir/minimal.js';
import { openFhirApi } from './open-fhir-api.js';

let api: Api;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ api, close } = await openFhirApi());
}, 60_000);

afterAll(() => close(), 60_000);

const put = (body: Resource, headers: Asked['headers'] = {}) =>
  send(api, { method: 'PUT', target: `${body.resourceType}/${body.id ?? ''}`, headers, body });

const crowd = 200;

/** How many of many requests at the same moment were answered, and with what the others were refused. */
async function outcomes(ask: (index: number) => Promise<unknown>) {
  const results = await Promise.allSettled(Array.from({ length: crowd }, (_, index) => ask(index)));
  const refusals = results.flatMap((result) =>
    result.status === 'rejected' ? [(result.reason as { code?: string }).code] : [],
  );
  return { answered: crowd - refusals.length, refusals: [...new Set(refusals)] };
}

test('of 200 updates of one version at the same moment exactly one wins', async () => {
  await put(aPatient('p1', { value: '1' }));
  const update = (index: number) =>
    put({ ...aPatient('p1', { value: '1' }), language: `x-${index}` }, { 'if-match': 'W/"1"' });
  expect(await outcomes(update)).toEqual({ answered: 1, refusals: ['HDE_PRECONDITION_FAILED'] });
  const bundle = (await send(api, { target: 'Patient/p1/_history' })).resource as Bundle;
  expect(bundle.total).toBe(2);
}, 120_000);

test('of 200 creations of one patient at the same moment exactly one wins', async () => {
  const create = () => send(api, { method: 'POST', target: 'Patient', body: aPatient('x', { value: '2' }) });
  expect(await outcomes(create)).toEqual({ answered: 1, refusals: ['HDE_PATIENT_DUPLICATE'] });
}, 120_000);

test('200 conditional creations of one thing at the same moment create one, and all are told which', async () => {
  await put(aPatient('c'));
  const identifier = [{ system: 'urn:lab', value: '4711' }];
  const body = aMinimal('Observation/x', { subject: { reference: 'Patient/c' }, identifier });
  const headers = { 'if-none-exist': 'identifier=urn:lab|4711' };
  const answers = await Promise.all(
    Array.from({ length: crowd }, () => send(api, { method: 'POST', target: 'Observation', headers, body })),
  );
  expect(new Set(answers.map(({ resource }) => resource?.id)).size).toBe(1);
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  const { documents } = await api.records.listPartition('c', 'Observation', { limit: 9 });
  expect(documents).toHaveLength(1);
}, 120_000);

test('200 conditional creations of one patient at the same moment create one', async () => {
  const headers = { 'if-none-exist': `identifier=${mrn}|3` };
  const body = aPatient('x', { value: '3' });
  const answers = await Promise.all(
    Array.from({ length: crowd }, () => send(api, { method: 'POST', target: 'Patient', headers, body })),
  );
  expect(new Set(answers.map(({ resource }) => resource?.id)).size).toBe(1);
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
}, 120_000);

test('of 200 creations of one id about two patients exactly one wins', async () => {
  await put(aPatient('a'));
  await put(aPatient('b'));
  const create = (index: number) =>
    put(aMinimal('Observation/o', { subject: { reference: `Patient/${index % 2 === 0 ? 'a' : 'b'}` } }), {
      'if-none-match': '*',
    });
  const { answered, refusals } = await outcomes(create);
  expect(answered).toBe(1);
  const expected = /PRECONDITION_FAILED|ID_TAKEN|PATIENT_CHANGED/;
  expect(refusals.filter((code) => !expected.test(code ?? ''))).toEqual([]);
}, 120_000);

test('updates at the same moment without a version follow one another', async () => {
  await put(aPatient('p3'));
  const results = await Promise.all(
    Array.from({ length: 5 }, (_, index) => put({ ...aPatient('p3'), language: `x-${index}` })),
  );
  const etags = results.map(({ headers }) => headers['etag']).sort();
  expect(etags).toEqual(['W/"2"', 'W/"3"', 'W/"4"', 'W/"5"', 'W/"6"']);
}, 60_000);

test('a record is created, updated, patched, deleted and remembered', async () => {
  await put(aPatient('p4'));
  const observation = aMinimal('Observation/mine', { subject: { reference: 'Patient/p4' } });
  expect((await put(observation)).status).toBe(201);
  await put({ ...observation, language: 'en' });
  await send(api, {
    method: 'PATCH',
    target: 'Observation/mine',
    headers: { 'content-type': 'application/json-patch+json' },
    body: [{ op: 'replace', path: '/language', value: 'cy' }],
  });
  expect((await send(api, { method: 'DELETE', target: 'Observation/mine' })).status).toBe(204);
  await expect(send(api, { target: 'Observation/mine' })).rejects.toMatchObject({
    code: 'HDE_RESOURCE_DELETED',
  });
  const bundle = (await send(api, { target: 'Observation/mine/_history' })).resource as Bundle;
  expect(bundle.entry?.map(({ request, resource }) => [request?.method, resource?.language])).toEqual([
    ['DELETE', undefined],
    ['PUT', 'cy'],
    ['PUT', 'en'],
    ['PUT', undefined],
  ]);
});
