import { CosmosError, badRequest, notSupported } from '../errors.js';
import { SqlError } from '../sql/sql-error.js';
import type { Account } from '../storage/account.js';
import type { Container } from '../storage/container.js';
import {
  readAccount,
  routeContainer,
  routeContainers,
  routeDatabase,
  routeDatabases,
  routeOffers,
  routePartitionKeyRanges,
} from './account-routes.js';
import type { ApiRequest } from './api-request.js';
import { authorise } from './authorise.js';
import { deletePartition, routeItem, routeItems } from './item-routes.js';
import type { Reply } from './reply.js';
import { errorReply } from './reply.js';

function routeInContainer(account: Account, request: ApiRequest, container: Container): Reply {
  const [kind, id, ...rest] = request.segments.slice(4);
  if (kind === undefined) return routeContainer(account, request, container);
  if (kind === 'docs' && rest.length === 0) {
    return id === undefined
      ? routeItems(account, request, container)
      : routeItem(account, request, container, id);
  }
  if (kind === 'pkranges' && id === undefined) return routePartitionKeyRanges(request, container);
  if (kind === 'operations' && id === 'partitionkeydelete')
    return deletePartition(account, request, container);
  const unsupported: Readonly<Record<string, string>> = {
    sprocs: 'stored procedures',
    triggers: 'triggers',
    udfs: 'user defined functions',
    conflicts: 'conflicts',
  };
  throw notSupported(unsupported[kind] ?? `the resource '${kind}'`);
}

function route(account: Account, request: ApiRequest): Reply {
  const [root, databaseId, containers, containerId] = request.segments;
  if (root === undefined) return readAccount(request);
  if (root === 'offers') return routeOffers(account, request);
  if (root !== 'dbs') throw badRequest('Request url is invalid');
  if (databaseId === undefined) return routeDatabases(account, request);
  if (containers === undefined) return routeDatabase(account, request, databaseId);
  if (containers !== 'colls') throw notSupported(`the resource '${containers}'`);
  if (containerId === undefined) return routeContainers(account, request, databaseId);
  return routeInContainer(account, request, account.container(databaseId, containerId));
}

/** Turns whatever went wrong into a refusal; unknown errors are bugs and say so without details. */
export function refusalOf(error: unknown): CosmosError {
  if (error instanceof CosmosError) return error;
  if (error instanceof SqlError) {
    return badRequest(error.toServiceMessage(), error.code === '4001' ? 4001 : undefined);
  }
  console.error('cosmos: unexpected error', error);
  return new CosmosError(
    500,
    'InternalServerError',
    'The local Cosmos DB endpoint failed; its log says why.',
  );
}

/**
 * Answers a request. The account document needs no signature, so that it can serve as a health check; a signature
 * that is there must be right all the same.
 */
export function answer(account: Account, request: ApiRequest, key: string): Reply {
  try {
    const isHealthCheck = request.segments.length === 0 && request.header('authorization') === undefined;
    if (!isHealthCheck) authorise(request, key);
    return route(account, request);
  } catch (error) {
    return errorReply(refusalOf(error));
  }
}
