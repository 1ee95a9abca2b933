import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHmac, randomBytes } from 'node:crypto';
import type { Container } from '@azure/cosmos';
import { CosmosClient, TriggerOperation, TriggerType } from '@azure/cosmos';
import type { CosmosEndpoint } from '../../../local/cosmos/server.js';
import { emulatorKey } from '../../../local/cosmos/server.js';
import type { TestAccount } from './test-account.js';
import { connect, isLocalEndpoint, openTestAccount, refusalMessage, refusalStatus } from './test-account.js';

let account: TestAccount;
let container: Container;
beforeAll(async () => {
  account = await openTestAccount();
  container = await account.createContainer({
    indexingPolicy: {
      indexingMode: 'consistent',
      automatic: true,
      includedPaths: [{ path: '/kind/?' }, { path: '/n/?' }],
      excludedPaths: [{ path: '/*' }],
      compositeIndexes: [
        [
          { path: '/kind', order: 'ascending' },
          { path: '/n', order: 'ascending' },
        ],
      ],
    },
  });
  for (let n = 0; n < 6; n++) {
    await container.items.create({ id: `i${n}`, tenant: `t${n % 2}`, kind: `k${n % 3}`, n, hidden: n });
  }
});
afterAll(() => account.close());

const inPartition = (sql: string) => container.items.query(sql, { partitionKey: 't0' }).fetchAll();

describe('indexes', () => {
  test('serve a sort by several properties only with a composite index in that direction or its reverse', async () => {
    expect((await inPartition('SELECT * FROM c ORDER BY c.kind, c.n')).resources).toHaveLength(3);
    expect((await inPartition('SELECT * FROM c ORDER BY c.kind DESC, c.n DESC')).resources).toHaveLength(3);
    for (const order of ['c.kind, c.n DESC', 'c.n, c.kind', 'c.kind, c.id', 'c.kind, c.n, c.id']) {
      const refused = inPartition(`SELECT * FROM c ORDER BY ${order}`);
      expect(await refusalMessage(refused)).toContain('does not have a corresponding composite index');
    }
  });

  test('refuse the same across partitions', async () => {
    const refused = container.items.query('SELECT * FROM c ORDER BY c.n, c.kind').fetchAll();
    expect(await refusalStatus(refused)).toBe(400);
  });

  test('serve a sort by one property unless its path is excluded', async () => {
    expect((await inPartition('SELECT * FROM c ORDER BY c.n')).resources).toHaveLength(3);
    expect((await inPartition('SELECT * FROM c ORDER BY c._ts')).resources).toHaveLength(3);
    const refused = inPartition('SELECT * FROM c ORDER BY c.hidden');
    expect(await refusalMessage(refused)).toContain('order-by item is excluded');
  });

  test('refuse a sort by anything but a property', async () => {
    const refused = inPartition('SELECT * FROM c ORDER BY LOWER(c.kind)');
    expect(await refusalMessage(refused)).toContain('could not be mapped to a document path');
  });

  test('do not limit filters: an excluded path costs more but works', async () => {
    const all = { maxItemCount: -1 };
    const indexed = await container.items.query('SELECT * FROM c WHERE c.n = 3', all).fetchAll();
    const excluded = await container.items.query('SELECT * FROM c WHERE c.hidden = 3', all).fetchAll();
    expect(excluded.resources).toEqual(indexed.resources);
    expect(excluded.requestCharge).toBeGreaterThan(indexed.requestCharge);
  });
});

const whenLocal = isLocalEndpoint ? describe : describe.skip;

