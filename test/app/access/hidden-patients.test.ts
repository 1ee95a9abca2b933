/** What leads round the label of a patient: their deletion, and many links. */
import { beforeEach, expect, test } from '@jest/globals';
import type { Resource } from 'fhir/r4.js';
import { createMemoryIdentityStore } from '../../../src/adapters/memory/identity-store.js';
import { createMemoryRecordStore } from '../../../src/adapters/memory/record-store.js';
import type { Asker } from '../../../src/app/access/request-access.js';
import { aClearedSystem, anAccess } from '../../support/access.js';
import { type Api, aPatient, type Asked, send } from '../fhir/arrange.js';
import { aMinimal } from '../fhir/minimal.js';

const restricted = {
  meta: { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }] },
};
const cleared = { principal: aClearedSystem };
const notFound = { code: 'HDE_RESOURCE_NOT_FOUND' };

let api: Api;

const ask = (asked: Asked, asker: Partial<Asker> = {}) =>
  send(api, { ...asked, access: (found) => anAccess(found, asker) });
const get = (target: string, asker?: Partial<Asker>) => ask({ target }, asker);
const put = (body: Resource & { id: string }, asker?: Partial<Asker>) =>
  ask({ method: 'PUT', target: `${body.resourceType}/${body.id}`, body }, asker);

beforeEach(() => {
  api = { records: createMemoryRecordStore(), identities: createMemoryIdentityStore() };
});

test('the history of a restricted patient stays hidden when all of it is deleted', async () => {
  const about = aMinimal('Observation/a.o', { subject: { reference: 'Patient/a' } });
  await put(aPatient('a', { value: '1' }));
  await put({ ...about, id: 'a.o' });
  await put({ ...aPatient('a', { value: '1' }), ...restricted }, cleared);
  for (const target of ['Observation/a.o', 'Patient/a']) await ask({ method: 'DELETE', target }, cleared);
  for (const target of ['Observation/a.o/_history', 'Observation/a.o/_history/1', 'Patient/a/_history'])
    await expect(get(target)).rejects.toMatchObject(notFound);
  await expect(get('Observation/a.o')).rejects.toMatchObject(notFound);
  expect((await get('Observation/_history')).resource).not.toHaveProperty('entry');
  expect((await get('Observation/a.o/_history', cleared)).resource).toMatchObject({ total: 2 });
});

test.each([
  ['the last of many', 30],
  ['one of too many', 201],
])('who is linked with somebody restricted is hidden: %s', async (_, count) => {
  const others = Array.from({ length: count }, (_, n) => `p${n}`);
  const link = others.map((id) => ({ type: 'seealso', other: { reference: `Patient/${id}` } }));
  const last = others.at(-1) ?? '';
  await put({ ...aPatient(last, { value: 'last' }), ...restricted }, cleared);
  await put({ ...aPatient('a', { value: '1' }), link } as Resource & { id: string }, cleared);
  await expect(get('Patient/a')).rejects.toMatchObject(notFound);
  expect((await get('Patient/a', cleared)).status).toBe(200);
});
