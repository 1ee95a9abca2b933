import type * as CosmosNamespace from '@azure/cosmos';
import type {
  ChangeFeedIteratorResponse,
  ChangeFeedPullModelIterator,
  Container,
  CosmosClient,
} from '@azure/cosmos';
import { numberOption, requiredOption, textOption } from './bindings.js';
import type { LoadedFunction } from './bindings.js';
import { describeError } from './log.js';
import { invokeWithRetry } from './retry.js';
import { toCosmosInput } from './rpc-request.js';
import { createWarning, keepAlive, pause } from './trigger.js';
import type { TriggerHost, TriggerListener } from './trigger.js';

type CosmosSdk = typeof CosmosNamespace;

type Account = { readonly endpoint: string; readonly key: string };

/** Options of one change feed trigger. */
type Feed = {
  readonly account: Account;
  readonly leaseAccount: Account;
  readonly database: string;
  readonly container: string;
  readonly leaseDatabase: string;
  readonly leaseContainer: string;
  readonly leaseId: string;
  readonly createLeaseContainer: boolean;
  readonly pollDelay: number;
  readonly maxItems: number;
  readonly startFromBeginning: boolean;
  readonly startFromTime: Date | undefined;
};

const firstBackOff = 500;
const longestBackOff = 15_000;
const longestReconnect = 3000;
/** Changes come one by one while messages do: some are waited for, so that a batch has more than one. Milliseconds. */
const gatheringPause = 200;
const notModified = 304;
const conflict = 409;

/**
 * Runs a function on the changes of a Cosmos DB container, through the pull iterator of the SDK. The position is the
 * iterator's continuation, kept as one document in the lease container and moved on only after the function has succeeded.
 *
 * Without a `retry` policy a batch that fails is tried again for ever, with growing pauses. The real host would lose it: its
 * lease moves on after an exception. With a policy that ends, the batch is given up as there.
 *
 * @throws Error when an option or a connection string is missing
 */
export function createCosmosTrigger(target: LoadedFunction, host: TriggerHost): TriggerListener {
  const feed = toFeed(target, host);
  const warn = createWarning(host.log, 'Host.CosmosDB');
  const stopping = new AbortController();
  const { signal } = stopping;
  let running: Promise<void> = Promise.resolve();

  const follow = async (): Promise<void> => {
    let clients: readonly [CosmosClient, CosmosClient] | undefined;
    let backOff = firstBackOff;
    while (!signal.aborted) {
      try {
        // Within what is tried again: a feed that nobody follows any more would go unnoticed.
        const sdk = await import('@azure/cosmos');
        clients ??= [createClient(sdk, feed.account), createClient(sdk, feed.leaseAccount)];
        const position = await openPosition(feed, clients[1]);
        const source = clients[0].database(feed.database).container(feed.container);
        await readFeed({ sdk, feed, source, position, target, host, signal }, () => {
          backOff = firstBackOff;
        });
      } catch (error) {
        warn(`${feed.database}/${feed.container}: reading the change feed failed: ${describeError(error)}`);
        await pause(backOff, signal);
        backOff = Math.min(backOff * 2, longestReconnect);
      }
    }
    for (const client of clients ?? []) client.dispose();
  };

  return {
    start: () => {
      running = keepAlive(follow, host.log, 'Host.CosmosDB');
    },
    stop: async () => {
      stopping.abort();
      await running;
    },
    dispose: () => Promise.resolve(),
  };
}

function toFeed({ trigger, name }: LoadedFunction, host: TriggerHost): Feed {
  const where = `Function '${name}'`;
  if ((trigger.options['changeFeedMode'] ?? 'LatestVersion') !== 'LatestVersion') {
    throw new Error(`${where}: the local Functions host reads the change feed in LatestVersion mode only`);
  }
  const connection = textOption(trigger, 'connection') ?? 'CosmosDB';
  const database = requiredOption(name, trigger, 'databaseName');
  const container = requiredOption(name, trigger, 'containerName');
  const startFromTime = textOption(trigger, 'startFromTime');
  if (startFromTime !== undefined && Number.isNaN(Date.parse(startFromTime))) {
    throw new Error(`${where}: startFromTime '${startFromTime}' is no ISO 8601 time`);
  }
  return {
    account: toAccount(connection, host, where),
    leaseAccount: toAccount(textOption(trigger, 'leaseConnection') ?? connection, host, where),
    database,
    container,
    leaseDatabase: textOption(trigger, 'leaseDatabaseName') ?? database,
    leaseContainer: textOption(trigger, 'leaseContainerName') ?? 'leases',
    leaseId: `${textOption(trigger, 'leaseContainerPrefix') ?? ''}${name}.${database}.${container}`,
    createLeaseContainer: trigger.options['createLeaseContainerIfNotExists'] === true,
    pollDelay: numberOption(trigger, 'feedPollDelay', 5000),
    maxItems: numberOption(trigger, 'maxItemsPerInvocation', 100),
    startFromBeginning: trigger.options['startFromBeginning'] === true,
    startFromTime: startFromTime === undefined ? undefined : new Date(startFromTime),
  };
}