/** A signed request by hand, for what the client never sends. */
async function send(
  endpoint: CosmosEndpoint,
  method: string,
  path: string,
  options: { type: string; link: string; headers?: Record<string, string>; body?: string },
): Promise<{
  status: number;
  substatus: string | null;
  body: { message?: string; additionalErrorInfo?: string };
}> {
  const date = new Date().toUTCString();
  const text = `${method.toLowerCase()}\n${options.type}\n${options.link}\n${date.toLowerCase()}\n\n`;
  const signature = createHmac('sha256', Buffer.from(endpoint.key, 'base64')).update(text).digest('base64');
  const response = await fetch(new URL(path, endpoint.endpoint), {
    method,
    headers: {
      'x-ms-date': date,
      authorization: encodeURIComponent(`type=master&ver=1.0&sig=${signature}`),
      ...options.headers,
    },
    ...(options.body === undefined ? {} : { body: options.body }),
  });
  const body = (await response.json()) as { message?: string };
  return { status: response.status, substatus: response.headers.get('x-ms-substatus'), body };
}

whenLocal('requests that the client does not send by itself', () => {
  const query = (sql: string, headers: Record<string, string> = {}) => {
    const link = `dbs/${account.database.id}/colls/${container.id}`;
    return send(account.endpoint!, 'POST', `/${link}/docs`, {
      type: 'docs',
      link,
      headers: {
        'content-type': 'application/query+json',
        'x-ms-documentdb-isquery': 'True',
        'x-ms-documentdb-query-enablecrosspartition': 'True',
        ...headers,
      },
      body: JSON.stringify({ query: sql }),
    });
  };

  test.each([
    'SELECT VALUE COUNT(1) FROM c',
    'SELECT TOP 1 * FROM c',
    'SELECT * FROM c ORDER BY c.n',
    'SELECT * FROM c OFFSET 1 LIMIT 1',
    'SELECT DISTINCT c.kind FROM c',
  ])('are refused with their plan when the client must merge: %s', async (sql) => {
    const { status, substatus, body } = await query(sql);
    expect([status, substatus]).toEqual([400, '1004']);
    expect(JSON.parse(body.additionalErrorInfo ?? '{}')).toMatchObject({
      partitionedQueryExecutionInfoVersion: 2,
    });
    expect((await query(sql, { 'x-ms-documentdb-partitionkey': '["t0"]' })).status).toBe(200);
    expect((await query(sql, { 'x-ms-documentdb-partitionkeyrangeid': '0' })).status).toBe(200);
  });

  test.each(['SELECT COUNT(1) AS n FROM c', 'SELECT c.kind, COUNT(1) AS n FROM c GROUP BY c.kind'])(
    'are refused with the hint that makes the client ask for the plan: %s',
    async (sql) => {
      const { status, body } = await query(sql);
      expect(status).toBe(400);
      expect(body.message).toContain("Cross partition query only supports 'VALUE <AggregateFunc>'");
    },
  );

  test.each(['SELECT * FROM c WHERE c.n IN (1, 2)', "SELECT VALUE c.n FROM c WHERE c.kind LIKE 'k%'"])(
    'are answered when there is nothing to merge: %s',
    async (sql) => {
      expect((await query(sql)).status).toBe(200);
    },
  );

  test('are refused when cross-partition queries are not enabled', async () => {
    const { status } = await query('SELECT * FROM c', {
      'x-ms-documentdb-query-enablecrosspartition': 'False',
    });
    expect(status).toBe(400);
  });

  test('are limited to 100 operations when they are batches', async () => {
    const link = `dbs/${account.database.id}/colls/${container.id}`;
    const operations = Array.from({ length: 101 }, (_, index) => ({
      operationType: 'Create',
      resourceBody: { id: `n${index}`, tenant: 't9' },
    }));
    const { status, body } = await send(account.endpoint!, 'POST', `/${link}/docs`, {
      type: 'docs',
      link,
      headers: {
        'x-ms-cosmos-is-batch-request': 'True',
        'x-ms-cosmos-batch-atomic': 'True',
        'x-ms-documentdb-partitionkey': '["t9"]',
      },
      body: JSON.stringify(operations),
    });
    expect(status).toBe(400);
    expect(body.message).toContain('more operations than what is supported');
  });

  test('are refused with 410 for a range that does not exist', async () => {
    const { status, substatus } = await query('SELECT * FROM c', {
      'x-ms-documentdb-partitionkeyrangeid': '9',
    });
    expect([status, substatus]).toEqual([410, '1002']);
  });

  test.each([
    ['a duplicate parameter', [{ name: '@a' }, { name: '@a' }]],
    ['a parameter without @', [{ name: 'a', value: 1 }]],
  ])('are refused with %s', async (_, parameters) => {
    const link = `dbs/${account.database.id}/colls/${container.id}`;
    const { status } = await send(account.endpoint!, 'POST', `/${link}/docs`, {
      type: 'docs',
      link,
      headers: {
        'content-type': 'application/query+json',
        'x-ms-documentdb-query-enablecrosspartition': 'True',
      },
      body: JSON.stringify({ query: 'SELECT * FROM c', parameters }),
    });
    expect(status).toBe(400);
  });
});

