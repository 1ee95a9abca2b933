/**
 * Queries. The client of `@azure/cosmos` asks the gateway for a plan of each, beside the query itself, although only those
 * over several partitions need one: of a query of one partition it would be a request in vain.
 */
import {
  Constants,
  type Container,
  type FeedOptions,
  type FeedResponse,
  type PluginConfig,
  type SqlQuerySpec,
} from '@azure/cosmos';
import { callCosmos } from './errors.js';

const { IsQueryPlan: planHeader } = Constants.HttpHeaders;

/** Stands in for a plan that was not asked for. */
class PlanLeftOut extends Error {
  override readonly name = 'PlanLeftOut';
}

/**
 * The plugin that leaves such plans out: it goes before those that make requests. Queries of one partition are made by
 * `fetchAll`, which knows what to do where a plan is wanted all the same.
 */
export const planPlugin: PluginConfig = {
  on: 'request',
  plugin(context, _diagnostics, next) {
    const { partitionKey, forceQueryPlan } = context.options as FeedOptions;
    const isLeftOut =
      context.headers?.[planHeader] !== undefined && partitionKey !== undefined && forceQueryPlan !== true;
    // The client keeps the error in place of the plan, and throws it only where it needs one after all.
    return isLeftOut
      ? Promise.reject(new PlanLeftOut('queries of one partition need no plan'))
      : next(context);
  },
};

export interface QueryScope {
  /** The most that one answer of the service holds. */
  readonly maxItemCount: number;
  /** Default: all. */
  readonly partition?: string | undefined;
}

/** All that a query finds. */
export async function fetchAll<T>(
  container: Container,
  query: SqlQuerySpec,
  scope: QueryScope,
): Promise<T[]> {
  const { resources } = await fetchBy(scope, (options) =>
    container.items.query<T>(query, options).fetchAll(),
  );
  return resources;
}

/** What the first answers of the service to a query hold. */
export interface FoundFirst<T> {
  readonly rows: readonly T[];
  /** How many answers that took: each is of a moment of its own. */
  readonly answers: number;
  /** Whether that is all that the query finds. */
  readonly isAll: boolean;
}

/** What a query finds, answer by answer of at most 4 MB, until there is enough. */
export async function fetchUntil<T>(
  container: Container,
  query: SqlQuerySpec,
  scope: QueryScope,
  isEnough: (rows: readonly T[]) => boolean,
): Promise<FoundFirst<T>> {
  return fetchBy(scope, async (options) => {
    const found = container.items.query<T>(query, options);
    const rows: T[] = [];
    for (let answers = 1; ; answers++) {
      // There are none in an answer that only says where to go on.
      const { resources = [], hasMoreResults } = (await found.fetchNext()) as Partial<FeedResponse<T>>;
      rows.push(...resources);
      if (hasMoreResults !== true) return { rows, answers, isAll: true };
      if (isEnough(rows)) return { rows, answers, isAll: false };
    }
  });
}

function fetchBy<R>(
  { maxItemCount, partition }: QueryScope,
  fetch: (options: FeedOptions) => Promise<R>,
): Promise<R> {
  const scope = partition === undefined ? { maxItemCount } : { maxItemCount, partitionKey: partition };
  return callCosmos(async () => {
    try {
      return await fetch(scope);
    } catch (error) {
      // The service says by its answer that it wants a plan; then there is one more request, and no failure.
      if (error instanceof PlanLeftOut) return fetch({ ...scope, forceQueryPlan: true });
      throw error;
    }
  });
}
