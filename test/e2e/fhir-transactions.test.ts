/** Batches and transactions over HTTP, on the real local stack; its process is killed in the middle of some. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle, Patient } from 'fhir/r4.js';
import { containerOf, openCosmos } from '../../src/adapters/cosmos/connect.js';
import { createCosmosRecordStore } from '../../src/adapters/cosmos/record-store.js';
import type { RecordStore } from '../../src/ports/record-store.js';
import { eventually, startStack, type RunningStack } from '../support/stack.js';

let stack: RunningStack;
let tokens: Readonly<Record<'reader' | 'writer' | 'editor' | 'operator', string>>;

beforeAll(async () => {
  stack = await startStack('transactions');
  tokens = {
    reader: await stack.token({ roles: ['reader'] }),
    writer: await stack.token({ roles: ['writer'] }),
    editor: await stack.token({ roles: ['reader', 'writer'] }),
    operator: await stack.token({ roles: ['operator'] }),
  };
}, 120_000);

afterAll(() => stack.destroy(), 60_000);

const json = 'application/fhir+json';

const ask = (
  method: string,
  path: string,
  {
    body,
    token = tokens.editor,
    type = json,
  }: { body?: string | object; token?: string; type?: string } = {},
): Promise<Response> =>
  fetch(`${stack.url}/fhir${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': type, accept: type }),
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });

const aPatient = (id: string, text: string) => ({ resourceType: 'Patient', id, name: [{ text }] });
const put = (resource: { resourceType: string; id: string }) => ({
  resource,
  request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
});
const bundleOf = (type: string, entry: readonly object[]) => ({ resourceType: 'Bundle', type, entry });
const statusesOf = ({ entry = [] }: Bundle) => entry.map(({ response }) => response?.status.slice(0, 3));

describe('Bundles over HTTP', () => {
  test.each(['', '/'])('are taken at the base of the API, written as "%s"', async (path) => {
    const entry = [put(aPatient('http', 'One')), { request: { method: 'GET', url: 'Patient/http' } }];
    const answer = await ask('POST', path, { body: bundleOf('transaction', entry) });
    expect(answer.status).toBe(200);
    const bundle = (await answer.json()) as Bundle;
    expect(bundle.type).toBe('transaction-response');
    expect(statusesOf(bundle)[1]).toBe('200');
  });

  test('are taken and given as XML', async () => {
    const body =
      '<Bundle xmlns="http://hl7.org/fhir"><type value="transaction"/><entry><resource><Patient>' +
      '<id value="xml"/><gender value="female"/></Patient></resource><request><method value="PUT"/>' +
      '<url value="Patient/xml"/></request></entry></Bundle>';
    const answer = await ask('POST', '', { body, type: 'application/fhir+xml' });
    expect(answer.headers.get('content-type')).toMatch(/^application\/fhir\+xml/);
    expect(await answer.text()).toMatch(/<status value="201 Created"\/>/);
  });

  test('are carried out as far as the roles of the client allow', async () => {
    const entry = [put(aPatient('roles', 'One')), { request: { method: 'GET', url: 'Patient/http' } }];
    const of = async (type: string, token: string) => {
      const answer = await ask('POST', '', { body: bundleOf(type, entry), token });
      return answer.status === 200 ? statusesOf((await answer.json()) as Bundle).join() : answer.status;
    };
    expect(await of('transaction', tokens.reader)).toBe(403);
    expect(await of('transaction', tokens.writer)).toBe(403);
    expect(await of('batch', tokens.reader)).toBe('403,200');
    expect(await of('batch', tokens.writer)).toBe('201,403');
    expect(await of('batch', tokens.operator)).toBe(403);
  });

  test('that are refused say where', async () => {
    const entry = [put(aPatient('http', 'One')), { request: { method: 'GET', url: 'Patient/none' } }];
    const answer = await ask('POST', '', { body: bundleOf('transaction', entry) });
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({
      resourceType: 'OperationOutcome',
      issue: [{ expression: ['Bundle.entry[1]'] }],
    });
  });
});

test('200 transactions of one patient at the same moment take effect one after the other', async () => {
  const put200 = bundleOf('transaction', [put(aPatient('crowd', 'first'))]);
  expect((await ask('POST', '', { body: put200 })).status).toBe(200);
  const patch = (text: string) => ({
    request: { method: 'PATCH', url: 'Patient/crowd' },
    resource: {
      ...{ resourceType: 'Binary', contentType: 'application/json-patch+json' },
      data: Buffer.from(JSON.stringify([{ op: 'add', path: '/name/-', value: { text } }])).toString('base64'),
    },
  });
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, index) =>
      ask('POST', '', { body: bundleOf('transaction', [patch(`n${index}`)]) }),
    ),
  );
  expect([...new Set(answers.map(({ status }) => status))]).toEqual([200]);
  const { name = [] } = (await (await ask('GET', '/Patient/crowd')).json()) as Patient;
  expect(name).toHaveLength(201);
  for (const [index, answer] of answers.entries()) {
    const bundle = (await answer.json()) as Bundle;
    const seen = (bundle.entry?.[0]?.resource as Patient).name ?? [];
    expect(seen.at(-1)?.text).toBe(`n${index}`);
    expect(seen).toEqual(name.slice(0, seen.length));
  }
}, 240_000);

describe('a transaction of two patients whose process is killed', () => {
  const records = 40;
  let store: RecordStore;
  let close = (): void => undefined;

  beforeAll(async () => {
    const client = await openCosmos({
      kind: 'connection-string',
      connectionString: stack.settings['HDE_COSMOS']!,
    });
    store = createCosmosRecordStore(containerOf(client, 'records'));
    close = () => {
      client.dispose();
    };
  });
  afterAll(() => {
    close();
  });

  const transaction = (ids: readonly string[], text: string) =>
    bundleOf(
      'transaction',
      ids.flatMap((id) => [
        put(aPatient(id, text)),
        ...Array.from({ length: records }, (_, index) =>
          put({
            ...{ resourceType: 'Observation', id: `${id}.o${index}` },
            ...{ status: 'final', code: { text }, subject: { reference: `Patient/${id}` } },
          }),
        ),
      ]),
    );

  /** What a patient and all records about them say, if they say the same. */
  async function look(id: string): Promise<string> {
    const { documents } = await store.listPartition(id, undefined, { limit: 500 });
    const texts = documents.map(({ resource }) =>
      resource.resourceType === 'Patient'
        ? (resource as Patient).name?.[0]?.text
        : (resource as { code?: { text?: string } }).code?.text,
    );
    return [...new Set(texts)].sort().join(' and ') + (documents.length === records + 1 ? '' : ' in part');
  }

  test('leaves all or nothing, for a reader who looks all the time, and the next one goes on', async () => {
    const seen = new Set<string>();
    let broken = 0;
    for (const [round, delay] of [60, 120, 180, 240, 320, 420, 550, 700].entries()) {
      const ids = [`k${round}a`, `k${round}b`];
      const before = await eventually(
        () => ask('POST', '', { body: transaction(ids, 'before') }).catch(() => undefined),
        (answer) => answer?.status === 200,
      );
      expect(before?.status).toBe(200);
      const state = { busy: true };
      const reader = (async () => {
        while (state.busy) {
          const [first, second] = [await look(ids[0]!), await look(ids[1]!)];
          seen.add(`${first}, ${second}`);
        }
      })();
      const answer = ask('POST', '', { body: transaction(ids, 'after') }).then(
        ({ status }) => String(status),
        () => 'broken',
      );
      await new Promise((resolve) => setTimeout(resolve, delay));
      process.kill(await stack.pidOf('functions-http'), 'SIGKILL');
      const outcome = await answer;
      if (outcome === 'broken') broken += 1;
      const left = [await look(ids[0]!), await look(ids[1]!)];
      state.busy = false;
      await reader;
      expect(['before,before', 'after,after']).toContain(left.join());
      if (outcome === '200') expect(left).toEqual(['after', 'after']);
      const next = await eventually(
        () => ask('POST', '', { body: transaction([...ids].reverse(), 'later') }).catch(() => undefined),
        (answered) => answered?.status === 200,
      );
      expect(next?.status).toBe(200);
      expect([await look(ids[0]!), await look(ids[1]!)]).toEqual(['later', 'later']);
    }
    // Read one after the other, the second may be newer than the first.
    const allowed = ['before, before', 'before, after', 'after, after'];
    expect([...seen].filter((each) => !allowed.includes(each))).toEqual([]);
    expect(broken).toBeGreaterThan(0);
  }, 300_000);
});
