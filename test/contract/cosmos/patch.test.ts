import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Container, Item, PatchRequestBody } from '@azure/cosmos';
import type { TestAccount } from './test-account.js';
import { openTestAccount, refusalStatus } from './test-account.js';

let account: TestAccount;
let container: Container;
let item: Item;
beforeAll(async () => {
  account = await openTestAccount();
  container = await account.createContainer({});
});
beforeEach(async () => {
  const tenant = randomUUID();
  item = container.item('p', tenant);
  await container.items.create({
    id: 'p',
    tenant,
    n: 1,
    list: [1, 2],
    status: 'active',
    resourceType: 'Patient',
    nested: { a: 1, gone: true },
  });
});
afterAll(() => account.close());

const patched = async (operations: PatchRequestBody): Promise<Record<string, unknown>> => {
  const { resource } = await item.patch<Record<string, unknown> & { id: string }>(operations);
  return { ...resource };
};

describe('patch', () => {
  test('sets, adds, increments, removes and replaces', async () => {
    const document = await patched([
      { op: 'set', path: '/nested/b', value: 'B' },
      { op: 'add', path: '/list/-', value: 3 },
      { op: 'incr', path: '/n', value: 5 },
      { op: 'remove', path: '/nested/gone' },
      { op: 'replace', path: '/status', value: 'closed' },
    ]);
    expect(document).toMatchObject({ nested: { a: 1, b: 'B' }, list: [1, 2, 3], n: 6, status: 'closed' });
    expect(document['nested']).not.toHaveProperty('gone');
  });

  test('moves a value', async () => {
    const document = await patched([{ op: 'move', from: '/nested/a', path: '/moved' } as never]);
    expect(document['moved']).toBe(1);
    expect(document['nested']).not.toHaveProperty('a');
  });

  test('inserts into an array and sets an element', async () => {
    const document = await patched([
      { op: 'add', path: '/list/0', value: 'first' },
      { op: 'set', path: '/list/2', value: 'third' },
    ]);
    expect(document['list']).toEqual(['first', 1, 'third']);
  });

  test('refuses a stale entity tag with 412', async () => {
    const stale = item.patch([{ op: 'incr', path: '/n', value: 1 }], {
      accessCondition: { type: 'IfMatch', condition: '"stale"' },
    });
    expect(await refusalStatus(stale)).toBe(412);
  });

  test('applies under a condition that holds, whatever the case of its names and values', async () => {
    const document = await patched({
      condition: "FROM c WHERE c.resourceType = 'Patient'",
      operations: [{ op: 'set', path: '/seen', value: true }],
    });
    expect(document['seen']).toBe(true);
  });

  test('refuses with 412 under a condition that does not hold', async () => {
    const refused = item.patch({
      condition: "FROM c WHERE c.status = 'closed'",
      operations: [{ op: 'set', path: '/seen', value: true }],
    });
    expect(await refusalStatus(refused)).toBe(412);
  });

  test('answers a missing item with 404', async () => {
    const missing = container.item('absent', 'nowhere').patch([{ op: 'set', path: '/a', value: 1 }]);
    expect(await refusalStatus(missing)).toBe(404);
  });

  test.each<[string, PatchRequestBody]>([
    ['replaces an absent node', [{ op: 'replace', path: '/absent', value: 1 }]],
    ['removes an absent node', [{ op: 'remove', path: '/absent' }]],
    ['would create a parent', [{ op: 'set', path: '/x/y/z', value: 1 }]],
    ['goes beyond an array', [{ op: 'set', path: '/list/9', value: 1 }]],
    ['increments text', [{ op: 'incr', path: '/status', value: 1 }]],
    ['changes the id', [{ op: 'set', path: '/id', value: 'other' }]],
    ['changes the partition key', [{ op: 'set', path: '/tenant', value: 'other' }]],
    [
      'has more than ten operations',
      Array.from({ length: 11 }, () => ({ op: 'incr' as const, path: '/n', value: 1 })),
    ],
  ])('refuses a patch that %s, and changes nothing', async (_, operations) => {
    const before = (await item.read()).resource;
    expect(await refusalStatus(item.patch(operations))).toBe(400);
    expect((await item.read()).resource).toEqual(before);
  });
});
