import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CosmosClient } from '@azure/cosmos';
import type { Container } from '@azure/cosmos';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startCosmosEndpoint } from '../../../local/cosmos/server.js';
import type { CosmosEndpoint } from '../../../local/cosmos/server.js';
import { bundle, startHostProcess } from './host-process.js';
import type { HostProcess } from './host-process.js';

const appDir = join(import.meta.dirname, 'fixtures/changes');
let built: Awaited<ReturnType<typeof bundle>>;
let dataDir = '';
let endpoint: CosmosEndpoint;
let container: Container;

const startEndpoint = async (port: number) => {
  endpoint = await startCosmosEndpoint({ port, ranges: 3, dataDir });
  const connectionPolicy = { enableEndpointDiscovery: false, enableBackgroundEndpointRefreshing: false };
  const client = new CosmosClient({ endpoint: endpoint.endpoint, key: endpoint.key, connectionPolicy });
  const { database } = await client.databases.createIfNotExists({ id: 'db' });
  ({ container } = await database.containers.createIfNotExists({ id: 'things', partitionKey: '/id' }));
};
const startHost = () => startHostProcess(built.file, { appDir, env: { COSMOS: endpoint.connectionString } });
const create = async (...ids: readonly string[]) => {
  for (const id of ids) await container.items.create({ id });
};
/** Documents that a function was given, each as often as it was given. */
const idsOf = (events: readonly unknown[][], name: string) =>
  events.filter(([first]) => first === name).flatMap(([, ids]) => ids as string[]);
const has =
  (name: string, ...ids: readonly string[]) =>
  (events: readonly unknown[][]) =>
    ids.every((id) => idsOf(events, name).includes(id));

beforeAll(async () => {
  built = await bundle('local/functions-host/main.ts');
  dataDir = await mkdtemp(join(tmpdir(), 'changes-'));
  await startEndpoint(0);
});

afterAll(async () => {
  await endpoint.close();
  await rm(dataDir, { recursive: true });
  await built.remove();
});

describe('change feed functions', () => {
  let host: HostProcess;
  const first = [...Array(25).keys()].map((i) => `d${i}`);

  beforeAll(async () => {
    await create(...first);
    host = await startHost();
  });

  afterAll(async () => {
    await host.stop();
  });

  test('get every document once, in batches no larger than they allow', async () => {
    await host.untilEvents(has('all', ...first), 20_000);
    expect(idsOf(host.events, 'all').sort()).toEqual([...first].sort());
    const sizes = host.events.filter(([name]) => name === 'all').map(([, ids]) => (ids as string[]).length);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(10);
  });

  test('begin with what comes after their first start unless they ask for the beginning', async () => {
    const leases = container.database.container('leases');
    const id = 'fromNow.db.things';
    const lease = async () => (await leases.item(id, id).read<{ continuation: string }>()).resource;
    while ((await lease()) === undefined) await new Promise((resolve) => setTimeout(resolve, 50));
    await create('later');
    await host.untilEvents(has('fromNow', 'later'));
    expect(idsOf(host.events, 'fromNow')).toEqual(['later']);
  });

  test('that throw get the same batch again until they succeed', async () => {
    await create('stubborn');
    await host.untilEvents(has('unlucky done', 'stubborn'), 20_000);
    expect(idsOf(host.events, 'unlucky').filter((id) => id === 'stubborn')).toHaveLength(3);
  });

  test('with a retry policy that ends give the batch up, as in Azure, and go on', async () => {
    await create('poison');
    await host.untilEvents((events) => idsOf(events, 'retried').filter((id) => id === 'poison').length === 2);
    await create('afterwards');
    await host.untilEvents(has('retried', 'afterwards'));
    expect(host.logs.join('\n')).toContain(
      'error Function.retried The retry policy is used up: 1 changes are given up',
    );
  });

  test('go on where they were after the endpoint was restarted, and after the host was', async () => {
    const port = Number(new URL(endpoint.endpoint).port);
    await host.untilEvents(has('unlucky done', 'afterwards'), 20_000);
    await endpoint.close();
    await host.untilLogs((logs) => logs.some((line) => /warning Host\.CosmosDB .*ECONNREFUSED/.test(line)));
    await startEndpoint(port);
    await create('revived');
    const all = ['all', 'unlucky done', 'retried', 'fromNow'];
    await host.untilEvents((events) => all.every((name) => has(name, 'revived')(events)), 20_000);
    expect(await host.stop()).toBe(0);
    await create('meanwhile');
    host = await startHost();
    await host.untilEvents((events) => all.every((name) => has(name, 'meanwhile')(events)), 20_000);
    for (const name of all) expect(idsOf(host.events, name)).toEqual(['meanwhile']);
  }, 90_000);
});
