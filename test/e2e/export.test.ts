/** Bulk exports and events over the wire, on the real local stack: who gets what, and kills in the middle. */
import { ServiceBusClient } from '@azure/service-bus';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { containerOf, openCosmos } from '../../src/adapters/cosmos/connect.js';
import { createCosmosGovernanceStore } from '../../src/adapters/cosmos/governance-store.js';
import { longestUntilVisible } from '../../src/app/export/export-page.js';
import type { ExportManifest } from '../../src/core/fhir/export/manifest.js';
import { post } from '../support/hl7-client.js';
import { aMessage } from '../support/messages.js';
import { eventually, startStack, type RunningStack } from '../support/stack.js';

let stack: RunningStack;
let tokens: Readonly<
  Record<'warehouse' | 'research' | 'other' | 'elsewhere' | 'writer' | 'eastWriter', string>
>;

const many = 350;
/** Ids of the records of a patient whose whereabouts are not to be told. */
let hidden: readonly string[];

async function put(resource: { resourceType: string; id: string }, token = tokens.writer): Promise<void> {
  const answer = await fetch(`${stack.url}/fhir/${resource.resourceType}/${resource.id}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' },
    body: JSON.stringify(resource),
  });
  expect([resource.id, answer.status]).toEqual([resource.id, 201]);
}

const aPatient = (id: string) => ({ resourceType: 'Patient', id, name: [{ text: `Secretname ${id}` }] });
const anObservation = (id: string, patient: string) => ({
  ...{ resourceType: 'Observation', id, status: 'final', code: { text: 'Test' } },
  subject: { reference: `Patient/${patient}` },
});

/** Whom a message marks as protected (PD1-12). */
async function receiveHidden(): Promise<readonly string[]> {
  const token = await stack.token({ roles: ['sender'], feeds: ['rzz-tie'] });
  const more = ['PD1||||||||||||Y', 'AL1|1|DA|7980^Penicillin^L|SV|Rash'];
  const { headers } = await post(stack, aMessage({ family: 'Secretname', more }), { token });
  const receipt = await eventually(
    async () =>
      (await (await ask(`/ingest/receipts/${headers.get('x-hde-receipt') ?? ''}`, token)).json()) as Receipt,
    ({ status }) => status !== 'accepted',
  );
  expect(receipt.status).toBe('normalised');
  const ids = receipt.records
    .filter(({ resourceType }) => ['Patient', 'AllergyIntolerance'].includes(resourceType))
    .map(({ id }) => id);
  expect(ids.length).toBeGreaterThan(1);
  return ids;
}

interface Receipt {
  readonly status: string;
  readonly records: readonly { readonly resourceType: string; readonly id: string }[];
}

beforeAll(async () => {
  stack = await startStack('export');
  const both = ['reader', 'writer'];
  tokens = {
    warehouse: await stack.token({ roles: ['reader'], subject: 'warehouse' }),
    research: await stack.token({ roles: ['reader'], subject: 'research', purposes: ['research'] }),
    other: await stack.token({ roles: ['reader'], subject: 'other' }),
    elsewhere: await stack.token({ roles: ['reader'], subject: 'warehouse', organisation: 'RYY' }),
    writer: await stack.token({ roles: both }),
    eastWriter: await stack.token({ roles: both, organisation: 'RYY' }),
  };
  await put(aPatient('open'));
  await put(aPatient('allowed'));
  hidden = await receiveHidden();
  await put(aPatient('east'), tokens.eastWriter);
  for (let start = 0; start < many; start += 50)
    await Promise.all(
      Array.from({ length: 50 }, (_, at) => put(anObservation(`result-${start + at}`, 'open'))),
    );
  const connectionString = stack.settings['HDE_COSMOS']!;
  const cosmos = await openCosmos({ kind: 'connection-string', connectionString });
  const governance = createCosmosGovernanceStore(containerOf(cosmos, 'governance'));
  await governance.saveOptOut('allowed', { answer: 'may-be-used', at: new Date().toISOString() });
  cosmos.dispose();
}, 180_000);

afterAll(() => stack.destroy(), 60_000);

const ask = (path: string, token: string, method = 'GET', headers = {}): Promise<Response> =>
  fetch(path.startsWith('http') ? path : `${stack.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...headers },
  });

async function begin(token: string, query = ''): Promise<string> {
  const answer = await ask(`/fhir/$export${query}`, token, 'GET', { prefer: 'respond-async' });
  expect(answer.status).toBe(202);
  return answer.headers.get('content-location') ?? '';
}

async function untilDone(address: string, token: string): Promise<ExportManifest> {
  const answer = await eventually(
    () => ask(address, token),
    ({ status }) => status !== 202,
  );
  expect(answer.status).toBe(200);
  return (await answer.json()) as ExportManifest;
}

