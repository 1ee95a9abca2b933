import { describe, expect, test } from '@jest/globals';
import { parseContainerDefinition } from '../../../../local/cosmos/storage/definition.js';
import {
  hasCompositeIndex,
  isIndexed,
  parseIndexingPolicy,
} from '../../../../local/cosmos/storage/indexing-policy.js';

const policyOf = (included: string[], excluded: string[]) =>
  parseIndexingPolicy({
    includedPaths: included.map((path) => ({ path })),
    excludedPaths: excluded.map((path) => ({ path })),
  });

describe('isIndexed', () => {
  test.each([
    ['includes what is named', ['/kind/?'], ['/*'], ['kind'], true],
    ['excludes the rest', ['/kind/?'], ['/*'], ['other'], false],
    ['takes an exact path for one property only', ['/index/?'], ['/*'], ['index', 'name'], false],
    ['takes a wildcard for everything below', ['/index/*'], ['/*'], ['index', 'name', '[]'], true],
    ['prefers the more precise path', ['/*', '/raw/seen/?'], ['/raw/*'], ['raw', 'seen'], true],
    ['prefers the more precise exclusion', ['/*'], ['/raw/*'], ['raw', 'other'], false],
    ['always has id', [], ['/*'], ['id'], true],
    ['always has _ts', [], ['/*'], ['_ts'], true],
    ['reads quoted names', ['/"a b"/?'], ['/*'], ['a b'], true],
  ])('%s', (_, included, excluded, property, expected) => {
    expect(isIndexed(policyOf(included, excluded), property)).toBe(expected);
  });
});

describe('hasCompositeIndex', () => {
  const policy = parseIndexingPolicy({
    compositeIndexes: [
      [
        { path: '/a', order: 'ascending' },
        { path: '/b/c', order: 'descending' },
      ],
    ],
    includedPaths: [{ path: '/*' }],
  });
  test.each([
    ['ascending', 'descending', true],
    ['descending', 'ascending', true],
    ['ascending', 'ascending', false],
  ] as const)('%s, %s: %p', (first, second, expected) => {
    const keys = [
      { property: ['a'], direction: first },
      { property: ['b', 'c'], direction: second },
    ];
    expect(hasCompositeIndex(policy, keys)).toBe(expected);
    expect(hasCompositeIndex(policy, keys.slice(0, 1))).toBe(false);
  });
});

describe('parseContainerDefinition', () => {
  const partitionKey = { paths: ['/p'] };

  test('fills in the hash version and the default indexing policy', () => {
    expect(parseContainerDefinition({ id: 'c', partitionKey })).toMatchObject({
      partitionKey: { paths: ['/p'], kind: 'Hash', version: 2 },
      indexingPolicy: { includedPaths: [{ path: '/*' }], excludedPaths: [{ path: '/"_etag"/?' }] },
    });
  });

  test.each<[string, object]>([
    ['no partition key', { partitionKey: undefined }],
    ['a relative path', { partitionKey: { paths: ['p'] } }],
    ['four levels', { partitionKey: { paths: ['/a', '/b', '/c', '/d'] } }],
    ['several paths of kind Hash', { partitionKey: { paths: ['/a', '/b'], kind: 'Hash' } }],
    ['an index path without an end', { indexingPolicy: { includedPaths: [{ path: '/a' }] } }],
    ['an index without its root', { indexingPolicy: { includedPaths: [{ path: '/a/?' }] } }],
    ['a composite index of one path', { indexingPolicy: { compositeIndexes: [[{ path: '/a' }]] } }],
    ['a vector index', { indexingPolicy: { vectorIndexes: [] } }],
    ['computed properties', { computedProperties: [] }],
    ['a unique key without paths', { uniqueKeyPolicy: { uniqueKeys: [{ paths: [] }] } }],
    ['an id with a slash', { id: 'a/b' }],
    ['an empty id', { id: '' }],
  ])('refuses %s', (_, change) => {
    const definition = JSON.parse(JSON.stringify({ id: 'c', partitionKey, ...change })) as never;
    expect(() => parseContainerDefinition(definition)).toThrow(expect.objectContaining({ status: 400 }));
  });
});
