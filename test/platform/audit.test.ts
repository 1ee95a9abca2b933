/** The audit trail of a journey through the handlers that are deployed: stores in memory, everything else as it is. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Role } from '../../src/core/governance/access.js';
import type { AuditEntry } from '../../src/core/governance/audit/entry.js';
import { toLine } from '../../src/core/governance/audit/lines.js';
import { TrailVerifier } from '../../src/core/governance/audit/verify-trail.js';
import { auditLinesRoute, auditSearchRoute } from '../../src/platform/audit.js';
import { fhirRoute } from '../../src/platform/fhir.js';
import { httpEdge, type Route } from '../../src/platform/http.js';
import { ledgerReceiptsRoute, previewRoute, runRoute } from '../../src/platform/operations.js';
import {
  triageDismissRoute,
  triageListRoute,
  triageMessageRoute,
  triageResubmitManyRoute,
  triageResubmitRoute,
} from '../../src/platform/triage.js';
import { receiptRoute } from '../../src/platform/receipts.js';
import { openMemoryPlatform, type Asked, type MemoryPlatform } from '../support/memory-platform.js';
import { aPrincipal } from '../support/principals.js';
import { aReceipt } from '../support/receipts.js';

let platform: MemoryPlatform;

const alone = (role: Role) => aPrincipal([role], { subject: `the-${role}`, feeds: ['pas'] });

beforeEach(() => {
  platform = openMemoryPlatform({
    reader: alone('reader'),
    writer: alone('writer'),
    operator: alone('operator'),
    officer: alone('privacy-officer'),
    sender: alone('sender'),
    both: aPrincipal(['reader', 'writer'], { subject: 'the-app' }),
  });
});

type How = Partial<Omit<Asked, 'method' | 'path'>>;

const ask = (route: Route, method: string, path: string, { as = 'both', ...how }: How = {}) =>
  platform.ask(route, { as, method, path: path.slice(1), ...how });
const fhir = (method: string, path: string, { as = 'both', headers, ...how }: How = {}) =>
  platform.askHandler(httpEdge(fhirRoute), `fhir/${path}`, {
    ...{ as, method, headers: { 'content-type': 'application/fhir+json', ...headers } },
    ...how,
  });
const operator = { as: 'operator' };
const officer = { as: 'officer' };

async function search(criteria: object): Promise<AuditEntry[]> {
  const { json } = await ask(auditSearchRoute, 'POST', '/audit/search', { ...officer, body: criteria });
  return json['entries'] as AuditEntry[];
}

/** Everything that was recorded but questions to the trail, the oldest first. */
const recorded = async () =>
  (await platform.recorded()).filter(({ interaction }) => !interaction.startsWith('audit-'));
const outlined = (entries: readonly AuditEntry[]) =>
  entries.map(({ interaction, outcome, records, patients }) => [
    interaction,
    outcome,
    [...records].sort(),
    patients,
  ]);

async function verifyTrail() {
  const verifier = new TrailVerifier();
  for (let continuation: unknown; ;) {
    const body = continuation === undefined ? {} : { continuation };
    const { json } = await ask(auditLinesRoute, 'POST', '/audit/lines', { ...officer, body });
    for (const line of json['lines'] as unknown[]) verifier.take(toLine(line));
    expect(json['faults']).toEqual([]);
    continuation = json['continuation'];
    if (continuation === undefined) return verifier.finish();
  }
}

const patient = (id: string) => ({ resourceType: 'Patient', id, name: [{ family: 'Okoro' }] });
const observation = (id: string, of: string) => ({
  ...{ resourceType: 'Observation', id, status: 'final', code: { text: 'pulse' } },
  subject: { reference: `Patient/${of}` },
});