/** Ids by type. */
async function contentOf({ output }: ExportManifest, token: string): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const { type, url, count } of output) {
    const file = await ask(url, token);
    expect(file.headers.get('content-type')).toBe('application/fhir+ndjson');
    const lines = (await file.text()).split('\n').slice(0, -1);
    expect(lines).toHaveLength(count);
    found[type] = [...(found[type] ?? []), ...lines.map((line) => (JSON.parse(line) as { id: string }).id)];
  }
  return found;
}

const exported = async (token: string, query?: string) =>
  contentOf(await untilDone(await begin(token, query), token), token);

const sorted = (ids: readonly string[] = []) => [...ids].sort();

describe('a bulk export', () => {
  test('holds what its client may have, and nothing of restricted patients or other organisations', async () => {
    const found = await exported(tokens.warehouse);
    expect(sorted(found['Patient'])).toEqual(['allowed', 'open']);
    expect(new Set(found['Observation'])).toEqual(
      new Set(Array.from({ length: many }, (_, at) => `result-${at}`)),
    );
    expect(found['Observation']).toHaveLength(many);
    expect(found['AllergyIntolerance']).toBeUndefined();
  }, 120_000);

  test('for research holds only patients for whom the national service has answered so', async () => {
    const found = await exported(tokens.research, '?_type=Patient,Observation,AllergyIntolerance');
    expect(found).toEqual({ Patient: ['allowed'] });
  }, 120_000);

  test('holds the types that are asked for, and what was stored since', async () => {
    // It looks back by as much.
    const since = new Date(Date.now() + longestUntilVisible).toISOString();
    await put(anObservation('late-result', 'open'));
    const query = `?_type=Observation,Condition&_since=${since}`;
    expect(await exported(tokens.warehouse, query)).toEqual({ Observation: ['late-result'] });
  }, 120_000);

  test('is for its client alone, until it is cancelled', async () => {
    const address = await begin(tokens.warehouse, '?_type=Patient');
    const { output } = await untilDone(address, tokens.warehouse);
    for (const token of [tokens.other, tokens.elsewhere]) {
      for (const path of [address, output[0]!.url]) expect((await ask(path, token)).status).toBe(404);
      expect((await ask(address, token, 'DELETE')).status).toBe(404);
    }
    expect((await ask(output[0]!.url, tokens.warehouse)).status).toBe(200);
    expect((await ask(address, tokens.warehouse, 'DELETE')).status).toBe(202);
    for (const path of [address, output[0]!.url])
      expect((await ask(path, tokens.warehouse)).status).toBe(404);
  }, 120_000);

  test('goes on after a kill in its middle, with the same result', async () => {
    const address = await begin(tokens.warehouse);
    // It begins ten seconds after it was asked for; its first pages are written when this is told.
    await eventually(
      async () => (await ask(address, tokens.warehouse)).headers.get('x-progress') ?? '',
      (progress) => /^[1-9]/.test(progress) || progress === '',
    );
    process.kill(await stack.pidOf('functions-background'), 'SIGKILL');
    const manifest = await eventually(
      async () => (await ask(address, tokens.warehouse)).status,
      (status) => status === 200,
      150_000,
    ).then(() => untilDone(address, tokens.warehouse));
    const found = await contentOf(manifest, tokens.warehouse);
    expect(sorted(found['Patient'])).toEqual(['allowed', 'open']);
    expect(new Set(found['Observation']).size).toBe(many + 1);
    expect(found['Observation']).toHaveLength(many + 1);
  }, 240_000);
});

test('events tell the consumer of what it may read, and of nothing else', async () => {
  const client = new ServiceBusClient(stack.settings['HDE_SERVICEBUS']!);
  const receiver = client.createReceiver('events', 'all-events', {
    receiveMode: 'receiveAndDelete',
    skipParsingBodyAsJson: true,
  });
  await put(aPatient('last'));
  const seen: string[] = [];
  try {
    await eventually(
      async () => {
        const messages = await receiver.receiveMessages(500, { maxWaitTimeInMs: 1000 });
        seen.push(...messages.map(({ body }) => Buffer.from(body as Uint8Array).toString('utf8')));
        return seen;
      },
      (events) => events.some((event) => event.includes('"last"')),
    );
  } finally {
    await client.close();
  }
  const ids = new Set(
    seen.flatMap((event) => (JSON.parse(event) as { changes: { id: string }[] }).changes.map(({ id }) => id)),
  );
  for (const id of ['open', 'allowed', 'result-0']) expect(ids).toContain(id);
  for (const id of [...hidden, 'east']) expect(ids).not.toContain(id);
}, 120_000);

test('the logs tell nothing of anybody', async () => {
  for (const part of ['functions-background', 'functions-http', 'service-bus']) {
    const log = await readFile(join(stack.stateDir, 'logs', `${part}.log`), 'utf8');
    expect([part, /Secretname/.exec(log)]).toEqual([part, null]);
  }
});
