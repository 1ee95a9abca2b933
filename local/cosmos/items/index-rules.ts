import { badRequest } from '../errors.js';
import type { Expression, Query } from '../sql/syntax.js';
import { childrenOf, pathOf } from '../sql/syntax.js';
import type { IndexingPolicy } from '../storage/indexing-policy.js';
import { hasCompositeIndex, isIndexed } from '../storage/indexing-policy.js';

/**
 * Refuses an ORDER BY that the index cannot serve, as Azure does: sorting by several properties needs a composite
 * index of exactly these, sorting by one needs its path not to be excluded.
 *
 * @throws CosmosError 400
 */
export function checkOrderBy(query: Query, policy: IndexingPolicy): void {
  const keys = query.orderBy.map(({ expression, direction }) => {
    const found = pathOf(expression);
    if (found === undefined || found.path.length === 0) {
      throw badRequest(
        'Unsupported ORDER BY clause. ORDER BY item expression could not be mapped to a document path.',
      );
    }
    return { property: found.path, direction };
  });
  const [only] = keys;
  if (only === undefined) return;
  if (keys.length > 1 && !hasCompositeIndex(policy, keys)) {
    throw badRequest(
      'The order by query does not have a corresponding composite index that it can be served from.',
    );
  }
  if (keys.length === 1 && !isIndexed(policy, only.property)) {
    throw badRequest('The index path corresponding to the specified order-by item is excluded.');
  }
}

function propertiesIn(node: Expression): readonly (readonly string[])[] {
  const found = pathOf(node);
  return found === undefined
    ? childrenOf(node).flatMap(propertiesIn)
    : found.path.length === 0
      ? []
      : [found.path];
}

/** Whether every property in the filter is indexed; otherwise the query reads every document in its scope. */
export const isFilterIndexed = (query: Query, policy: IndexingPolicy): boolean =>
  query.where === undefined ||
  propertiesIn(query.where.expression).every((property) => isIndexed(policy, property));
