import { itemCharge, queryCharge } from '../charges.js';
import { badRequest, notSupported, rangeGone, tooLarge } from '../errors.js';
import { runBatch } from '../items/batch.js';
import { readChangeFeed } from '../items/change-feed.js';
import type { ItemOperation } from '../items/operations.js';
import { runOperation } from '../items/operations.js';
import type { Scope } from '../items/scope.js';
import type { Account } from '../storage/account.js';
import type { Container } from '../storage/container.js';
import type { PartitionKey } from '../storage/partition-key.js';
import type { ApiRequest } from './api-request.js';
import { answerPlan, answerQuery, answerReadAll } from './query-routes.js';
import type { Reply } from './reply.js';
import { containerHeaders, emptyReply, jsonReply } from './reply.js';

/** The largest request body that the service takes: 2 MB. */
export const maximumBodyBytes = 2 * 1024 * 1024;

const defaultFeedPage = 100;

/** Which part of the container the headers of a request name. */
export function scopeOf(request: ApiRequest, container: Container): Scope {
  const keyText = request.header('x-ms-documentdb-partitionkey');
  const rangeId = request.header('x-ms-documentdb-partitionkeyrangeid');
  const from = request.header('x-ms-start-epk');
  const range =
    rangeId === undefined ? undefined : container.hashRanges.findIndex(({ id }) => id === rangeId);
  if (range === -1) throw rangeGone();
  return {
    key: keyText === undefined ? undefined : container.keyReader.ofHeader(keyText),
    range,
    epk: from === undefined ? undefined : { from, to: request.header('x-ms-end-epk') ?? 'FF' },
  };
}

function fullKey(scope: Scope, container: Container): PartitionKey {
  if (scope.key === undefined || !container.keyReader.isFull(scope.key)) {
    throw badRequest(
      'The partition key supplied in x-ms-partitionkey header has fewer components than defined in the collection.',
      1001,
    );
  }
  return scope.key;
}

/** Headers that would change what an operation does, if the endpoint knew how. */
const refusedHeaders = [
  'x-ms-documentdb-pre-trigger-include',
  'x-ms-documentdb-post-trigger-include',
  'x-ms-cosmos-is-client-encrypted',
] as const;

function checkWrite(request: ApiRequest): void {
  if (Buffer.byteLength(request.body) > maximumBodyBytes) throw tooLarge();
  const refused = refusedHeaders.find((name) => request.header(name) !== undefined);
  if (refused !== undefined)
    throw badRequest(`The local Cosmos DB endpoint does not support the header ${refused}.`);
}

const prefersMinimal = (request: ApiRequest): boolean => request.header('prefer') === 'return=minimal';

function answerOperation(
  account: Account,
  request: ApiRequest,
  container: Container,
  operation: ItemOperation,
): Reply {
  checkWrite(request);
  const key = fullKey(scopeOf(request, container), container);
  const transaction = account.begin(container, key);
  const { status, document, etag, charged } = runOperation(transaction, operation);
  account.commit(container, transaction);
  const { range } = container.locate(key.parts, key.text);
  const headers = { ...(etag === undefined ? {} : { etag }), ...containerHeaders(container, range) };
  const body = document === undefined ? '' : JSON.stringify(document);
  const charge = itemCharge(charged, Math.max(body.length, request.body.length));
  if (document === undefined || (prefersMinimal(request) && operation.type !== 'Read')) {
    return emptyReply(status, headers, charge);
  }
  return { status, headers: { 'x-ms-request-charge': String(charge), ...headers }, body };
}

function answerBatch(account: Account, request: ApiRequest, container: Container): Reply {
  checkWrite(request);
  const scope = scopeOf(request, container);
  const { status, results, charge } = runBatch(account, container, {
    body: request.json(),
    key: scope.key,
    range: scope.range,
    atomic: request.flag('x-ms-cosmos-batch-atomic'),
    continueOnError: request.flag('x-ms-cosmos-batch-continue-on-error'),
    minimal: prefersMinimal(request),
  });
  const range =
    scope.range ?? (scope.key === undefined ? 0 : container.locate(scope.key.parts, scope.key.text).range);
  return jsonReply(status, results, containerHeaders(container, range), charge);
}

function answerChangeFeed(account: Account, request: ApiRequest, container: Container): Reply {
  const modifiedSince = request.header('if-modified-since');
  const since = modifiedSince === undefined ? undefined : Date.parse(modifiedSince);
  if (Number.isNaN(since)) throw badRequest('The If-Modified-Since header is not a date.');
  const maxItems = request.maxItems(defaultFeedPage);
  const { entries, range, lsn } = readChangeFeed(container, {
    scope: scopeOf(request, container),
    full: request.header('a-im')?.toLowerCase() === 'full-fidelity feed',
    ifNoneMatch: request.header('if-none-match'),
    since,
    maxItems: Number.isFinite(maxItems) ? maxItems : 1_000,
    nowSeconds: account.nowSeconds,
  });
  const headers = {
    etag: `"${lsn}"`,
    lsn: String(container.ranges[range]?.lsn ?? 0),
    ...containerHeaders(container, range),
  };
  if (entries.length === 0) return emptyReply(304, headers);
  const body = JSON.stringify({ _rid: container.record.rid, Documents: entries, _count: entries.length });
  const charge = queryCharge({ rows: entries.length, bytes: body.length, scanned: 0 });
  return {
    status: 200,
    headers: { ...headers, 'x-ms-item-count': String(entries.length), 'x-ms-request-charge': String(charge) },
    body,
  };
}

/** `/dbs/{database}/colls/{container}/docs` */
export function routeItems(account: Account, request: ApiRequest, container: Container): Reply {
  if (request.method === 'GET') {
    return request.header('a-im') === undefined
      ? answerReadAll(account, request, container, scopeOf(request, container))
      : answerChangeFeed(account, request, container);
  }
  if (request.method !== 'POST') throw notSupported(`${request.method} on items`);
  if (request.flag('x-ms-cosmos-is-query-plan-request')) return answerPlan(request, container);
  if (request.flag('x-ms-cosmos-is-batch-request')) return answerBatch(account, request, container);
  if (request.isQuery) return answerQuery(account, request, container, scopeOf(request, container));
  return answerOperation(account, request, container, {
    type: request.flag('x-ms-documentdb-is-upsert') ? 'Upsert' : 'Create',
    body: request.json(),
    ifMatch: request.header('if-match'),
  });
}

const typesByMethod = { GET: 'Read', PUT: 'Replace', DELETE: 'Delete', PATCH: 'Patch' } as const;

/** `/dbs/{database}/colls/{container}/docs/{id}` */
export function routeItem(account: Account, request: ApiRequest, container: Container, id: string): Reply {
  const { method } = request;
  if (!(method in typesByMethod)) throw notSupported(`${method} on an item`);
  const type = typesByMethod[method as keyof typeof typesByMethod];
  return answerOperation(account, request, container, {
    type,
    id,
    body: type === 'Replace' || type === 'Patch' ? request.json() : undefined,
    ifMatch: request.header('if-match'),
    ifNoneMatch: request.header('if-none-match'),
  });
}

/** `POST .../operations/partitionkeydelete`: deletes all items of a partition key, in one commit. */
export function deletePartition(account: Account, request: ApiRequest, container: Container): Reply {
  const key = fullKey(scopeOf(request, container), container);
  const transaction = account.begin(container, key);
  for (const item of container.partition(key.text)?.items.values() ?? []) transaction.delete(item.document);
  account.commit(container, transaction);
  const { range } = container.locate(key.parts, key.text);
  return emptyReply(200, containerHeaders(container, range));
}
