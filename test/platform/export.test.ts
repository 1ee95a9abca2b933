/** The routes of bulk exports with all that the edge does, over stores in memory, and the function that carries them out. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { InvocationContext } from '@azure/functions';
import { createMemoryExportFiles } from '../../src/adapters/memory/export-files.js';
import { createMemoryExportQueue } from '../../src/adapters/memory/export-queue.js';
import { createMemoryExportStore } from '../../src/adapters/memory/export-store.js';
import { servedTypes } from '../../src/core/fhir/interactions.js';
import type { ExportManifest } from '../../src/core/fhir/export/manifest.js';
import { indexResource } from '../../src/core/fhir/search-index.js';
import { parseScopes } from '../../src/core/governance/smart-scopes.js';
import { exportHandler, sweepExportsHandler } from '../../src/platform/background-access.js';
import { useContainer } from '../../src/platform/container.js';
import {
  exportFileRoute,
  exportRoute,
  groupExportRoute,
  patientExportRoute,
  systemExportRoute,
} from '../../src/platform/export.js';
import { httpEdge, type HttpAnswer, type Route } from '../../src/platform/http.js';
import { aPatient, aResource, asCurrent, store } from '../app/fhir/arrange.js';
import { openMemoryPlatform, type MemoryPlatform } from '../support/memory-platform.js';
import { aPrincipal, systemClaims } from '../support/principals.js';

const principals = {
  warehouse: aPrincipal(['reader']),
  other: aPrincipal(['reader'], { subject: 'app-2' }),
  elsewhere: aPrincipal(['reader'], { claims: { ...systemClaims, organisation: 'RYY' } }),
  sender: aPrincipal(['sender']),
  narrow: aPrincipal(['reader'], {
    claims: { ...systemClaims, scopes: parseScopes('system/Observation.rs') },
  }),
  women: aPrincipal(['reader'], {
    claims: { ...systemClaims, scopes: parseScopes('system/Patient.rs?gender=female') },
  }),
  cleared: aPrincipal(['reader'], { claims: { ...systemClaims, roles: ['SAFEGUARDING'] } }),
};

let platform: MemoryPlatform;
let queue: ReturnType<typeof createMemoryExportQueue>;
const logged: string[] = [];
const context = {
  info: (line: string) => logged.push(line),
  warn: (line: string) => logged.push(line),
  error: (line: string) => logged.push(line),
} as unknown as InvocationContext;

beforeEach(async () => {
  logged.length = 0;
  platform = openMemoryPlatform(principals);
  platform.setTime('2026-11-26T12:00:00.000Z');
  queue = createMemoryExportQueue();
  const [exports, files] = [createMemoryExportStore(), createMemoryExportFiles()];
  useContainer({
    ...platform.container,
    exports: () => Promise.resolve(exports),
    exportFiles: () => Promise.resolve(files),
    exportQueue: () => Promise.resolve(queue),
  });
  await store(await platform.container.records(), asCurrent(aPatient('a')));
});

interface Sent {
  readonly as?: keyof typeof principals;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

async function send(
  route: Route,
  target: string,
  { as = 'warehouse', method = 'GET', headers = {}, body }: Sent = {},
): Promise<HttpAnswer & { text: string }> {
  const [, id = '', file = ''] = /^\/fhir\/export\/([^/]*)\/?(.*)$/.exec(target) ?? [];
  const request = new Request(`http://exchange.example${target}`, {
    method,
    headers: { authorization: `Bearer ${as}`, ...headers },
    ...(body === undefined ? {} : { body }),
  });
  const whole = Object.assign(request, { params: { id, file } });
  const answer = await httpEdge(route)(whole as never, context);
  const chunks: Uint8Array[] = [];
  if (typeof answer.body === 'string') chunks.push(Buffer.from(answer.body));
  else for await (const chunk of (answer.body ?? []) as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return { ...answer, text: Buffer.concat(chunks).toString() };
}

const async = { prefer: 'respond-async' };
const begin = (sent: Sent = {}, target = '/fhir/$export', route = systemExportRoute) =>
  send(route, target, { headers: async, ...sent });
const pathOf = ({ headers = {} }: HttpAnswer): string =>
  new URL(headers['content-location'] ?? 'http://none').pathname;

async function done(sent: Sent = {}, target?: string): Promise<string> {
  const path = pathOf(await begin(sent, target));
  await exportHandler(queue.sent.at(-1), context);
  return path;
}

test('from kick-off to its file', async () => {
  const begun = await begin();
  expect(begun).toMatchObject({ status: 202, text: '' });
  const path = pathOf(begun);
  const running = await send(exportRoute, path);
  expect(running).toMatchObject({
    status: 202,
    headers: { 'x-progress': `0 of ${servedTypes.length} types of record`, 'retry-after': '10' },
  });
  await exportHandler(queue.sent[0], context);
  const complete = await send(exportRoute, path);
  expect(complete).toMatchObject({
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8', expires: 'Fri, 27 Nov 2026 12:00:00 GMT' },
  });
  const manifest = JSON.parse(complete.text) as ExportManifest;
  expect(manifest).toEqual({
    transactionTime: '2026-11-26T12:00:00.000Z',
    request: 'http://exchange.example/fhir/$export',
    requiresAccessToken: true,
    output: [{ type: 'Patient', url: `http://exchange.example${path}/Patient.1.ndjson`, count: 1 }],
    error: [],
  });
  const file = await send(exportFileRoute, `${path}/Patient.1.ndjson`);
  expect(file).toMatchObject({ status: 200, headers: { 'content-type': 'application/fhir+ndjson' } });
  expect(JSON.parse(file.text)).toMatchObject({ resourceType: 'Patient', id: 'a' });
});

test('is asked for by POST, and tells what it passed over', async () => {
  const parameters = {
    resourceType: 'Parameters',
    parameter: [
      { name: '_type', valueString: 'Patient' },
      { name: '_elements', valueString: 'id' },
    ],
  };
  const headers = { prefer: 'respond-async, handling=lenient', 'content-type': 'application/fhir+json' };
  const sent = { method: 'POST', headers, body: JSON.stringify(parameters) };
  const begun = await begin(sent, '/fhir/Patient/$export', patientExportRoute);
  expect(begun.status).toBe(202);
  expect(JSON.parse(begun.text)).toMatchObject({
    resourceType: 'OperationOutcome',
    issue: [{ severity: 'warning', diagnostics: '_elements: is not supported' }],
  });
});

describe('is refused', () => {
  test.each<[string, Sent, string, number]>([
    ['to whoever may not read', { as: 'sender' }, '/fhir/$export', 403],
    ['of a type beyond the scopes', { as: 'narrow' }, '/fhir/$export?_type=Patient', 403],
    [
      'for a purpose that the token does not allow',
      { headers: { ...async, 'x-hde-purpose': 'research' } },
      '/fhir/$export',
      403,
    ],
    ['when it is to be answered at once', { headers: {} }, '/fhir/$export', 400],
    ['in another format', {}, '/fhir/$export?_outputFormat=csv', 406],
  ])('%s', async (_, sent, target, status) => {
    expect((await begin(sent, target)).status).toBe(status);
    expect(queue.sent).toEqual([]);
  });

  test('for groups, with a reason', async () => {
    const answer = await send(groupExportRoute, '/fhir/Group/g/$export', { headers: async });
    expect([answer.status, answer.text]).toEqual([404, expect.stringContaining('Patient/$export')]);
  });

  test('a third time at once, with the time to wait', async () => {
    for (let times = 1; times <= 2; times++) expect((await begin()).status).toBe(202);
    expect(await begin()).toMatchObject({ status: 429, headers: { 'retry-after': '120' } });
    expect((await begin({ as: 'other' })).status).toBe(202);
  });
});

describe('for others it does not exist', () => {
  test.each(['other', 'elsewhere'] as const)('%s', async (as) => {
    const path = await done();
    const missing = await send(exportRoute, '/fhir/export/none', { as });
    for (const method of ['GET', 'DELETE']) {
      const answer = await send(exportRoute, path, { as, method });
      expect([answer.status, answer.text]).toEqual([404, missing.text]);
    }
    expect((await send(exportFileRoute, `${path}/Patient.1.ndjson`, { as })).status).toBe(404);
    // It was not cancelled either.
    expect((await send(exportRoute, path)).status).toBe(200);
  });
});

test('files are for tokens that reach as far as the one for which they were made', async () => {
  const fetch = async (path: string, as: keyof typeof principals) =>
    (await send(exportFileRoute, `${path}/Patient.1.ndjson`, { as })).status;
  const path = await done();
  expect([await fetch(path, 'women'), await fetch(path, 'cleared')]).toEqual([403, 200]);
  const restricted = await done({ as: 'cleared' });
  expect([await fetch(restricted, 'warehouse'), await fetch(restricted, 'cleared')]).toEqual([403, 200]);
});

test('restricted records that it holds are reported by whom they were asked for', async () => {
  const security = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }];
  const resource = aResource('Patient/r', { meta: { security } });
  await store(await platform.container.records(), {
    ...asCurrent(resource),
    resource,
    index: indexResource(resource),
  });
  const reported = async (as: keyof typeof principals) => {
    await done({ as });
    const lines = logged.map((line) => JSON.parse(line) as { event: string });
    return lines.filter(({ event }) => event === 'access-alert');
  };
  expect(await reported('warehouse')).toEqual([]);
  const { subject: actor, claims } = principals.cleared;
  expect(await reported('cleared')).toEqual([
    { event: 'access-alert', status: 'export', actor, organisation: claims.organisation, count: 1 },
  ]);
});

test('is cancelled', async () => {
  const path = await done();
  expect((await send(exportRoute, path, { method: 'DELETE' })).status).toBe(202);
  for (const method of ['GET', 'DELETE'])
    expect((await send(exportRoute, path, { method })).status).toBe(404);
  expect((await send(exportFileRoute, `${path}/Patient.1.ndjson`)).status).toBe(404);
});

test('is in the audit trail from its beginning to its files, and in the logs without addresses', async () => {
  const path = await done();
  await send(exportFileRoute, `${path}/Patient.1.ndjson`);
  await begin({ as: 'narrow' }, '/fhir/$export?_type=Patient');
  const entries = await platform.recorded();
  expect(entries.map(({ interaction, outcome }) => `${interaction} ${outcome}`)).toEqual([
    ...['export-begin begun', 'export-begin done', 'export done', 'export-file done'],
    ...['export-begin begun', 'export-begin refused'],
  ]);
  expect(entries[2]).toMatchObject({
    ...{ subject: 'app-1', organisation: 'RZZ', purpose: 'TREAT', reason: 'own-organisation' },
    ...{ records: ['Patient/a/_history/1'], patients: ['a'] },
  });
  expect(new Set(entries.slice(0, 4).map(({ request }) => request))).toEqual(
    new Set([path.split('/').at(-1)]),
  );
  expect(logged.join('\n')).toContain('fhir/export/{id}/{file}');
  expect(logged.join('\n')).not.toContain('Patient.1');
});

test('of two that are to go on at once in a process one gives way', async () => {
  await begin();
  await begin();
  const [first, second] = queue.sent;
  await Promise.all([exportHandler(first, context), exportHandler(second, context)]);
  expect(queue.sent.slice(2)).toEqual([second]);
  await exportHandler(second, context);
  expect(queue.sent).toHaveLength(3);
});

test('what was forgotten goes on, and is deleted after its time', async () => {
  const path = pathOf(await begin());
  platform.setTime('2026-11-26T13:00:00.000Z');
  await sweepExportsHandler(undefined, context);
  expect(queue.sent).toHaveLength(2);
  await exportHandler(queue.sent[1], context);
  expect((await send(exportRoute, path)).status).toBe(200);
  platform.setTime('2026-11-27T13:00:00.000Z');
  await sweepExportsHandler(undefined, context);
  expect((await send(exportRoute, path)).status).toBe(404);
  expect(logged.filter((line) => line.includes('exports-'))).toHaveLength(2);
});
