/** Whoever edits the audit trail in Cosmos DB itself is found out: over the wire, with the real SDK. */
import type { Container, CosmosClient } from '@azure/cosmos';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { containerOf, openCosmos } from '../../../src/adapters/cosmos/connect.js';
import { createCosmosAuditStore } from '../../../src/adapters/cosmos/audit-store.js';
import { provisionCosmos } from '../../../src/adapters/cosmos/provision.js';
import { auditTrail } from '../../../src/app/audit/audit-trail.js';
import { searchTrail } from '../../../src/app/audit/search-trail.js';
import type { Fault } from '../../../src/core/governance/audit/verify-trail.js';
import { startCosmosEndpoint } from '../../../local/cosmos/server.js';
import { access, verifyAll, type World } from '../../app/audit/trail-world.js';

interface Block {
  readonly id: string;
  readonly entries: { readonly sequence: number; readonly entry: object }[];
}

let endpoint: Awaited<ReturnType<typeof startCosmosEndpoint>>;
let client: CosmosClient;
let container: Container;
let world: World;
const chain = '03/2026-11-26';

beforeAll(async () => {
  endpoint = await startCosmosEndpoint({ port: 0, ranges: 3 });
  client = await openCosmos({ kind: 'connection-string', connectionString: endpoint.connectionString });
  await provisionCosmos(client);
  container = containerOf(client, 'audit');
  const audit = createCosmosAuditStore(container);
  world = { audit, now: '2026-11-25T10:00:00.000Z', clock: { now: () => new Date(world.now) } };
  for (world.now of ['2026-11-25T10:00:00.000Z', '2026-11-26T10:00:00.000Z']) {
    const trails = ['03', '03', '07'].map((shard) => auditTrail({ ...world, shard }));
    for (let turn = 0; turn < 4; turn++) {
      const one = (process: number, n: number) =>
        trails[process]!.record(
          access({ at: world.now, request: `${process}.${turn}.${n}`, patients: [`p${process}`] }),
        );
      await Promise.all([one(0, 0), one(0, 1), one(1, 0), one(1, 1), one(2, 0)]);
    }
  }
}, 60_000);

afterAll(async () => {
  client.dispose();
  await endpoint.close();
});

const blocks = async (): Promise<Block[]> => {
  const query = "SELECT * FROM c WHERE c.kind = 'block' ORDER BY c.first";
  return (await container.items.query<Block>({ query }, { partitionKey: chain }).fetchAll()).resources;
};

/** Edits the documents of a chain, verifies, and puts them back as they were. */
async function faultsAfter(edit: (all: Block[]) => Promise<unknown>): Promise<readonly Fault[]> {
  const before = await blocks();
  try {
    await edit(structuredClone(before));
    return (await verifyAll(world)).faults;
  } finally {
    for (const { id } of await blocks()) await container.item(id, chain).delete();
    for (const block of before) await container.items.create(block);
    expect((await verifyAll(world)).faults).toEqual([]);
  }
}

const replace = (block: Block) => container.item(block.id, chain).replace(block as never);

test('processes, shards and days make one trail', async () => {
  expect(await verifyAll(world)).toMatchObject({ chains: 4, entries: 40, faultCount: 0 });
  const { entries } = await searchTrail(world, { patients: ['p1'] }, { limit: 100 });
  expect(entries).toHaveLength(16);
});

test('a changed entry', async () => {
  const faults = await faultsAfter((all) => {
    Object.assign(all[2]!.entries[0]!.entry, { subject: 'nobody' });
    return replace({ ...all[2]!, subjects: ['nobody', 'ward-app'] } as Block);
  });
  expect(faults).toContainEqual(
    expect.objectContaining({ kind: 'changed', day: '2026-11-26', shard: '03', sequence: 4 }),
  );
});

test('a removed entry, and a removed block', async () => {
  const gone = await faultsAfter((all) => replace({ ...all[1]!, entries: all[1]!.entries.slice(0, 1) }));
  expect(gone).toMatchObject([{ kind: 'removed', day: '2026-11-26', shard: '03', sequence: 3 }]);
  const block = await faultsAfter((all) => container.item(all[1]!.id, chain).delete());
  expect(block).toMatchObject([{ kind: 'removed', day: '2026-11-26', shard: '03', sequence: 2 }]);
});

test('an inserted entry', async () => {
  const faults = await faultsAfter((all) => {
    const [first] = all[1]!.entries;
    return replace({ ...all[1]!, entries: [first!, ...all[1]!.entries] });
  });
  expect(faults).toMatchObject([{ kind: 'inserted', day: '2026-11-26', shard: '03', sequence: 2 }]);
});

test('an inserted block behind the end', async () => {
  const faults = await faultsAfter((all) =>
    container.items.create({
      ...all[0]!,
      id: '000000000099',
      first: 99,
      entries: [{ ...all[0]!.entries[0]!, sequence: 99 }],
    }),
  );
  expect(faults[0]).toMatchObject({ kind: 'changed', day: '2026-11-26', shard: '03', sequence: 99 });
});

test('reordered entries', async () => {
  const faults = await faultsAfter((all) => replace({ ...all[1]!, entries: all[1]!.entries.toReversed() }));
  expect(faults.map(({ kind }) => kind)).toContain('reordered');
});

test('a truncated chain', async () => {
  const faults = await faultsAfter((all) => container.item(all.at(-1)!.id, chain).delete());
  expect(faults).toMatchObject([{ kind: 'truncated', day: '2026-11-26', shard: '03' }]);
});

test('an access that is hidden from searches', async () => {
  const faults = await faultsAfter((all) => replace({ ...all[3]!, patients: [] } as Block));
  expect(faults).toMatchObject([
    { kind: 'changed', shard: '03', sequence: 6, detail: expect.stringContaining('searches') },
  ]);
});

test('garbage in the place of an entry', async () => {
  for (const garbage of [null, 7, {}, { entry: null }, { entry: { patients: 'p1' } }]) {
    const faults = await faultsAfter((all) =>
      replace({ ...all[3]!, entries: [garbage as never, all[3]!.entries[1]!] }),
    );
    expect(faults[0]).toMatchObject({ kind: 'changed', shard: '03', sequence: 6 });
  }
});
