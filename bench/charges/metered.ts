/** A client of the local Cosmos DB endpoint whose requests are charged to a meter. */
import { CosmosClient, type CosmosClientOptions } from '@azure/cosmos';
import type { CosmosEndpoint } from '../../local/cosmos/server.js';

export interface Meter {
  /** Request units since the last reset. */
  charge: number;
  requests: number;
}

export const resetMeter = (meter: Meter): void => {
  Object.assign(meter, { charge: 0, requests: 0 });
};

interface Answered {
  readonly headers: Readonly<Record<string, string | number | undefined>>;
}

/** Whatever the client asks the service for is metered: point reads, pages of queries, batches, query plans. */
export function openMetered(
  { endpoint, key }: Pick<CosmosEndpoint, 'endpoint' | 'key'>,
  meter: Meter,
): CosmosClient {
  const plugin = {
    on: 'request',
    plugin: async (
      context: unknown,
      _diagnostics: unknown,
      next: (context: unknown) => Promise<Answered>,
    ) => {
      const answer = await next(context);
      meter.charge += Number(answer.headers['x-ms-request-charge'] ?? 0);
      meter.requests += 1;
      return answer;
    },
  };
  // The SDK takes plugins, though its types have no place for them.
  const options = { endpoint, key, plugins: [plugin] } as CosmosClientOptions;
  return new CosmosClient(options);
}
