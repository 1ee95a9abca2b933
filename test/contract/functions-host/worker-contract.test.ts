import { execFile } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bundle, rootDir } from './host-process.js';

/** What the probe tells about one function. */
type Registered = {
  readonly name: string;
  readonly trigger: Readonly<Record<string, unknown>>;
  readonly outputs: readonly string[];
  readonly retry: Readonly<Record<string, unknown>> | null;
  readonly route?: string;
};
type Probe = {
  readonly model: { readonly name: string; readonly version: string } | null;
  readonly functions: readonly Registered[];
  readonly answer: {
    readonly status: string;
    readonly headers: Record<string, string>;
    readonly body: string;
  } | null;
};

let built: Awaited<ReturnType<typeof bundle>>;

beforeAll(async () => {
  built = await bundle('test/contract/functions-host/registration-probe.ts');
});

afterAll(async () => {
  await built.remove();
});

/** Loads an app as the worker does and asks one HTTP function, in a process with no settings at all. */
async function probe(appDir: string, call?: { function: string; path: string }): Promise<Probe> {
  const args = [built.file, appDir, ...(call ? [JSON.stringify(call)] : [])];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    env: { PATH: process.env['PATH'] },
  });
  // An app may write to standard output as well; the answer is the last line.
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Probe;
}

const { version } = JSON.parse(
  readFileSync(join(rootDir, 'node_modules/@azure/functions/package.json'), 'utf8'),
) as { version: string };

describe('the registration contract of the Node worker', () => {
  test('an app is indexed with its bindings, routes and retry policies', async () => {
    const { model, functions } = await probe(join(import.meta.dirname, 'fixtures/messages'));
    expect(model).toEqual({ name: '@azure/functions', version });
    expect(functions.find(({ name }) => name === 'one')).toMatchObject({
      trigger: {
        type: 'serviceBusTrigger',
        direction: 'in',
        connection: 'SERVICE_BUS',
        queueName: '%QUEUE%',
      },
      outputs: ['servicebus', 'servicebus'],
    });
    const timers = await probe(join(import.meta.dirname, 'fixtures/timers'));
    expect(timers.functions.find(({ name }) => name === 'retried')?.retry).toMatchObject({
      retryStrategy: 'fixedDelay',
      maxRetryCount: 2,
      delayInterval: { seconds: 0 },
    });
  });

  test('an HTTP function answers through the library', async () => {
    const { answer, functions } = await probe(join(import.meta.dirname, 'fixtures/web'), {
      function: 'patient',
      path: '/api/patients/7/2?q=x',
    });
    expect(functions.find(({ name }) => name === 'patient')?.route).toBe('/api/patients/{id}/{version:int?}');
    expect(answer?.status).toBe('200');
    expect(JSON.parse(answer!.body.split('\n').at(-1)!)).toMatchObject({
      params: { id: '7', version: '2' },
      query: { q: 'x' },
    });
  });
});

const dist = join(rootDir, 'dist');
// Journeys build it before any test runs; alone, these tests need `npm run build` first.
const withBundle = existsSync(join(dist, 'package.json')) ? describe : describe.skip;

/** The files that loading every entry file loads, by their static imports. */
function filesAtStart(appDir: string): Set<string> {
  const found = new Set<string>();
  const visit = (file: string): void => {
    if (found.has(file)) return;
    found.add(file);
    const imports = readFileSync(file, 'utf8').matchAll(
      /(?:^|[;}\s])(?:import|export)\s*(?:[\w${},*\s]+?from)?\s*"(\.[^"]+)"/g,
    );
    for (const [, to = ''] of imports) visit(join(dirname(file), to));
  };
  for (const entry of readdirSync(join(appDir, 'functions'))) visit(join(appDir, 'functions', entry));
  return found;
}

withBundle('the deployable bundle in dist/ (needs `npm run build`)', () => {
  const entries = () => readdirSync(join(rootDir, 'functions')).map((file) => basename(file, '.ts'));

  test('registers something from every entry file, without any setting', async () => {
    const { model, functions } = await probe(dist);
    expect(model).toEqual({ name: '@azure/functions', version });
    expect(
      readdirSync(join(dist, 'functions'))
        .map((file) => basename(file, '.js'))
        .sort(),
    ).toEqual(entries().sort());
    expect(functions.length).toBeGreaterThanOrEqual(entries().length);
    expect(functions.map(({ name, route }) => [name, route])).toEqual(
      expect.arrayContaining([
        ['health', '/health/{kind?}'],
        ['ingest', '/ingest/{feed}'],
      ]),
    );
  });

  test('loads no SDK at a cold start: each loads with the first request that needs it', () => {
    const loaded = [...filesAtStart(dist)].map((file) => readFileSync(file, 'utf8')).join('\n');
    const all = readdirSync(join(dist, 'chunks'))
      .map((file) => readFileSync(join(dist, 'chunks', file), 'utf8'))
      .join('\n');
    const sdks = ['ServiceBusClient', 'BlobServiceClient', 'CosmosClient', 'ManagedIdentityCredential'];
    for (const name of [...sdks, 'BasicTracerProvider']) {
      // Names are kept in the bundle.
      expect([name, all.includes(`"${name}"`)]).toEqual([name, true]);
      expect([name, loaded.includes(`"${name}"`)]).toEqual([name, false]);
    }
  });

  test('has only triggers and outputs that the local host serves and Azure knows', async () => {
    const { functions } = await probe(dist);
    const kinds = new Set(functions.map(({ trigger }) => trigger['type']));
    const known = ['httpTrigger', 'serviceBusTrigger', 'timerTrigger', 'cosmosDBTrigger'];
    expect([...kinds].filter((kind) => !known.includes(String(kind)))).toEqual([]);
    expect(kinds).toContain('serviceBusTrigger');
  });

  test('answers that it is live through the library', async () => {
    const { answer } = await probe(dist, { function: 'health', path: '/health/live' });
    expect([answer?.status, JSON.parse(answer!.body)]).toEqual(['200', { live: true }]);
  });
});