function toAccount(connection: string, host: TriggerHost, where: string): Account {
  const parts = new Map(
    host.settings
      .connectionString(connection, where)
      .split(';')
      .map((part) => {
        const [name = '', ...value] = part.split('=');
        return [name.trim().toLowerCase(), value.join('=').trim()];
      }),
  );
  const endpoint = parts.get('accountendpoint') ?? '';
  const key = parts.get('accountkey') ?? '';
  if (endpoint === '' || key === '') {
    throw new Error(`${where}: the setting '${connection}' must hold AccountEndpoint=...;AccountKey=...;`);
  }
  return { endpoint, key };
}

function createClient(sdk: CosmosSdk, account: Account): CosmosClient {
  // One endpoint, known already: discovery would only add requests, and a timer that keeps the process alive.
  const connectionPolicy = { enableEndpointDiscovery: false, enableBackgroundEndpointRefreshing: false };
  return new sdk.CosmosClient({ ...account, connectionPolicy });
}

/** Where the feed was left off: the lease document. */
type Position = { readonly saved: string | undefined; save(continuation: string): Promise<void> };

async function openPosition(feed: Feed, client: CosmosClient): Promise<Position> {
  const database = client.database(feed.leaseDatabase);
  if (feed.createLeaseContainer) {
    await database.containers
      .createIfNotExists({ id: feed.leaseContainer, partitionKey: '/id' })
      .catch(unlessConflict);
  }
  const leases = database.container(feed.leaseContainer);
  const id = feed.leaseId;
  await leases.read(); // a missing container must not pass for a missing position
  const { resource } = await leases.item(id, id).read<{ continuation?: string }>();
  return {
    saved: resource?.continuation === '' ? undefined : resource?.continuation,
    save: async (continuation) => {
      await leases.items.upsert({
        id,
        container: feed.container,
        continuation,
        savedAt: new Date().toISOString(),
      });
    },
  };
}

/** Several triggers may create the same lease container at the same moment. */
function unlessConflict(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === conflict)) throw error;
}

type Reading = {
  readonly sdk: CosmosSdk;
  readonly feed: Feed;
  readonly source: Container;
  readonly position: Position;
  readonly target: LoadedFunction;
  readonly host: TriggerHost;
  readonly signal: AbortSignal;
};

/** Reads and hands over batches until the host stops; throws when Cosmos DB fails. */
async function readFeed(reading: Reading, onProgress: () => void): Promise<void> {
  const { feed, position, signal } = reading;
  const iterator = openIterator(reading);
  let saved = position.saved;
  while (!signal.aborted) {
    const page = await readPage(iterator, reading);
    onProgress();
    const isIdle = page.statusCode === notModified || page.count === 0;
    if (!isIdle && !(await handOver(reading, page.result))) return;
    if (page.continuationToken !== saved) {
      await position.save(page.continuationToken);
      saved = page.continuationToken;
    }
    if (isIdle) await pause(feed.pollDelay, signal);
    else if (page.count < feed.maxItems) await pause(Math.min(gatheringPause, feed.pollDelay), signal);
  }
}

function openIterator({ sdk, feed, source, position }: Reading): ChangeFeedPullModelIterator<unknown> {
  const from = sdk.ChangeFeedStartFrom;
  const fresh = feed.startFromBeginning ? from.Beginning() : from.Now();
  const wanted = feed.startFromTime ? from.Time(feed.startFromTime) : fresh;
  return source.items.getChangeFeedIterator<unknown>({
    maxItemCount: feed.maxItems,
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- made by the SDK's own factory
    changeFeedStartFrom: position.saved === undefined ? wanted : from.Continuation(position.saved),
  });
}

async function readPage(
  iterator: ChangeFeedPullModelIterator<unknown>,
  { feed, position, host }: Reading,
): Promise<ChangeFeedIteratorResponse<unknown[]>> {
  try {
    return await iterator.readNext();
  } catch (error) {
    if (describeError(error).includes('not for the current container definition')) {
      const message = `${feed.database}/${feed.container} was created anew: its old change feed position is dropped`;
      host.log({ level: 'warning', category: 'Host.CosmosDB', message });
      await position.save('');
    }
    throw error;
  }
}

/** Runs the function on a batch. False when the host stops before it has succeeded: the position must stay. */
async function handOver({ target, host, signal }: Reading, documents: readonly unknown[]): Promise<boolean> {
  const input = toCosmosInput(target.trigger.name, documents);
  const hasPolicy = target.registered.retryOptions !== undefined;
  for (let backOff = firstBackOff; ; backOff = Math.min(backOff * 2, longestBackOff)) {
    try {
      await invokeWithRetry(host.invoker, target, input, signal);
      return true;
    } catch {
      if (signal.aborted) return false;
      if (hasPolicy) {
        const message = `The retry policy is used up: ${documents.length} changes are given up`;
        host.log({ level: 'error', category: `Function.${target.name}`, message });
        return true;
      }
      await pause(backOff, signal);
    }
  }
}