describe('authorisation', () => {
  test('refuses another key with 401', async () => {
    const endpoint = await account.client.getReadEndpoint();
    const stranger = new CosmosClient({ endpoint, key: randomBytes(64).toString('base64') });
    expect(await refusalStatus(stranger.database(account.database.id).read())).toBe(401);
    stranger.dispose();
  });

  (isLocalEndpoint ? test : test.skip)(
    'needs no signature for the account document: a health check',
    async () => {
      const { endpoint } = account.endpoint!;
      expect((await fetch(endpoint)).status).toBe(200);
      expect((await fetch(new URL('/dbs', endpoint))).status).toBe(401);
      expect((await fetch(endpoint, { headers: { authorization: 'type%3Dmaster%26sig%3Dx' } })).status).toBe(
        401,
      );
    },
  );

  (isLocalEndpoint ? test : test.skip)('uses the well-known key of the emulator', async () => {
    expect(account.endpoint?.key).toBe(emulatorKey);
    const client = connect(account.endpoint?.connectionString ?? '');
    expect((await client.database(account.database.id).read()).statusCode).toBe(200);
    client.dispose();
  });
});

whenLocal('what the endpoint lacks', () => {
  test.each([
    ['stored procedures', () => container.scripts.storedProcedures.create({ id: 's', body: 'function(){}' })],
    [
      'user defined functions',
      () => container.scripts.userDefinedFunctions.create({ id: 'f', body: 'function f(x) { return x }' }),
    ],
    [
      'triggers',
      () =>
        container.scripts.triggers.create({
          id: 't',
          body: 'function(){}',
          triggerType: TriggerType.Pre,
          triggerOperation: TriggerOperation.All,
        }),
    ],
  ])('is refused clearly: %s', async (what, request) => {
    const promise = request();
    expect(await refusalMessage(promise)).toContain(`does not support ${what}`);
    expect(await refusalStatus(promise)).toBe(405);
  });

  test('is refused in a query: user defined functions', async () => {
    const refused = inPartition('SELECT VALUE udf.f(c.n) FROM c');
    expect(await refusalMessage(refused)).toContain('not supported');
  });

  test('is refused as a bad request: unknown addresses, bodies that are no JSON', async () => {
    const { endpoint } = account;
    const unknown = await send(endpoint!, 'GET', '/nowhere', { type: 'nowhere', link: '' });
    expect(unknown).toMatchObject({ status: 400, body: { message: expect.stringContaining('invalid') } });
    const broken = await send(endpoint!, 'POST', '/dbs', { type: 'dbs', link: '', body: '{"id":' });
    expect(broken).toMatchObject({ status: 400, body: { message: expect.stringContaining('payload') } });
  });

  test('never answers a refusal with an empty body', async () => {
    const { endpoint, database } = account;
    const link = `dbs/${database.id}/colls/${container.id}/docs/absent`;
    for (const method of ['GET', 'DELETE']) {
      const { status, body } = await send(endpoint!, method, `/${link}`, {
        type: 'docs',
        link,
        headers: { 'x-ms-documentdb-partitionkey': '["t0"]' },
      });
      expect(status).toBe(404);
      expect(body.message).toEqual(expect.stringMatching(/.+/));
    }
  });
});
