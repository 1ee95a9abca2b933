/**
 * Queries. The client of `@azure/cosmos` asks the gateway for a plan of each, beside the query itself, although only those
 * over several partitions need one: of a query of one partition it would be a request in vain.
 */
import {
  Constants,
  type Container,
  type FeedOptions,
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
  { maxItemCount, partition }: QueryScope,
): Promise<T[]> {
  const scope = partition === undefined ? { maxItemCount } : { maxItemCount, partitionKey: partition };
  const fetch = (options: FeedOptions) => container.items.query<T>(query, options).fetchAll();
  const { resources } = await callCosmos(async () => {
    try {
      return await fetch(scope);
    } catch (error) {
      // The service says by its answer that it wants a plan; then there is one more request, and no failure.
      if (error instanceof PlanLeftOut) return fetch({ ...scope, forceQueryPlan: true });
      throw error;
    }
  });
  return resources;
}
