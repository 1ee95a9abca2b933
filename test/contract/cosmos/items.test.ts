import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Container } from '@azure/cosmos';
import { PartitionKeyDefinitionVersion, PartitionKeyKind } from '@azure/cosmos';
import type { TestAccount } from './test-account.js';
import { openTestAccount, refusalStatus } from './test-account.js';

let account: TestAccount;
let container: Container;
let tenant: string;
beforeAll(async () => {
  account = await openTestAccount();
  container = await account.createContainer({});
});
beforeEach(() => {
  tenant = randomUUID();
});
afterAll(() => account.close());

const patient = (id: string, more: Record<string, unknown> = {}) => ({
  id,
  tenant,
  resourceType: 'Patient',
  name: [{ family: 'O’Brien', given: ['Zoë', 'Ann'] }],
  ...more,
});

describe('creating and reading', () => {
  test('answers a create with 201, the document and its entity tag', async () => {
    const { statusCode, etag, resource } = await container.items.create(patient('p1'));
    expect(statusCode).toBe(201);
    expect(resource).toMatchObject({ id: 'p1', _rid: expect.any(String), _self: expect.any(String) });
    expect(resource?._etag).toBe(etag);
    expect(etag).toMatch(/^".+"$/);
    expect(Math.abs(Number(resource?._ts) - Date.now() / 1000)).toBeLessThan(60);
  });

  test('charges about one request unit for a small read and more for a write', async () => {
    const created = await container.items.create(patient('p1'));
    const read = await container.item('p1', tenant).read();
    expect(read.requestCharge).toBeCloseTo(1, 0);
    expect(created.requestCharge).toBeGreaterThan(4);
    expect(read.activityId).toEqual(expect.any(String));
    expect(read.headers['x-ms-session-token']).toMatch(/^\d+:.*#\d+/);
  });

  test('returns text beyond ASCII unchanged', async () => {
    await container.items.create(patient('p1'));
    const { resource } = await container.item('p1', tenant).read<ReturnType<typeof patient>>();
    expect(resource?.name).toEqual([{ family: 'O’Brien', given: ['Zoë', 'Ann'] }]);
  });

  test('refuses a second item of the same id with 409', async () => {
    await container.items.create(patient('p1'));
    expect(await refusalStatus(container.items.create(patient('p1')))).toBe(409);
  });

  test('keeps items of one id in different partitions apart', async () => {
    const other = randomUUID();
    await container.items.create(patient('p1'));
    await container.items.create({ id: 'p1', tenant: other, x: 2 });
    expect((await container.item('p1', other).read()).resource?.['x']).toBe(2);
    expect((await container.item('p1', tenant).read()).resource?.['x']).toBeUndefined();
  });

  test.each(['tenant-é', 17, -2.5, true, null])('takes the partition key value %p', async (value) => {
    const id = randomUUID();
    await container.items.create({ id, tenant: value });
    expect((await container.item(id, value as string).read()).resource?.['tenant']).toBe(value);
  });

  test.each(['a|b c%d', 'urn:uuid:é.1', "it's", 'a&b=c+d'])('takes the id %p', async (id) => {
    await container.items.create(patient(id));
    expect((await container.item(id, tenant).read()).resource?.id).toBe(id);
  });

  test('answers a missing item with 404 and no resource', async () => {
    const { statusCode, resource } = await container.item('absent', tenant).read();
    expect(statusCode).toBe(404);
    expect(resource).toBeUndefined();
  });

  test('does not find an item under another partition key', async () => {
    await container.items.create(patient('p1'));
    expect((await container.item('p1', 'elsewhere').read()).statusCode).toBe(404);
  });

  test('gives an id to an item without one', async () => {
    const { resource } = await container.items.create({ tenant });
    expect(resource?.id).toEqual(expect.stringMatching(/.+/));
  });

  test('reads with If-None-Match only what has changed', async () => {
    const { etag } = await container.items.create(patient('p1'));
    const accessCondition = { type: 'IfNoneMatch', condition: etag };
    expect((await container.item('p1', tenant).read({ accessCondition })).statusCode).toBe(304);
    await container.items.upsert(patient('p1', { n: 1 }));
    expect((await container.item('p1', tenant).read({ accessCondition })).statusCode).toBe(200);
  });

  test('takes a document of 1.5 MB and refuses one of 2.5 MB with 413', async () => {
    const { statusCode } = await container.items.upsert(patient('big', { raw: 'x'.repeat(1_500_000) }));
    expect(statusCode).toBe(201);
    const tooBig = container.items.upsert(patient('bigger', { raw: 'x'.repeat(2_500_000) }));
    expect(await refusalStatus(tooBig)).toBe(413);
  });

  test('reads all items of a partition', async () => {
    await container.items.create(patient('p1'));
    await container.items.create(patient('p2'));
    const { resources } = await container.items.readAll({ partitionKey: tenant }).fetchAll();
    expect(resources.map(({ id }) => id)).toEqual(['p1', 'p2']);
  });
});

describe('changing and deleting', () => {
  test('upserts with 201 when new and 200 when not', async () => {
    const first = await container.items.upsert(patient('p1', { n: 1 }));
    const second = await container.items.upsert(patient('p1', { n: 2 }));
    expect([first.statusCode, second.statusCode]).toEqual([201, 200]);
    expect(first.etag).not.toBe(second.etag);
    expect(second.resource?._rid).toBe(first.resource?._rid);
  });

  test('replaces a document as a whole', async () => {
    await container.items.create(patient('p1', { n: 1 }));
    const { statusCode, resource } = await container.item('p1', tenant).replace({ id: 'p1', tenant, m: 3 });
    expect(statusCode).toBe(200);
    expect(resource).toMatchObject({ m: 3 });
    expect(resource).not.toHaveProperty('n');
  });

  test('answers the replacement of a missing item with 404', async () => {
    expect(await refusalStatus(container.item('absent', tenant).replace(patient('absent')))).toBe(404);
  });

  test('replaces and deletes under If-Match only the version it names', async () => {
    const item = container.item('p1', tenant);
    const { etag } = await container.items.create(patient('p1', { n: 1 }));
    const accessCondition = { type: 'IfMatch', condition: etag };
    await item.replace(patient('p1', { n: 2 }), { accessCondition });
    expect(await refusalStatus(item.replace(patient('p1', { n: 3 }), { accessCondition }))).toBe(412);
    expect(await refusalStatus(item.delete({ accessCondition }))).toBe(412);
    expect(await refusalStatus(container.items.upsert(patient('p1'), { accessCondition }))).toBe(412);
    expect((await item.read()).resource?.['n']).toBe(2);
  });

  test('deletes with 204, and a second time with 404', async () => {
    await container.items.create(patient('p1'));
    expect((await container.item('p1', tenant).delete()).statusCode).toBe(204);
    expect(await refusalStatus(container.item('p1', tenant).delete())).toBe(404);
  });

  test('refuses to move an item to another partition or id', async () => {
    await container.items.create(patient('p1'));
    const item = container.item('p1', tenant);
    expect(await refusalStatus(item.replace({ id: 'p1', tenant: 'other' }))).toBe(400);
    expect(await refusalStatus(item.replace({ id: 'p2', tenant }))).toBe(400);
  });

  test('deletes all items of a partition key', async () => {
    await container.items.create(patient('p1'));
    await container.items.create(patient('p2'));
    await container.deleteAllItemsForPartitionKey(tenant);
    expect((await container.items.readAll({ partitionKey: tenant }).fetchAll()).resources).toEqual([]);
  });
});

describe('unique keys', () => {
  test('hold within a partition, over all paths of the key together', async () => {
    const unique = await account.createContainer({
      uniqueKeyPolicy: { uniqueKeys: [{ paths: ['/number', '/system'] }] },
    });
    await unique.items.create({ id: '1', tenant, number: '999', system: 'a' });
    await unique.items.create({ id: '2', tenant, number: '999', system: 'b' });
    await unique.items.create({ id: '3', tenant: 'other', number: '999', system: 'a' });
    const duplicate = { id: '4', tenant, number: '999', system: 'a' };
    expect(await refusalStatus(unique.items.create(duplicate))).toBe(409);
    await unique.item('1', tenant).delete();
    expect((await unique.items.create(duplicate)).statusCode).toBe(201);
  });
});

describe('hierarchical partition keys', () => {
  test('keep items apart at every level and are queried by a prefix', async () => {
    const levels = await account.createContainer({
      partitionKey: {
        paths: ['/tenant', '/patient'],
        kind: PartitionKeyKind.MultiHash,
        version: PartitionKeyDefinitionVersion.V2,
      },
    });
    await levels.items.create({ id: '1', tenant, patient: 'A', v: 1 });
    await levels.items.create({ id: '1', tenant, patient: 'B', v: 2 });
    await levels.items.create({ id: '2', tenant: `${tenant}x`, patient: 'A', v: 3 });
    expect((await levels.item('1', [tenant, 'B']).read()).resource?.['v']).toBe(2);
    const { resources } = await levels.items
      .query<number>('SELECT VALUE c.v FROM c', { partitionKey: [tenant] })
      .fetchAll();
    expect(resources.sort()).toEqual([1, 2]);
  });
});

describe('time to live', () => {
  test('hides an item when its time is over', async () => {
    const mortal = await account.createContainer({ defaultTtl: -1 });
    await mortal.items.create({ id: 'short', tenant, ttl: 1 });
    await mortal.items.create({ id: 'long', tenant });
    expect((await mortal.item('short', tenant).read()).statusCode).toBe(200);
    await expect(
      becomes(404, async () => (await mortal.item('short', tenant).read()).statusCode),
    ).resolves.toBe(404);
    expect((await mortal.item('long', tenant).read()).statusCode).toBe(200);
  });
});

/** Reads until the value is the wanted one, for at most ten seconds. */
async function becomes<T>(wanted: T, read: () => Promise<T>): Promise<T> {
  const end = Date.now() + 10_000;
  for (;;) {
    const value = await read();
    if (value === wanted || Date.now() > end) return value;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
