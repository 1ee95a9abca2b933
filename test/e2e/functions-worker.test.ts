/**
 * The deployable app under a Node worker that the protocol of the Functions host drives, against the stores of the local
 * stack. `FUNCTIONS_NODE_WORKER=<path>` names Microsoft's own worker (`<core tools>/workers/node/dist/src/nodejsWorker.js`);
 * without it a stand-in of these tests plays it.
 */
import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle } from 'fhir/r4.js';
import type { InvocationResponse } from '../../local/functions-host/core-types.js';
import {
  toCosmosInput,
  toHttpInput,
  toInvocationRequest,
  toServiceBusInput,
  toTimerInput,
  type TriggerInput,
} from '../../local/functions-host/rpc-request.js';
import { containerOf, openCosmos } from '../../src/adapters/cosmos/connect.js';
import { createCosmosMessageStore } from '../../src/adapters/cosmos/message-store.js';
import { bundle, rootDir } from '../contract/functions-host/host-process.js';
import { startWorker, type WorkerHost } from '../support/functions-worker/worker-host.js';
import type { FunctionMetadata } from '../support/functions-worker/protocol.js';
import { aMessage } from '../support/messages.js';
import { eventually, startStack, type RunningStack } from '../support/stack.js';

const microsofts = process.env['FUNCTIONS_NODE_WORKER'];
const nhsNumber = '9990000018';

let stack: RunningStack;
let standIn: Awaited<ReturnType<typeof bundle>>;
let host: WorkerHost;
/** The message that was accepted. */
let receipt: string;

beforeAll(async () => {
  stack = await startStack('functions-worker');
  standIn = await bundle('test/support/functions-worker/stand-in-worker.ts');
  const script = microsofts ?? standIn.file;
  host = await startWorker({ script, appDir: join(rootDir, 'dist'), env: stack.settings });
}, 180_000);

afterAll(async () => {
  await standIn.remove();
  await stack.destroy();
}, 60_000);

function functionNamed(name: string): FunctionMetadata {
  const found = host.functions.find((each) => each.name === name);
  if (found === undefined) throw new Error(`the worker found no function ${name}`);
  return found;
}

/** The binding that starts a function. */
function triggerOf({ rawBindings }: FunctionMetadata): { readonly name: string; readonly type: string } {
  const bindings = rawBindings.map((raw) => JSON.parse(raw) as { name: string; type: string });
  const trigger = bindings.find(({ type }) => type.endsWith('Trigger'));
  if (trigger === undefined) throw new Error('a function without a trigger');
  return trigger;
}

const run = (name: string, input: (binding: string) => TriggerInput): Promise<InvocationResponse> => {
  const metadata = functionNamed(name);
  return host.invoke(toInvocationRequest(metadata.functionId, name, input(triggerOf(metadata).name)));
};

interface Asked {
  readonly method?: string;
  readonly path: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

async function ask(name: string, { method = 'GET', path, params = {}, headers = {}, body }: Asked) {
  const url = new URL(path, 'http://localhost:7071');
  const input = { url, method, headers, params, body: body ?? Buffer.alloc(0) };
  const { returnValue } = await run(name, (binding) => toHttpInput(binding, input));
  const { statusCode, headers: answered = {}, body: answer } = returnValue?.http ?? {};
  const text = Buffer.from(answer?.bytes ?? answer?.string ?? '').toString('utf8');
  return { status: Number(statusCode), headers: answered ?? {}, text };
}

/** The accepted message once more, as the queue delivers it: it is done already, so that it changes nothing. */
async function queued(others: object): Promise<(binding: string) => TriggerInput> {
  const connectionString = stack.settings['HDE_COSMOS'] ?? '';
  const client = await openCosmos({ kind: 'connection-string', connectionString });
  const stored = await createCosmosMessageStore(containerOf(client, 'messages')).get(receipt);
  client.dispose();
  const { id: messageId, feed, archivePath, sessionKey, receivedAt } = stored!;
  const envelope = { messageId, feed, archivePath, sessionKey, receivedAt, ...others };
  const body = Buffer.from(JSON.stringify(envelope));
  const message = { body, messageId, sessionId: sessionKey, enqueuedTimeUtc: new Date() };
  return (binding) => toServiceBusInput(binding, message, false);
}

describe(`the app under ${microsofts === undefined ? "a stand-in for Microsoft's" : "Microsoft's"} worker`, () => {
  test('is found whole: every function with its bindings', () => {
    const files = readdirSync(join(rootDir, 'functions')).map((file) => basename(file, '.ts'));
    expect(host.functions.length).toBeGreaterThanOrEqual(files.length);
    expect(host.functions.map(triggerOf).map(({ type }) => type)).toEqual(
      expect.arrayContaining(['httpTrigger', 'serviceBusTrigger', 'timerTrigger', 'cosmosDBTrigger']),
    );
    expect(new Set(host.functions.map(({ functionId }) => functionId)).size).toBe(host.functions.length);
  });

  test('takes a message over HTTP, which the stack then normalises, and reads the patient', async () => {
    const sender = await stack.token({ roles: ['sender'], feeds: ['rzz-tie'] });
    const reader = await stack.token({ roles: ['reader'] });
    const posted = await ask('ingest', {
      ...{ method: 'POST', path: '/ingest/rzz-tie', params: { feed: 'rzz-tie' } },
      headers: { authorization: `Bearer ${sender}`, 'content-type': 'application/hl7-v2+er7' },
      body: aMessage({ nhsNumber }),
    });
    expect([posted.status, posted.text.includes('\rMSA|AA|')]).toEqual([200, true]);
    const query = `identifier=https://fhir.nhs.uk/Id/nhs-number|${nhsNumber}`;
    const search = async () => {
      const answer = await ask('fhir', {
        path: `/fhir/Patient?${query}`,
        params: { path: 'Patient' },
        headers: { authorization: `Bearer ${reader}` },
      });
      return { ...answer, bundle: JSON.parse(answer.text) as Bundle };
    };
    receipt = posted.headers['x-hde-receipt'] ?? '';
    const { status, bundle: found } = await eventually(search, (answer) => answer.bundle.total === 1);
    expect([status, found.entry?.[0]?.resource?.resourceType]).toEqual([200, 'Patient']);
  });

  test('answers a fault as itself, not as a failure of the function', async () => {
    const answer = await ask('fhir', { path: '/fhir/Patient/nobody', params: { path: 'Patient/nobody' } });
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject([
      401,
      { resourceType: 'OperationOutcome' },
    ]);
  });

  test('takes messages of queues, changes of records, and timers', async () => {
    await run('normalise', await queued({}));
    await run('publish-events', (binding) => toCosmosInput(binding, []));
    const next = new Date(Date.now() + 60_000);
    await run('reconcile', (binding) => toTimerInput(binding, { last: undefined, next, isPastDue: false }));
    expect(host.logs.length).toBeGreaterThan(0);
  });

  test('says of what fails that it failed', async () => {
    await expect(run('normalise', await queued({ feed: undefined }))).rejects.toThrow(/^invocation: Failure/);
    const request = toInvocationRequest(randomUUID(), 'nobody', { inputs: [], metadata: {} });
    await expect(host.invoke(request)).rejects.toThrow(/^invocation: Failure/);
  });

  // Last: it ends the worker.
  test('ends when it is told to', async () => {
    expect(await host.terminate()).toBe(0);
  });
});
