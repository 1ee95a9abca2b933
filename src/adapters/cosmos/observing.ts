/** Tells of each request to Cosmos DB what it was, what it cost and how it ended. */
import type { PluginConfig } from '@azure/cosmos';

/** A request as it is asked for, with its wait for a turn and its repetitions. */
export interface CosmosRequest {
  /** Name of the container; undefined for requests about databases and containers themselves. */
  readonly container: string | undefined;
  /** `read`, `query`, `batch` ... */
  readonly operation: string;
}

/** How a request ended. */
export interface CosmosAnswer {
  readonly requestUnits: number;
  /** What it failed with; undefined when it did not. */
  readonly error?: unknown;
}

/** Told when a request begins; what it answers is told when the request ends. */
export type CosmosObserver = (request: CosmosRequest) => (answer: CosmosAnswer) => void;

const containerOf = /^\/?dbs\/[^/]+\/colls\/([^/]+)/;
const chargeHeader = 'x-ms-request-charge';

/** The plugin for an observer; it goes before the one that repeats. */
export function observingPlugin(observe: CosmosObserver): PluginConfig {
  return {
    on: 'request',
    async plugin(context, _diagnostics, next) {
      const [, container] = containerOf.exec(context.path ?? '') ?? [];
      const tell = observe({ container, operation: context.operationType ?? '' });
      try {
        const response = await next(context);
        tell({ requestUnits: chargeOf(response.headers) });
        return response;
      } catch (error) {
        tell({ requestUnits: chargeOf((error as Failure | undefined)?.headers), error });
        throw error;
      }
    },
  };
}

interface Failure {
  readonly headers?: Readonly<Record<string, unknown>>;
}

const chargeOf = (headers: Failure['headers']): number => Number(headers?.[chargeHeader] ?? 0) || 0;
