import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Container, OperationInput } from '@azure/cosmos';
import { BulkOperationType } from '@azure/cosmos';
import type { TestAccount } from './test-account.js';
import { openTestAccount, refusalMessage } from './test-account.js';

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

const note = (id: string, more: Record<string, unknown> = {}) => ({ id, tenant, ...more });
const create = (id: string): OperationInput => ({
  operationType: BulkOperationType.Create,
  resourceBody: note(id),
});
const statusOf = async (id: string): Promise<number> => (await container.item(id, tenant).read()).statusCode;

async function runBatch(operations: OperationInput[]) {
  const { code, result } = await container.items.batch(operations, tenant);
  return { code, results: result ?? [], statuses: (result ?? []).map(({ statusCode }) => statusCode) };
}

describe('transactional batch', () => {
  test('runs every kind of operation in order, each seeing those before it', async () => {
    await container.items.create(note('kept', { n: 0 }));
    await container.items.create(note('gone'));
    const { code, statuses, results } = await runBatch([
      create('new'),
      { operationType: 'Upsert', resourceBody: note('upserted') },
      { operationType: 'Read', id: 'kept' },
      { operationType: 'Replace', id: 'kept', resourceBody: note('kept', { n: 1 }) },
      { operationType: 'Delete', id: 'gone' },
      {
        operationType: 'Patch',
        id: 'kept',
        resourceBody: { operations: [{ op: 'incr', path: '/n', value: 1 }] },
      },
      { operationType: 'Read', id: 'kept' },
    ]);
    expect(code).toBe(200);
    expect(statuses).toEqual([201, 201, 200, 200, 204, 200, 200]);
    expect(results.at(-1)?.resourceBody).toMatchObject({ n: 2 });
    expect((await container.item('kept', tenant).read()).resource?.['n']).toBe(2);
    expect(await statusOf('gone')).toBe(404);
  });

  test('undoes everything when one operation fails: 207, its own status, 424 for the others', async () => {
    await container.items.create(note('taken'));
    const { code, statuses } = await runBatch([create('first'), create('taken'), create('last')]);
    expect(code).toBe(207);
    expect(statuses).toEqual([424, 409, 424]);
    expect(await statusOf('first')).toBe(404);
    expect(await statusOf('last')).toBe(404);
  });

  test('undoes everything when an entity tag is stale', async () => {
    const { etag } = await container.items.create(note('item', { n: 1 }));
    await container.items.upsert(note('item', { n: 2 }));
    const { statuses } = await runBatch([
      create('first'),
      { operationType: 'Replace', id: 'item', ifMatch: etag, resourceBody: note('item', { n: 3 }) },
    ]);
    expect(statuses).toEqual([424, 412]);
    expect(await statusOf('first')).toBe(404);
    expect((await container.item('item', tenant).read()).resource?.['n']).toBe(2);
  });

  test('restores what the failed batch had replaced, deleted and patched, tags and all', async () => {
    await container.items.create(note('a', { n: 1 }));
    await container.items.create(note('b', { n: 1 }));
    const before = await container.items.readAll({ partitionKey: tenant }).fetchAll();
    await runBatch([
      { operationType: 'Delete', id: 'a' },
      { operationType: 'Replace', id: 'b', resourceBody: note('b', { n: 2 }) },
      create('c'),
      { operationType: 'Read', id: 'absent' },
    ]);
    const after = await container.items.readAll({ partitionKey: tenant }).fetchAll();
    expect(after.resources).toEqual(before.resources);
  });

  test('keeps unique keys inside a batch', async () => {
    const unique = await account.createContainer({
      uniqueKeyPolicy: { uniqueKeys: [{ paths: ['/number'] }] },
    });
    const write = (id: string, number: string): OperationInput => ({
      operationType: 'Create',
      resourceBody: note(id, { number }),
    });
    const clash = await unique.items.batch([write('1', 'x'), write('2', 'x')], tenant);
    expect(clash.result?.map(({ statusCode }) => statusCode)).toEqual([424, 409]);
    const handedOver = await unique.items.batch(
      [write('1', 'x'), { operationType: 'Delete', id: '1' }, write('2', 'x')],
      tenant,
    );
    expect(handedOver.code).toBe(200);
  });

  test('returns the entity tag of each write', async () => {
    const { results } = await runBatch([create('a')]);
    expect(results[0]?.eTag).toBe((await container.item('a', tenant).read()).etag);
    expect(results[0]?.requestCharge).toBeGreaterThan(1);
  });

  test('leaves the documents out of the answer when asked to', async () => {
    const options = { contentResponseOnWriteEnabled: false };
    const { code, result } = await container.items.batch([create('a')], tenant, options);
    expect(code).toBe(200);
    expect(result?.[0]).toMatchObject({ statusCode: 201, eTag: expect.any(String) });
    expect(result?.[0]).not.toHaveProperty('resourceBody');
  });

  test('refuses a document of another partition with 400 and undoes the rest', async () => {
    const { code, statuses } = await runBatch([
      create('first'),
      { operationType: 'Create', resourceBody: { id: 'stray', tenant: 'other' } },
    ]);
    expect([code, ...statuses]).toEqual([207, 424, 400]);
    expect(await statusOf('first')).toBe(404);
  });

  test('takes 100 operations', async () => {
    const { code, statuses } = await runBatch(Array.from({ length: 100 }, (_, index) => create(`n${index}`)));
    expect(code).toBe(200);
    expect(statuses).toEqual(Array.from({ length: 100 }, () => 201));
  });

  test('refuses more than 2 MB with 413 and changes nothing', async () => {
    const big = (id: string): OperationInput => ({
      operationType: 'Create',
      resourceBody: note(id, { raw: 'x'.repeat(800_000) }),
    });
    // The client hides the status of a refused batch behind a text.
    const refused = refusalMessage(container.items.batch([big('1'), big('2'), big('3')], tenant));
    expect(await refused).toContain('Request size is too large');
    expect(await statusOf('1')).toBe(404);
  });
});

