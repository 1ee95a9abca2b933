import { createRequire } from 'node:module';
import type { ServiceBusClient, ServiceBusSender } from '@azure/service-bus';

/** Half a minute is the SDK's default and would keep a function idle that long after a broker restart. */
const retryDelayInMs = 200;

/**
 * How long one attempt to take the next session may wait. It also bounds how late an accept notices that its connection died
 * without a word.
 */
const acceptTimeoutInMs = 20_000;

/**
 * How long the SDK waits for an answer on its authorisation link. It has a minute built in: a broker that dies between question
 * and answer would leave every receiver of the connection deaf for so long, for they wait for one another.
 */
const claimTimeoutInMs = 10_000;

/** Service Bus clients by connection string, made when first needed, so that apps without Service Bus do not load the SDK. */
export class ServiceBusClients {
  readonly #clients = new Map<string, Promise<ServiceBusClient>>();
  readonly #senders = new Map<string, Promise<ServiceBusSender>>();

  /** The client for receivers and senders. */
  receiving(connectionString: string): Promise<ServiceBusClient> {
    return this.#client(`receive ${connectionString}`, connectionString, { retryDelayInMs, maxRetries: 3 });
  }

  /**
   * The client for session accept loops. No retries: "no session is free" is a timeout, which the SDK would otherwise repeat
   * several times before it tells.
   */
  accepting(connectionString: string): Promise<ServiceBusClient> {
    const options = { retryDelayInMs, maxRetries: 0, timeoutInMs: acceptTimeoutInMs };
    return this.#client(`accept ${connectionString}`, connectionString, options);
  }

  /** The sender to a queue or topic. */
  sender(connectionString: string, entity: string): Promise<ServiceBusSender> {
    return cached(this.#senders, `${entity} ${connectionString}`, async () =>
      (await this.receiving(connectionString)).createSender(entity),
    );
  }

  /** Closes all connections. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#clients.values()].map(async (client) => (await client).close()));
  }

  #client(
    key: string,
    connectionString: string,
    retryOptions: { retryDelayInMs: number; maxRetries: number; timeoutInMs?: number },
  ): Promise<ServiceBusClient> {
    return cached(this.#clients, key, async () => {
      const sdk = await import('@azure/service-bus');
      shortenClaimTimeout();
      return new sdk.ServiceBusClient(connectionString, { retryOptions });
    });
  }
}

function cached<T>(cache: Map<string, Promise<T>>, key: string, create: () => Promise<T>): Promise<T> {
  const existing = cache.get(key);
  if (existing) return existing;
  const created = create();
  cache.set(key, created);
  return created;
}

/** The SDK reads this constant at each use and offers no option for it. */
function shortenClaimTimeout(): void {
  const sdkFile = createRequire(import.meta.url).resolve('@azure/service-bus');
  const { Constants } = createRequire(sdkFile)('@azure/core-amqp') as { Constants: Record<string, unknown> };
  Constants['defaultOperationTimeoutInMs'] = claimTimeoutInMs;
}
