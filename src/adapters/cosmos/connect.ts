import {
  ConsistencyLevel,
  CosmosClient,
  type Container,
  type CosmosClientOptions,
  type Database,
} from '@azure/cosmos';
import topology from '../../../infra/topology/cosmos.json' with { type: 'json' };
import { dependencyNames } from '../throttling/dependencies.js';
import { createGuard, type Guard } from '../throttling/guard.js';
import { observingPlugin, type CosmosObserver } from './observing.js';
import { planPlugin } from './query.js';
import { sessionPlugin } from './sessions.js';
import { throttlingPlugin } from './throttling.js';

/** Where the account is and how to prove who we are: keys locally, a managed identity in Azure. */
export type CosmosConnection =
  | { readonly kind: 'connection-string'; readonly connectionString: string }
  | { readonly kind: 'identity'; readonly accountEndpoint: string; readonly clientId?: string };

/** The client repeats nothing by itself: its guard does. An answer that takes longer, in milliseconds, is none. */
const connectionPolicy = {
  requestTimeout: 10_000,
  retryOptions: { maxRetryAttemptCount: 0, fixedRetryIntervalInMilliseconds: 0, maxWaitTimeInSeconds: 0 },
};

/**
 * That of the account, said all the same: the client sends the tokens of its session only where it is. Without them a read
 * may be answered by a replica that does not have what this very process wrote before.
 */
const consistencyLevel = ConsistencyLevel.Session;

/**
 * Opens a client. Loads the identity library only where it is used: it is large and cold starts count.
 *
 * @param guard what all requests of the client go through
 * @param observe told of all requests of the client; default: nobody is
 */
export async function openCosmos(
  connection: CosmosConnection,
  guard: Guard = createGuard(dependencyNames.cosmos),
  observe?: CosmosObserver,
): Promise<CosmosClient> {
  // Sessions come first: a request that waits its turn in the guard may go on in the context of another one.
  // The SDK takes plugins, though its types have no place for them.
  const observing = observe === undefined ? [] : [observingPlugin(observe)];
  const plugins = [planPlugin, sessionPlugin, ...observing, throttlingPlugin(guard)];
  const common = { connectionPolicy, consistencyLevel, plugins };
  const newClient = (options: CosmosClientOptions) => new CosmosClient({ ...options, ...common });
  if (connection.kind === 'connection-string') {
    const { AccountEndpoint: endpoint, AccountKey: key } = parseConnectionString(connection.connectionString);
    if (endpoint === undefined || key === undefined) {
      throw new Error('The Cosmos DB connection string needs AccountEndpoint and AccountKey.');
    }
    return newClient({ endpoint, key });
  }
  const { ManagedIdentityCredential } = await import('@azure/identity');
  const aadCredentials =
    connection.clientId === undefined
      ? new ManagedIdentityCredential()
      : new ManagedIdentityCredential({ clientId: connection.clientId });
  return newClient({ endpoint: connection.accountEndpoint, aadCredentials });
}

export function databaseOf(client: CosmosClient): Database {
  return client.database(topology.database);
}

export type ContainerName =
  | 'records'
  | 'identity'
  | 'messages'
  | 'audit'
  | 'governance'
  | 'replays'
  | 'exports'
  | 'accounts'
  | 'leases';

/** A container that the topology names. */
export function containerOf(client: CosmosClient, name: ContainerName): Container {
  return databaseOf(client).container(name);
}

function parseConnectionString(text: string): Record<string, string | undefined> {
  const pairs = text
    .split(';')
    .filter((part) => part.includes('='))
    .map((part): [string, string] => {
      const at = part.indexOf('=');
      return [part.slice(0, at).trim(), part.slice(at + 1)];
    });
  return Object.fromEntries(pairs);
}
