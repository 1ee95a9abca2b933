/** The route of the FHIR API with all that the edge does, over stores in memory. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Patient } from 'fhir/r4.js';
import { createMemoryAuditStore } from '../../src/adapters/memory/audit-store.js';
import { createMemoryGovernanceStore } from '../../src/adapters/memory/governance-store.js';
import { createMemoryIdentityStore } from '../../src/adapters/memory/identity-store.js';
import { createMemoryRecordStore } from '../../src/adapters/memory/record-store.js';
import { auditTrail } from '../../src/app/audit/audit-trail.js';
import type { Role } from '../../src/core/governance/access.js';
import { readConfig } from '../../src/platform/config.js';
import { createContainer, useContainer } from '../../src/platform/container.js';
import { fhirRoute } from '../../src/platform/fhir.js';
import { httpEdge } from '../../src/platform/http.js';
import { securityHeaders } from '../../src/platform/security-headers.js';
import type { RecordStore } from '../../src/ports/record-store.js';
import { aPatient, aResource, asCurrent, store } from '../app/fhir/arrange.js';
import { aPrincipal } from '../support/principals.js';

const { Values: settings } = JSON.parse(readFileSync('local.settings.sample.json', 'utf8')) as {
  Values: Record<string, string>;
};

const logged: Record<string, unknown>[] = [];
const log = (line: string) => {
  logged.push(JSON.parse(line) as Record<string, unknown>);
};
const answer = httpEdge(fhirRoute);
let records: RecordStore;

beforeEach(async () => {
  logged.length = 0;
  records = createMemoryRecordStore();
  const identities = createMemoryIdentityStore();
  const governance = createMemoryGovernanceStore();
  await store(records, asCurrent(aPatient('a')));
  // A token is the list of its roles.
  const verify = (token: string) => Promise.resolve(aPrincipal(token.split(',') as Role[]));
  const container = createContainer(readConfig(settings));
  const trail = auditTrail({ audit: createMemoryAuditStore(), clock: container.clock, shard: '00' });
  useContainer({
    ...container,
    auditTrail: () => Promise.resolve(trail),
    records: () => Promise.resolve(records),
    identities: () => Promise.resolve(identities),
    governance: () => Promise.resolve(governance),
    verifyToken: () => Promise.resolve(verify),
  });
});

function ask(
  target: string,
  headers: Readonly<Record<string, string>> = { authorization: 'Bearer reader' },
  { method = 'GET', body }: { readonly method?: string; readonly body?: string } = {},
) {
  const request = new Request(`http://exchange.example${target}`, { method, headers, body: body ?? null });
  return answer(request, { info: log, warn: log, error: log });
}

const bodyOf = (answered: Awaited<ReturnType<typeof ask>>) =>
  JSON.parse(answered.body as string) as Record<string, unknown>;

describe('a read', () => {
  test('is answered with the record, its version, and what caches may do with it', async () => {
    const answered = await ask('/fhir/Patient/a');
    expect(answered.status).toBe(200);
    expect(bodyOf(answered)).toMatchObject({ resourceType: 'Patient', id: 'a' });
    expect(answered.headers).toEqual({
      ...securityHeaders,
      ...{ etag: 'W/"1"', 'last-modified': 'Wed, 25 Nov 2026 09:00:01 GMT' },
      ...{ 'cache-control': 'no-store', vary: 'Accept, Accept-Encoding' },
      'content-type': 'application/fhir+json; charset=utf-8',
    });
  });

  test('leaves one line in the log, without the address', async () => {
    await ask('/fhir/Patient/a');
    expect(logged).toMatchObject([
      { event: 'http-request', route: 'fhir/{*path}', method: 'GET', httpStatus: 200 },
    ]);
    expect(JSON.stringify(logged)).not.toContain('Patient/a');
  });

  test('by HEAD has the same headers and no body', async () => {
    const [full, head] = [
      await ask('/fhir/Patient/a'),
      await ask('/fhir/Patient/a', undefined, { method: 'HEAD' }),
    ];
    expect(head.body).toBeUndefined();
    expect(head.headers).toEqual(full.headers);
  });

  test('of the version that the client holds has no body', async () => {
    const headers = { authorization: 'Bearer reader', 'if-none-match': 'W/"1"' };
    const answered = await ask('/fhir/Patient/a', headers);
    expect(answered).toMatchObject({ status: 304, headers: { etag: 'W/"1"' } });
    expect(answered.body).toBeUndefined();
  });

  test.each(['?_format=xml', '?_format=application%2Ffhir%2Bxml', '?_pretty=true&_format=xml#part'])(
    'obeys its parameters: %s',
    async (query) => {
      const answered = await ask(`/fhir/Patient/a${query}`);
      expect(answered.headers?.['content-type']).toBe('application/fhir+xml; charset=utf-8');
      expect(answered.body).toContain('<Patient xmlns="http://hl7.org/fhir">');
    },
  );

  test('is compressed for who takes it, where that pays', async () => {
    await store(records, asCurrent(aResource('Patient/b', { name: [{ text: 'Amara '.repeat(400) }] })));
    const headers = { authorization: 'Bearer reader', 'accept-encoding': 'gzip' };
    expect((await ask('/fhir/Patient/a', headers)).headers).not.toHaveProperty('content-encoding');
    const answered = await ask('/fhir/Patient/b', headers);
    expect(answered.headers).toMatchObject({ 'content-encoding': 'gzip' });
    expect(JSON.parse(gunzipSync(answered.body as Buffer).toString())).toMatchObject({ id: 'b' });
  });
});

describe('who asks', () => {
  test.each([undefined, 'reader', 'Basic reader', 'Bearer', 'Bearer reader more'])(
    'is told to send a token: %s',
    async (authorization) => {
      const answered = await ask('/fhir/Patient/a', authorization === undefined ? {} : { authorization });
      expect(answered.status).toBe(401);
      expect(answered.headers).toMatchObject({ 'www-authenticate': 'Bearer' });
    },
  );

  test.each(['Bearer reader', 'bearer  reader', 'BEARER reader '])(
    'is known by %j',
    async (authorization) => {
      expect((await ask('/fhir/Patient/a', { authorization })).status).toBe(200);
    },
  );

  test('may read what is served without a token, and nothing else by its name', async () => {
    const statuses = ['/fhir/metadata', '/fhir/Patient/metadata', '/fhir/metadata/a'].map(
      async (target) => (await ask(target, {})).status,
    );
    expect(await Promise.all(statuses)).toEqual([200, 401, 401]);
  });

  test('needs the role for what is asked', async () => {
    const body = JSON.stringify({ resourceType: 'Patient' });
    const write = { method: 'POST', body };
    const asked = [
      ask('/fhir/Patient/a', { authorization: 'Bearer writer' }),
      ask('/fhir/Patient', { authorization: 'Bearer reader' }, write),
    ];
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([403, 403]);
  });
});

test('a create is written with the address by which the client came', async () => {
  const headers = { authorization: 'Bearer reader,writer', 'content-type': 'application/fhir+json' };
  const body = JSON.stringify({ resourceType: 'Patient', name: [{ family: 'Adeyemi' }] });
  const answered = await ask('/fhir/Patient', headers, { method: 'POST', body });
  expect(answered.status).toBe(201);
  const { id = '' } = bodyOf(answered) as Partial<Patient>;
  expect(answered.headers?.['location']).toBe(`http://exchange.example/fhir/Patient/${id}/_history/1`);
  expect((await records.readCurrent('Patient', id))?.source.client).toBe('app-1');
});

test('what no route answers is told with the methods that are', async () => {
  const answered = await ask('/fhir/Patient/a', undefined, { method: 'POST', body: '{}' });
  expect(answered).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD, PUT, PATCH, DELETE' } });
  expect(bodyOf(answered)['resourceType']).toBe('OperationOutcome');
});
