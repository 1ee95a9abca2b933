/** How receipts are searched in Cosmos DB: through the index whatever is sought, at a cost that grows with the page only. */
import type { SqlParameter, SqlQuerySpec } from '@azure/cosmos';
import topology from '../../../infra/topology/cosmos.json' with { type: 'json' };
import { actionWords, issueWords } from '../../core/triage/search-words.js';
import {
  placeOf,
  type MessagePageRequest,
  type MessageReceipt,
  type MessageSearch,
} from '../../ports/message-store.js';

/** What a document has besides the receipt, for searching. */
export interface SearchFields {
  /** `placeOf`: the order of search results, without two that are equal. */
  readonly arrival: string;
  readonly issueWords: readonly string[];
  readonly actionWords: readonly string[];
}

/** The search fields of a receipt. */
export const searchFieldsOf = (receipt: MessageReceipt): SearchFields => ({
  arrival: placeOf(receipt),
  issueWords: issueWords(receipt.issues),
  actionWords: actionWords(receipt.history),
});

/** A query for one page and one receipt more, which tells whether there is another page. */
export function toQuery(search: MessageSearch, page: MessagePageRequest): SqlQuerySpec {
  const filter = new Filter();
  const equalities = equalitiesOf(search);
  for (const [property, value] of Object.entries(equalities)) filter.equals(property, value);
  if (search.feeds.length !== 1) filter.isOneOf('feed', search.feeds);
  if (search.subjects !== undefined) filter.containsOneOf(['subjects'], search.subjects);
  for (const word of search.words ?? []) filter.containsOneOf(['issueWords', 'actionWords'], [word]);
  // An instant is less than every arrival within it, so both bounds are compared as they are.
  if (search.from !== undefined) filter.compares('arrival', '>=', search.from);
  if (search.to !== undefined) filter.compares('arrival', '<', search.to);
  const isNewest = page.order === 'newest';
  if (page.continuation !== undefined) filter.compares('arrival', isNewest ? '<' : '>', page.continuation);
  const direction = isNewest ? 'DESC' : 'ASC';
  const order = orderFor(Object.keys(equalities)).map((property) => `c.${property} ${direction}`);
  return filter.toSpec(page.limit + 1, order);
}

/** What a search wants to be equal to one value, by property. */
function equalitiesOf(search: MessageSearch): Record<string, string> {
  const { feeds, messageType, status, errorCode, controlId } = search;
  const [feed] = feeds;
  return {
    ...(feeds.length === 1 && feed !== undefined ? { feed } : {}),
    ...(messageType === undefined ? {} : { messageType }),
    ...(status === undefined ? {} : { status }),
    ...(errorCode === undefined ? {} : { errorCode }),
    ...(controlId === undefined ? {} : { controlId }),
  };
}

/**
 * Composite indexes that end with the arrival. Properties that are equal in all results may stand before it in the
 * ORDER BY, and must, for Cosmos DB to serve filter and order from one index.
 */
const indexes = topology.containers
  .filter(({ name }) => name === 'messages')
  .flatMap(({ compositeIndexes }) => compositeIndexes.map((paths) => paths.map(({ path }) => path.slice(1))))
  .filter((properties) => properties.at(-1) === 'arrival')
  .sort((a, b) => b.length - a.length);

/** The longest of those whose other properties are all given, else the arrival alone. */
function orderFor(given: readonly string[]): readonly string[] {
  return (
    indexes.find((properties) => properties.slice(0, -1).every((property) => given.includes(property))) ?? [
      'arrival',
    ]
  );
}

/** Collects conditions; values travel as parameters. */
class Filter {
  readonly #conditions: string[] = [];
  readonly #parameters: SqlParameter[] = [];

  equals(property: string, value: string): void {
    this.compares(property, '=', value);
  }

  compares(property: string, operator: '=' | '<' | '>' | '>=', value: string): void {
    this.#conditions.push(`c.${property} ${operator} ${this.#bind(value)}`);
  }

  isOneOf(property: string, values: readonly string[]): void {
    this.#conditions.push(`c.${property} IN (${values.map((value) => this.#bind(value)).join(', ')})`);
  }

  /** One of the values stands in one of the lists. */
  containsOneOf(properties: readonly string[], values: readonly string[]): void {
    const choices = values.flatMap((value) => {
      const name = this.#bind(value);
      return properties.map((property) => `ARRAY_CONTAINS(c.${property}, ${name})`);
    });
    this.#conditions.push(`(${choices.join(' OR ')})`);
  }

  toSpec(top: number, order: readonly string[]): SqlQuerySpec {
    const query = `SELECT TOP ${top} * FROM c WHERE ${this.#conditions.join(' AND ')} ORDER BY ${order.join(', ')}`;
    return { query, parameters: this.#parameters };
  }

  #bind(value: string): string {
    const name = `@p${this.#parameters.length}`;
    this.#parameters.push({ name, value });
    return name;
  }
}
