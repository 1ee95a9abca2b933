import { randomUUID } from 'node:crypto';
import type { Container, ContainerRequest, Database, JSONValue } from '@azure/cosmos';
import { CosmosClient } from '@azure/cosmos';
import type { CosmosEndpoint } from '../../../local/cosmos/server.js';
import { startCosmosEndpoint } from '../../../local/cosmos/server.js';

/** Another account to run these suites against, such as Microsoft's emulator or a real one. */
const otherConnection = process.env['HDE_TEST_COSMOS_CONNECTION'];

/** Whether the suites run against the local endpoint, so that its own refusals and switches can be tested. */
export const isLocalEndpoint = otherConnection === undefined;

export interface TestAccount {
  readonly client: CosmosClient;
  readonly database: Database;
  /** The endpoint under test, if it is the local one. */
  readonly endpoint: CosmosEndpoint | undefined;
  readonly createContainer: (definition: Partial<ContainerRequest>) => Promise<Container>;
  readonly close: () => Promise<void>;
}

export const connect = (connectionString: string): CosmosClient =>
  new CosmosClient({
    connectionString,
    connectionPolicy: {
      enableBackgroundEndpointRefreshing: false,
      requestTimeout: 10_000,
      retryOptions: {
        maxRetryAttemptCount: 1,
        fixedRetryIntervalInMilliseconds: 10,
        maxWaitTimeInSeconds: 2,
      },
    },
  });

/** Opens an account with an empty database of its own. */
export async function openTestAccount(ranges = 3): Promise<TestAccount> {
  const endpoint = isLocalEndpoint ? await startCosmosEndpoint({ port: 0, ranges }) : undefined;
  const client = connect(endpoint?.connectionString ?? otherConnection ?? '');
  const { database } = await client.databases.create({ id: `test-${randomUUID()}` });
  return {
    client,
    database,
    endpoint,
    createContainer: async (definition) => {
      const partitionKey = { paths: ['/tenant'], version: 2 };
      const { container } = await database.containers.create({
        id: randomUUID(),
        partitionKey,
        ...definition,
      });
      return container;
    },
    close: async () => {
      await database.delete();
      client.dispose();
      await endpoint?.close();
    },
  };
}

/** The status with which the service refuses, or `undefined` when it does not. */
export async function refusalStatus(request: Promise<unknown>): Promise<number | string | undefined> {
  try {
    await request;
    return undefined;
  } catch (error) {
    return (error as { code?: number | string }).code;
  }
}

/** The text with which the service refuses. */
export async function refusalMessage(request: Promise<unknown>): Promise<string> {
  try {
    await request;
    return 'not refused';
  } catch (error) {
    return String((error as { message?: string }).message);
  }
}

/** The parameters of a query from plain values. */
export const querySpec = (query: string, values: Record<string, JSONValue> = {}) => ({
  query,
  parameters: Object.entries(values).map(([name, value]) => ({ name: `@${name}`, value })),
});

/** The token for the next page: the client's types promise one, but the last page has none. */
export const tokenOf = (page: { readonly continuationToken?: string }): string | undefined =>
  page.continuationToken;

/** The options that resume a query at a token. */
export const resumeAt = (token: string | undefined): { continuationToken?: string } =>
  token === undefined ? {} : { continuationToken: token };
