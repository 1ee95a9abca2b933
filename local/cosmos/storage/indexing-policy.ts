import { badRequest } from '../errors.js';
import type { Json, Value } from '../json.js';
import { isArray, isObject, splitPath } from '../json.js';

export type SortDirection = 'ascending' | 'descending';

/** The indexing policy of a container as the service returns it. */
export interface IndexingPolicy {
  readonly indexingMode: 'consistent' | 'none';
  readonly automatic: boolean;
  readonly includedPaths: readonly { readonly path: string }[];
  readonly excludedPaths: readonly { readonly path: string }[];
  readonly compositeIndexes?: readonly (readonly {
    readonly path: string;
    readonly order: SortDirection;
  }[])[];
  readonly spatialIndexes?: Json;
}

const defaultPolicy: IndexingPolicy = {
  indexingMode: 'consistent',
  automatic: true,
  includedPaths: [{ path: '/*' }],
  excludedPaths: [{ path: '/"_etag"/?' }],
};

function parsePaths(value: Value, name: string): readonly { readonly path: string }[] {
  if (value === undefined || value === null) return [];
  if (!isArray(value)) throw badRequest(`indexingPolicy.${name} must be an array.`);
  return value.map((entry) => {
    const path = isObject(entry) ? entry['path'] : undefined;
    if (typeof path !== 'string' || !/^\/(.*\/)?(\?|\*)$/.test(path)) {
      throw badRequest(`A path of indexingPolicy.${name} must start with '/' and end with '/?' or '/*'.`);
    }
    return { path };
  });
}

function parseComposites(value: Value): Pick<IndexingPolicy, 'compositeIndexes'> {
  if (value === undefined || value === null) return {};
  if (!isArray(value)) throw badRequest('indexingPolicy.compositeIndexes must be an array.');
  const compositeIndexes = value.map((index) => {
    if (!isArray(index) || index.length < 2) throw badRequest('A composite index needs at least two paths.');
    return index.map((entry) => {
      const path = isObject(entry) ? entry['path'] : undefined;
      const order = isObject(entry) ? (entry['order'] ?? 'ascending') : undefined;
      if (typeof path !== 'string' || !path.startsWith('/') || /\/[?*]$/.test(path)) {
        throw badRequest("A path of a composite index starts with '/' and has no '/?' or '/*'.");
      }
      if (order !== 'ascending' && order !== 'descending') {
        throw badRequest('The order of a composite index path is ascending or descending.');
      }
      return { path, order } as const;
    });
  });
  return { compositeIndexes };
}

/**
 * Checks an indexing policy; a missing one is Azure's default, which indexes everything.
 *
 * @throws CosmosError 400 when it is malformed or asks for vector or full-text indexes.
 */
export function parseIndexingPolicy(value: Value): IndexingPolicy {
  if (value === undefined || value === null) return defaultPolicy;
  if (!isObject(value)) throw badRequest('indexingPolicy must be an object.');
  if (value['vectorIndexes'] !== undefined || value['fullTextIndexes'] !== undefined) {
    throw badRequest('The local Cosmos DB endpoint does not support vector and full-text indexes.');
  }
  const mode = value['indexingMode'] ?? 'consistent';
  const text = typeof mode === 'string' ? mode.toLowerCase() : '';
  if (text !== 'consistent' && text !== 'none') throw badRequest('indexingMode must be consistent or none.');
  const includedPaths = parsePaths(value['includedPaths'], 'includedPaths');
  const excludedPaths = parsePaths(value['excludedPaths'], 'excludedPaths');
  const isRoot = ({ path }: { path: string }): boolean => path === '/*';
  if (text === 'consistent' && !includedPaths.some(isRoot) && !excludedPaths.some(isRoot)) {
    throw badRequest("The indexing policy must include or exclude the path '/*'.");
  }
  return {
    indexingMode: text,
    automatic: value['automatic'] !== false,
    includedPaths,
    excludedPaths,
    ...parseComposites(value['compositeIndexes']),
    ...(value['spatialIndexes'] === undefined ? {} : { spatialIndexes: value['spatialIndexes'] }),
  };
}

/** How well an index path matches a property: its number of names, or -1. An exact `/?` beats a wildcard. */
function precision(indexPath: string, property: readonly string[]): number {
  const names = splitPath(indexPath);
  const end = names.at(-1);
  const prefix = names.slice(0, -1);
  const matches = prefix.every((name, at) => name === property[at]);
  if (!matches || (end === '?' && prefix.length !== property.length)) return -1;
  return prefix.length * 2 + (end === '?' ? 1 : 0);
}

const best = (paths: readonly { readonly path: string }[], property: readonly string[]): number =>
  Math.max(-1, ...paths.map(({ path }) => precision(path, property)));

/** Whether queries on the property (`[]` stands for any array element) can use the index. */
export function isIndexed(policy: IndexingPolicy, property: readonly string[]): boolean {
  if (policy.indexingMode === 'none') return false;
  const [first] = property;
  // The service always indexes these two.
  if (property.length === 1 && (first === 'id' || first === '_ts')) return true;
  const included = best(policy.includedPaths, property);
  return included >= 0 && included >= best(policy.excludedPaths, property);
}

/** Whether a composite index has exactly these paths in these directions, or all directions reversed. */
export function hasCompositeIndex(
  policy: IndexingPolicy,
  keys: readonly { readonly property: readonly string[]; readonly direction: SortDirection }[],
): boolean {
  return (policy.compositeIndexes ?? []).some((index) => {
    if (index.length !== keys.length) return false;
    const samePaths = index.every(
      ({ path }, at) => JSON.stringify(splitPath(path)) === JSON.stringify(keys[at]?.property),
    );
    const agreeing = index.filter(({ order }, at) => order === keys[at]?.direction).length;
    return samePaths && (agreeing === 0 || agreeing === keys.length);
  });
}
