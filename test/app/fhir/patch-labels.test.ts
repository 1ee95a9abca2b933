/** Labels by which access is restricted, and narratives, go when a client says so, and not in passing. */
import { beforeEach, expect, test } from '@jest/globals';
import type { Resource } from 'fhir/r4.js';
import { createMemoryIdentityStore } from '../../../src/adapters/memory/identity-store.js';
import { createMemoryRecordStore } from '../../../src/adapters/memory/record-store.js';
import { aClearedSystem, anAccess } from '../../support/access.js';
import { type Api, aPatient, type Asked, send } from './arrange.js';

const restricted = { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' };
const other = { system: 'urn:labels', code: 'X' };

let api: Api;
const access: NonNullable<Asked['access']> = (records) => anAccess(records, { principal: aClearedSystem });

beforeEach(async () => {
  api = { records: createMemoryRecordStore(), identities: createMemoryIdentityStore() };
  await put({ ...aPatient('p'), meta: { security: [restricted, other], tag: [{ code: 't' }] } });
});

const put = (body: Resource) => send(api, { method: 'PUT', target: 'Patient/p', body, access });

const patch = (body: NonNullable<Asked['body']>, contentType: string) =>
  send(api, {
    ...{ method: 'PATCH', target: 'Patient/p', headers: { 'content-type': contentType }, body, access },
  });

async function labels(): Promise<unknown> {
  const { resource } = await send(api, { target: 'Patient/p', access });
  return { security: resource?.meta?.security, tag: resource?.meta?.tag };
}

test('a JSON Patch that removes a label removes it, and nothing else', async () => {
  await patch([{ op: 'remove', path: '/meta/security/0' }], 'application/json-patch+json');
  expect(await labels()).toEqual({ security: [other], tag: [{ code: 't' }] });
});

test('a FHIRPath Patch that deletes a label removes it', async () => {
  const part = [
    { name: 'type', valueCode: 'delete' },
    { name: 'path', valueString: `Patient.meta.security.where(code = 'R')` },
  ];
  const body = { resourceType: 'Parameters', parameter: [{ name: 'operation', part }] } as Resource;
  await patch(body, 'application/fhir+json');
  expect(await labels()).toEqual({ security: [other], tag: [{ code: 't' }] });
});

test('a patch of something else, and an update without labels, keep them', async () => {
  const before = await labels();
  await patch([{ op: 'add', path: '/language', value: 'en' }], 'application/json-patch+json');
  expect(await labels()).toEqual(before);
  await put({ ...aPatient('p'), language: 'cy' });
  expect(await labels()).toEqual(before);
});

test('a patch of the data leaves out the narrative that was made of them', async () => {
  const text = { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">A woman.</div>' };
  await put({ ...aPatient('p'), gender: 'female', text } as Resource);
  const { resource } = await patch(
    [{ op: 'replace', path: '/gender', value: 'male' }],
    'application/json-patch+json',
  );
  expect(resource).toMatchObject({ gender: 'male' });
  expect(resource).not.toHaveProperty('text');
});