describe('bulk', () => {
  test('routes 150 upserts over many partitions to their ranges', async () => {
    const operations = Array.from({ length: 150 }, (_, index) => ({
      operationType: BulkOperationType.Upsert,
      partitionKey: `${tenant}-${index % 40}`,
      resourceBody: { id: `k${index}`, tenant: `${tenant}-${index % 40}` },
    }));
    const results = await container.items.executeBulkOperations(operations);
    expect(results.map(({ response }) => response?.statusCode)).toEqual(operations.map(() => 201));
  });

  test('isolates the failure of one operation', async () => {
    await container.items.create(note('taken'));
    await container.items.create(note('patched'));
    await container.items.create(note('deleted'));
    const at = { partitionKey: tenant };
    const results = await container.items.executeBulkOperations([
      { operationType: 'Create', ...at, resourceBody: note('taken') },
      { operationType: 'Create', ...at, resourceBody: note('new') },
      {
        operationType: 'Patch',
        ...at,
        id: 'patched',
        resourceBody: { operations: [{ op: 'set', path: '/z', value: 1 }] },
      },
      { operationType: 'Delete', ...at, id: 'deleted' },
      { operationType: 'Read', ...at, id: 'taken' },
    ] as never);
    expect(results.map(({ response, error }) => response?.statusCode ?? error?.code)).toEqual([
      409, 201, 200, 204, 200,
    ]);
  });

  test('serves the older bulk call', async () => {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- it is still on the wire
    const results = await container.items.bulk([
      { operationType: 'Upsert', partitionKey: tenant, resourceBody: note('old') },
    ]);
    expect(results[0]?.statusCode).toBe(201);
  });
});

describe('hashing', () => {
  test.each([1, 16])('agrees with the client over %i ranges and keys of every type', async (ranges) => {
    const spread = await openTestAccount(ranges);
    const target = await spread.createContainer({});
    const keys = [
      ...Array.from({ length: 60 }, (_, index) => `key-${index}-é`),
      0,
      -1.5,
      12345678,
      true,
      false,
    ];
    const results = await target.items.executeBulkOperations(
      keys.map((key, index) => ({
        operationType: 'Create',
        partitionKey: key,
        resourceBody: { id: `${index}`, tenant: key },
      })) as never,
    );
    expect(results.map(({ response }) => response?.statusCode)).toEqual(keys.map(() => 201));
    await spread.close();
  });
});