describe('each interaction of the FHIR API is recorded with what it was answered', () => {
  test('changes before and after they are made, reads when they are answered', async () => {
    await fhir('PUT', 'Patient/p1', { body: patient('p1') });
    await fhir('PUT', 'Observation/o1', { body: observation('o1', 'p1') });
    await fhir('GET', 'Observation/o1');
    await fhir('HEAD', 'Observation/o1/_history/1');
    await fhir('GET', 'Observation/o1/_history');
    await fhir('GET', 'Observation?patient=p1&_elements=status');
    await fhir('GET', 'Patient/p1/$everything');
    await fhir('DELETE', 'Observation/o1');
    expect(outlined(await recorded())).toEqual([
      ['update', 'begun', [], []],
      ['update', 'done', ['Patient/p1/_history/1'], ['p1']],
      ['update', 'begun', [], []],
      ['update', 'done', ['Observation/o1/_history/1'], ['p1']],
      ['read', 'done', ['Observation/o1'], ['p1']],
      ['vread', 'done', ['Observation/o1/_history/1'], ['p1']],
      ['history-instance', 'done', ['Observation/o1/_history/1'], ['p1']],
      ['search-type', 'done', ['Observation/o1'], ['p1']],
      ['everything', 'done', ['Observation/o1', 'Patient/p1'], ['p1']],
      ['delete', 'begun', [], []],
      ['delete', 'done', ['Observation/o1/_history/2'], ['p1']],
    ]);
    expect(await verifyTrail()).toMatchObject({ faultCount: 0, chains: 1 });
  });

  test('the entries of a transaction and of a batch together, under one request', async () => {
    const entry = (resource: { resourceType: string; id: string }) => ({
      resource,
      request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
    });
    const read = { request: { method: 'GET', url: 'Patient/p2' } };
    const entries = [entry(patient('p1')), entry(patient('p2'))];
    await fhir('POST', '', { body: { resourceType: 'Bundle', type: 'transaction', entry: entries } });
    await fhir('POST', '', { body: { resourceType: 'Bundle', type: 'batch', entry: [read] } });
    const all = await recorded();
    expect(outlined(all)).toEqual([
      ['transaction', 'begun', [], []],
      ['transaction', 'done', ['Patient/p1/_history/1', 'Patient/p2/_history/1'], ['p1', 'p2']],
      ['transaction', 'begun', [], []],
      ['transaction', 'done', ['Patient/p2'], ['p2']],
    ]);
    await fhir('POST', '', {
      as: 'reader',
      body: { resourceType: 'Bundle', type: 'batch', entry: [read] },
    });
    expect((await recorded()).slice(4).map(({ reason }) => reason)).toEqual([
      'role-reader',
      'own-organisation',
    ]);
    expect(all[0]?.request).toBe(all[1]?.request);
    expect(all[1]?.request).not.toBe(all[2]?.request);
  });

  test('what a client holds already, and what a patch and a label change', async () => {
    await fhir('PUT', 'Patient/p1', { body: patient('p1') });
    await fhir('PUT', 'Observation/o1', { body: observation('o1', 'p1') });
    const held = await fhir('GET', 'Observation/o1', { headers: { 'if-none-match': 'W/"1"' } });
    expect(held.status).toBe(304);
    const patch = [{ op: 'replace', path: '/status', value: 'amended' }];
    await fhir('PATCH', 'Observation/o1', {
      body: patch,
      headers: { 'content-type': 'application/json-patch+json' },
    });
    expect(outlined(await recorded()).slice(4)).toEqual([
      ['read', 'done', ['Observation/o1'], ['p1']],
      ['patch', 'begun', [], []],
      ['patch', 'done', ['Observation/o1/_history/2'], ['p1']],
    ]);
  });

  test('refusals with their reason, and no id that a client made up', async () => {
    const own = 'a'.repeat(26);
    await fhir('GET', `Patient/${own}`);
    await fhir('GET', 'Patient/9990000018');
    await fhir('GET', 'Patient/Ada-Okoro');
    await fhir('GET', `Patient/${own}`, { as: 'writer' });
    await fhir('PUT', 'Patient/p1', { as: 'reader', body: patient('p1') });
    const all = await recorded();
    expect(outlined(all)).toEqual([
      ['read', 'refused', [`Patient/${own}`], [own]],
      ['read', 'refused', [], []],
      ['read', 'refused', [], []],
      ['read', 'refused', [`Patient/${own}`], [own]],
      ['update', 'begun', [], []],
      ['update', 'refused', [], []],
    ]);
    expect(all.map(({ reason, subject }) => [reason, subject])).toEqual([
      ['HDE_RESOURCE_NOT_FOUND', 'the-app'],
      ['HDE_RESOURCE_NOT_FOUND', 'the-app'],
      ['HDE_RESOURCE_NOT_FOUND', 'the-app'],
      ['HDE_FORBIDDEN', 'the-writer'],
      ['role-writer', 'the-reader'],
      ['HDE_FORBIDDEN', 'the-reader'],
    ]);
  });
});

