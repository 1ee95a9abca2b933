import { CosmosClient, type Container, type Database } from '@azure/cosmos';
import topology from '../../../infra/topology/cosmos.json' with { type: 'json' };

/** Where the account is and how to prove who we are: keys locally, a managed identity in Azure. */
export type CosmosConnection =
  | { readonly kind: 'connection-string'; readonly connectionString: string }
  | { readonly kind: 'identity'; readonly accountEndpoint: string; readonly clientId?: string };

/** Client settings that are the same everywhere: few retries inside the SDK, since the queue retries as a whole. */
const connectionPolicy = {
  retryOptions: { maxRetryAttemptCount: 9, fixedRetryIntervalInMilliseconds: 0, maxWaitTimeInSeconds: 15 },
};

/** Opens a client. Loads the identity library only where it is used: it is large and cold starts count. */
export async function openCosmos(connection: CosmosConnection): Promise<CosmosClient> {
  if (connection.kind === 'connection-string') {
    const { AccountEndpoint: endpoint, AccountKey: key } = parseConnectionString(connection.connectionString);
    if (endpoint === undefined || key === undefined) {
      throw new Error('The Cosmos DB connection string needs AccountEndpoint and AccountKey.');
    }
    return new CosmosClient({ endpoint, key, connectionPolicy });
  }
  const { ManagedIdentityCredential } = await import('@azure/identity');
  const aadCredentials =
    connection.clientId === undefined
      ? new ManagedIdentityCredential()
      : new ManagedIdentityCredential({ clientId: connection.clientId });
  return new CosmosClient({ endpoint: connection.accountEndpoint, aadCredentials, connectionPolicy });
}

export function databaseOf(client: CosmosClient): Database {
  return client.database(topology.database);
}

export type ContainerName = 'records' | 'identity' | 'messages' | 'leases';

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
