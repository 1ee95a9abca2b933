import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PartitionKeyDefinitionVersion, PartitionKeyKind } from '@azure/cosmos';
import type { TestAccount } from './test-account.js';
import { isLocalEndpoint, openTestAccount, refusalMessage, refusalStatus } from './test-account.js';

let account: TestAccount;
beforeAll(async () => {
  account = await openTestAccount();
});
afterAll(() => account.close());

describe('databases', () => {
  test('refuses a second database of the same id', async () => {
    expect(await refusalStatus(account.client.databases.create({ id: account.database.id }))).toBe(409);
  });

  test('reads a database back', async () => {
    const { resource } = await account.database.read();
    expect(resource).toMatchObject({ id: account.database.id, _rid: expect.any(String) });
  });

  test('lists databases and selects them by a query', async () => {
    const { resources } = await account.client.databases.readAll().fetchAll();
    expect(resources.map(({ id }) => id)).toContain(account.database.id);
    const found = await account.client.databases
      .query({
        query: 'SELECT * FROM d WHERE d.id = @id',
        parameters: [{ name: '@id', value: account.database.id }],
      })
      .fetchAll();
    expect(found.resources).toHaveLength(1);
  });

  test('creates a database only if it does not exist', async () => {
    const { statusCode } = await account.client.databases.createIfNotExists({ id: account.database.id });
    expect(statusCode).toBe(200);
  });

  test('answers 404 for a database that does not exist', async () => {
    expect(await refusalStatus(account.client.database('absent').read())).toBe(404);
  });
});

describe('containers', () => {
  test('reads back the definition with system properties', async () => {
    const container = await account.createContainer({
      partitionKey: {
        paths: ['/tenant'],
        kind: PartitionKeyKind.Hash,
        version: PartitionKeyDefinitionVersion.V2,
      },
    });
    const { resource } = await container.read();
    expect(resource).toMatchObject({
      id: container.id,
      partitionKey: { paths: ['/tenant'], kind: 'Hash', version: 2 },
      indexingPolicy: { indexingMode: 'consistent', includedPaths: [{ path: '/*' }] },
      _self: expect.stringMatching(/^dbs\/.+\/colls\/.+\/$/),
    });
    expect(Buffer.from(String(resource?._rid).replace(/-/g, '/'), 'base64')).toHaveLength(8);
  });

  test('takes a hierarchical partition key', async () => {
    const container = await account.createContainer({
      partitionKey: {
        paths: ['/tenant', '/patient'],
        kind: PartitionKeyKind.MultiHash,
        version: PartitionKeyDefinitionVersion.V2,
      },
    });
    expect((await container.read()).resource?.partitionKey?.paths).toEqual(['/tenant', '/patient']);
  });

  test('takes unique keys, composite indexes and a default time to live', async () => {
    const compositeIndexes = [
      [
        { path: '/a', order: 'ascending' as const },
        { path: '/b', order: 'descending' as const },
      ],
    ];
    const container = await account.createContainer({
      uniqueKeyPolicy: { uniqueKeys: [{ paths: ['/number', '/system'] }] },
      indexingPolicy: {
        indexingMode: 'consistent',
        automatic: true,
        includedPaths: [{ path: '/*' }],
        excludedPaths: [{ path: '/raw/*' }],
        compositeIndexes,
      },
      defaultTtl: -1,
    });
    const { resource } = await container.read();
    expect(resource?.indexingPolicy?.compositeIndexes).toEqual(compositeIndexes);
    expect(resource?.uniqueKeyPolicy).toEqual({ uniqueKeys: [{ paths: ['/number', '/system'] }] });
    expect(resource?.defaultTtl).toBe(-1);
  });

  test('tells the throughput of a container that was created with one', async () => {
    const container = await account.createContainer({ throughput: 400 });
    const { resource } = await container.readOffer();
    expect(resource?.content?.offerThroughput).toBe(400);
  });

  test('lists containers', async () => {
    const container = await account.createContainer({});
    const { resources } = await account.database.containers.readAll().fetchAll();
    expect(resources.map(({ id }) => id)).toContain(container.id);
  });

  test('replaces the indexing policy', async () => {
    const container = await account.createContainer({});
    const { resource } = await container.read();
    const indexingPolicy = {
      indexingMode: 'consistent' as const,
      automatic: true,
      includedPaths: [{ path: '/kind/?' }],
      excludedPaths: [{ path: '/*' }],
    };
    await container.replace({ ...resource!, indexingPolicy });
    expect((await container.read()).resource?.indexingPolicy?.excludedPaths).toContainEqual({ path: '/*' });
  });

  test('refuses to change the partition key or the unique keys', async () => {
    const container = await account.createContainer({
      uniqueKeyPolicy: { uniqueKeys: [{ paths: ['/number'] }] },
    });
    const { resource } = await container.read();
    const moved = container.replace({
      ...resource!,
      partitionKey: { paths: ['/other'], version: PartitionKeyDefinitionVersion.V2 },
    });
    expect(await refusalStatus(moved)).toBe(400);
    const { uniqueKeyPolicy: _, ...withoutUniqueKeys } = resource!;
    expect(await refusalStatus(container.replace(withoutUniqueKeys))).toBe(403);
  });

  test('answers 404 for a container that does not exist', async () => {
    expect(await refusalStatus(account.database.container('absent').read())).toBe(404);
  });

  test('loses a container with its items when it is deleted', async () => {
    const container = await account.createContainer({});
    await container.items.create({ id: '1', tenant: 't' });
    await container.delete();
    expect(await refusalStatus(container.read())).toBe(404);
  });

  test.each([
    ['no partition key path', { partitionKey: { paths: [] } }],
    ['a time to live of zero', { defaultTtl: 0 }],
  ])('refuses a definition with %s', async (_, definition) => {
    expect(await refusalStatus(account.createContainer(definition))).toBe(400);
  });

  (isLocalEndpoint ? test : test.skip)(
    'refuses features that it lacks instead of ignoring them',
    async () => {
      const vectors = account.createContainer({ vectorEmbeddingPolicy: { vectorEmbeddings: [] } });
      expect(await refusalMessage(vectors)).toContain('vectorEmbeddingPolicy');
      const oldHash = account.createContainer({
        partitionKey: { paths: ['/tenant'], version: PartitionKeyDefinitionVersion.V1 },
      });
      expect(await refusalMessage(oldHash)).toContain('version 2');
    },
  );
});

describe('topology', () => {
  test('advertises where to read and write', async () => {
    const { resource } = await account.client.getDatabaseAccount();
    expect(resource?.writableLocations).toHaveLength(1);
    expect(await account.client.getReadEndpoint()).toMatch(/^https?:\/\//);
  });

  test('tiles the hash space with partition key ranges', async () => {
    const container = await account.createContainer({});
    const { resources } = await container.readPartitionKeyRanges().fetchAll();
    if (isLocalEndpoint) expect(resources).toHaveLength(3);
    expect(resources.at(0)?.minInclusive).toBe('');
    expect(resources.at(-1)?.maxExclusive).toBe('FF');
    for (const [index, range] of resources.slice(1).entries()) {
      expect(range.minInclusive).toBe(resources[index]?.maxExclusive);
    }
  });
});