describe('when the trail cannot be written', () => {
  test('nothing is read and nothing is changed', async () => {
    await fhir('PUT', 'Patient/p1', { body: patient('p1') });
    platform.setTrailAway(true);
    const read = await fhir('GET', 'Patient/p1');
    expect(read.status).toBe(503);
    expect(JSON.stringify(read.json)).not.toContain('Okoro');
    expect((await fhir('PUT', 'Patient/p2', { body: patient('p2') })).status).toBe(503);
    platform.setTrailAway(false);
    expect((await fhir('GET', 'Patient/p2')).status).toBe(404);
    expect((await fhir('GET', 'Patient/p1')).status).toBe(200);
    expect((await fhir('GET', 'metadata')).status).toBe(200);
  });
});

describe('operators', () => {
  test('learn who saw a patient, and why, in one call, also under a linked record', async () => {
    await fhir('PUT', 'Patient/p1', { body: patient('p1') });
    const link = [{ type: 'seealso', other: { reference: 'Patient/p1' } }];
    await fhir('PUT', 'Patient/p2', { body: { ...patient('p2'), link } });
    await fhir('GET', 'Patient/p1', { as: 'reader' });
    const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await fhir('GET', 'Patient/p2', { as: 'reader', headers: { traceparent: trace } });
    expect(await search({ patient: 'p1', subject: 'the-reader' })).toMatchObject([
      { interaction: 'read', records: ['Patient/p1'], reason: 'own-organisation' },
    ]);
    const [last, before] = await search({ patient: 'p2', subject: 'the-reader', outcome: 'done' });
    expect([last?.records, before?.records]).toEqual([['Patient/p2'], ['Patient/p1']]);
    expect(last?.trace).toBe('0af7651916cd43dd8448eb211c80319c');
    const events = await search({ patient: 'p2', fhir: true, limit: 1 });
    expect(events).toMatchObject([{ resourceType: 'AuditEvent' }]);
    // Who asks is a part of the answer to the next one.
    expect((await search({ patient: 'p1', subject: 'the-privacy-officer' }))[0]?.interaction).toBe(
      'audit-search',
    );
  });

  test('leave their trace when they read messages and receipts; a sender asks after its own ones', async () => {
    const receipt = aReceipt({
      id: 'm1',
      feed: 'pas',
      changes: [{ resourceType: 'Patient', id: 'p7', versionId: 1, change: 'created' }],
    });
    await platform.messages.create(receipt);
    await platform.archive.put(receipt.archivePath, new TextEncoder().encode('MSH|^~\\&|A'), 'text/plain');
    const params = { id: 'm1' };
    expect(
      (await ask(triageMessageRoute, 'GET', '/triage/messages/m1', { ...operator, params })).status,
    ).toBe(200);
    await ask(triageListRoute, 'GET', '/triage/messages', operator);
    await ask(receiptRoute, 'GET', '/ingest/receipts/m1', { ...operator, params });
    expect(outlined(await recorded())).toEqual([
      ['triage-show', 'done', ['Patient/p7', 'message/m1'], ['p7']],
      ['triage-search', 'done', ['Patient/p7', 'message/m1'], ['p7']],
      ['receipt-read', 'done', ['Patient/p7', 'message/m1'], ['p7']],
    ]);
    expect((await ask(receiptRoute, 'GET', '/ingest/receipts/m1', { as: 'sender', params })).status).toBe(
      200,
    );
    expect(await recorded()).toHaveLength(3);
    platform.setTrailAway(true);
    const shown = await ask(triageMessageRoute, 'GET', '/triage/messages/m1', { ...operator, params });
    expect(shown.status).toBe(503);
  });

  const failed = (id: string) =>
    aReceipt({ id, feed: 'pas', status: 'failed', errorCode: 'HDE_HL7_NO_PATIENT', stage: 'identify' });
  const decide = (route: Route, id: string, body: object) =>
    ask(route, 'POST', `/triage/messages/${id}`, { ...operator, params: { id }, body });

  test('decide about messages only when that stands in the trail', async () => {
    for (const id of ['m1', 'm2', 'm3']) await platform.messages.create(failed(id));
    platform.setTrailAway(true);
    const reason = { reason: 'a test message' };
    expect((await decide(triageDismissRoute, 'm1', reason)).status).toBe(503);
    expect((await decide(triageResubmitRoute, 'm1', {})).status).toBe(503);
    expect((await decide(triageResubmitManyRoute, '', { filter: { feed: 'pas' }, limit: 10 })).status).toBe(
      503,
    );
    expect((await platform.messages.get('m1'))?.status).toBe('failed');
    platform.setTrailAway(false);
    expect((await decide(triageDismissRoute, 'm1', reason)).status).toBe(200);
    expect((await decide(triageResubmitManyRoute, '', { filter: { feed: 'pas' }, limit: 10 })).status).toBe(
      200,
    );
    expect(outlined(await recorded())).toEqual([
      ['triage-dismiss', 'begun', [], []],
      ['triage-dismiss', 'done', ['message/m1'], []],
      ['triage-resubmit', 'begun', [], []],
      ['triage-resubmit', 'done', ['message/m2', 'message/m3'], []],
    ]);
  });

  test('leave their trace when they replay messages and balance a feed', async () => {
    const period = { from: '2026-03-01T00:00:00Z', to: '2026-04-01T00:00:00Z' };
    expect((await ask(previewRoute, 'POST', '/replay/preview', { ...operator, body: {} })).status).toBe(200);
    const run = { ...operator, body: { runId: 'run-1', all: true } };
    expect((await ask(runRoute, 'POST', '/replay/run', run)).status).toBe(200);
    const ledger = { ...operator, body: { feed: 'pas', ...period } };
    expect((await ask(ledgerReceiptsRoute, 'POST', '/ledger/receipts', ledger)).status).toBe(200);
    const other = { ...operator, body: { feed: 'ris', ...period } };
    expect((await ask(ledgerReceiptsRoute, 'POST', '/ledger/receipts', other)).status).toBe(403);
    expect(outlined(await recorded())).toEqual([
      ['replay-preview', 'done', [], []],
      ['replay-run', 'begun', [], []],
      ['replay-run', 'done', [], []],
      ['ledger-receipts', 'done', [], []],
    ]);
    platform.setTrailAway(true);
    expect((await ask(runRoute, 'POST', '/replay/run', run)).status).toBe(503);
  });

  test('read no page of the trail without an entry', async () => {
    await verifyTrail();
    const body = {
      continuation: Buffer.from(JSON.stringify(['00', '2000-01-01', null, 0, '2999-12-31'])).toString(
        'base64url',
      ),
    };
    expect((await ask(auditLinesRoute, 'POST', '/audit/lines', { ...officer, body })).status).toBe(200);
    const reads = (await search({ limit: 1000 })).filter(({ interaction }) => interaction === 'audit-read');
    expect(reads).toHaveLength(2);
  });

  test('are the only ones who may read the trail, and what they ask for is checked', async () => {
    const body = { patient: 'p1' };
    for (const route of [auditSearchRoute, auditLinesRoute])
      expect((await ask(route, 'POST', `/${route.name}`, { as: 'reader', body })).status).toBe(403);
    for (const wrong of [
      { patient: 'NHS|9990000018' },
      { patient: '999-000-0018' },
      { outcome: 'perhaps' },
      { limit: 0 },
      { continuation: '?' },
    ]) {
      const { status } = await ask(auditSearchRoute, 'POST', '/audit/search', { ...officer, body: wrong });
      expect(status).toBe(400);
    }
  });
});

test('neither trail nor log holds what a record says', async () => {
  await fhir('PUT', 'Patient/p1', { body: patient('p1') });
  await fhir('GET', 'Patient?name=Okoro');
  await fhir('GET', 'Patient/9990000018/Observation');
  await fhir('GET', 'Observation?patient=Ada-Okoro');
  await fhir('GET', 'Patient?identifier=https://fhir.nhs.uk/Id/nhs-number|9990000018');
  const trail = JSON.stringify(await search({ limit: 1000 }));
  expect(trail).toContain('Patient/p1');
  for (const text of [trail, ...platform.logged]) expect(text).not.toMatch(/Okoro|9990000018/);
});
