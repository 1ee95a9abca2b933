import { SqlError } from './sql-error.js';
import type { Expression, Query } from './syntax.js';
import { childrenOf, hasAggregate, isAggregated, namesOf, selectedExpressions } from './syntax.js';

/** The structure of an expression without its place in the text. */
const shapeOf = (node: Expression): string =>
  JSON.stringify(node, (name, value: unknown) => (name === 'start' || name === 'end' ? undefined : value));

/** Whether an expression of an aggregated query only uses group keys, aggregates and constants. */
function isGrouped(node: Expression, keys: ReadonlySet<string>): boolean {
  if (node.kind === 'aggregate' || keys.has(shapeOf(node))) return true;
  return node.kind !== 'name' && childrenOf(node).every((child) => isGrouped(child, keys));
}

function validateGrouping(query: Query): void {
  if (query.orderBy.length > 0) {
    throw new SqlError("'ORDER BY' is not supported in presence of GROUP BY or aggregates.", 'SC2103');
  }
  if (query.selection.kind === 'star') {
    throw new SqlError("'SELECT *' is not supported in presence of GROUP BY.", 'SC2101');
  }
  const keys = new Set(query.groupBy.map((key) => shapeOf(key.expression)));
  if (!selectedExpressions(query).every((node) => isGrouped(node, keys))) {
    throw new SqlError(
      'A selected property is neither in an aggregate function nor in the GROUP BY clause.',
      'SC2103',
    );
  }
}

function validateNames(query: Query): void {
  if (query.selection.kind !== 'items') return;
  const names = namesOf(query.selection.items);
  const duplicate = names.find((name, index) => names.indexOf(name) !== index);
  if (duplicate !== undefined) {
    throw new SqlError(`The alias '${duplicate}' is specified more than once.`, 'SC2022');
  }
}

/**
 * Checks what the grammar cannot: unique result names, aggregates in their places, and GROUP BY.
 *
 * @throws SqlError when a rule is broken.
 */
export function validateQuery(query: Query): void {
  validateNames(query);
  const misplaced = [query.where, ...query.groupBy].some(
    (part) => part !== undefined && hasAggregate(part.expression),
  );
  if (misplaced) throw new SqlError('An aggregate is not allowed in WHERE or GROUP BY.', 'SC2102');
  if (query.top !== undefined && query.offset !== undefined) {
    throw new SqlError("'TOP' and 'OFFSET LIMIT' cannot be used together.", 'SC2060');
  }
  if (isAggregated(query)) validateGrouping(query);
}
