import { itemCharge } from '../charges.js';
import { CosmosError, badRequest, rangeGone } from '../errors.js';
import type { Json, JsonObject, Value } from '../json.js';
import { isArray, isObject } from '../json.js';
import type { Account } from '../storage/account.js';
import type { Container } from '../storage/container.js';
import type { PartitionKey } from '../storage/partition-key.js';
import type { ItemOperation, OperationOutcome } from './operations.js';
import { operationTypes, runOperation } from './operations.js';

/** The most operations that a batch or a bulk request may hold. */
const maximumOperations = 100;

export interface BatchRequest {
  readonly body: Value;
  /** The partition key of an atomic batch; operations of a bulk request carry their own. */
  readonly key: PartitionKey | undefined;
  /** The index of the range that a bulk request is addressed to. */
  readonly range: number | undefined;
  readonly atomic: boolean;
  readonly continueOnError: boolean;
  /** Leaves the documents out of the answer to writes. */
  readonly minimal: boolean;
}

export interface BatchReply {
  readonly status: 200 | 207;
  readonly results: readonly JsonObject[];
  readonly charge: number;
}

interface BatchEntry extends ItemOperation {
  /** JSON text of a partition key: bulk operations only. */
  readonly keyText: string | undefined;
}

const text = (value: Value): string | undefined => (typeof value === 'string' ? value : undefined);

function parseEntry(value: Json, index: number): BatchEntry {
  const type = operationTypes.find((name) => isObject(value) && name === value['operationType']);
  if (!isObject(value) || type === undefined) {
    throw badRequest(`Operation ${index + 1} of the batch has an unknown operationType.`);
  }
  return {
    type,
    id: text(value['id']),
    body: value['resourceBody'],
    ifMatch: text(value['ifMatch']),
    ifNoneMatch: text(value['ifNoneMatch']),
    keyText: text(value['partitionKey']),
  };
}

function parseEntries(body: Value): readonly BatchEntry[] {
  if (!isArray(body) || body.length === 0)
    throw badRequest('A batch is a non-empty JSON array of operations.');
  if (body.length > maximumOperations) {
    throw badRequest('Batch request has more operations than what is supported.');
  }
  return body.map(parseEntry);
}

const notRun = (): JsonObject => ({ statusCode: 424, requestCharge: 0 });

function failureOf(error: unknown): JsonObject {
  if (!(error instanceof CosmosError)) throw error;
  const { substatus } = error.details;
  return {
    statusCode: error.status,
    ...(substatus === undefined ? {} : { subStatusCode: substatus }),
    requestCharge: 1,
    message: error.message,
  };
}

function successOf(type: string, outcome: OperationOutcome, minimal: boolean): JsonObject {
  const { status, document, etag, charged } = outcome;
  const bytes = document === undefined ? 0 : JSON.stringify(document).length;
  return {
    statusCode: status,
    requestCharge: itemCharge(charged, bytes),
    ...(etag === undefined ? {} : { eTag: etag }),
    ...(document === undefined || (minimal && type !== 'Read') ? {} : { resourceBody: document }),
  };
}

const chargeOf = (results: readonly JsonObject[]): number =>
  Math.round(results.reduce((total, result) => total + Number(result['requestCharge']), 0) * 100) / 100;

/** All or nothing: the operation that fails keeps its status, every other one becomes 424. */
function runAtomic(account: Account, container: Container, request: BatchRequest): BatchReply {
  const { key } = request;
  if (key === undefined || !container.keyReader.isFull(key)) {
    throw badRequest('An atomic batch needs the full partition key.', 1001);
  }
  const entries = parseEntries(request.body);
  const transaction = account.begin(container, key);
  const results: JsonObject[] = [];
  for (const entry of entries) {
    try {
      results.push(successOf(entry.type, runOperation(transaction, entry), request.minimal));
    } catch (error) {
      const failure = failureOf(error);
      const failed = results.length;
      const all = entries.map((_, index) => (index === failed ? failure : notRun()));
      return { status: 207, results: all, charge: chargeOf(all) };
    }
  }
  account.commit(container, transaction);
  return { status: 200, results, charge: chargeOf(results) };
}

function runAlone(
  account: Account,
  container: Container,
  request: BatchRequest,
  entry: BatchEntry,
): JsonObject {
  try {
    const key = entry.keyText === undefined ? request.key : container.keyReader.ofHeader(entry.keyText);
    if (key === undefined || !container.keyReader.isFull(key)) {
      throw badRequest('A bulk operation needs its full partition key.', 1001);
    }
    // A client that hashes otherwise than the service would send it to the wrong range.
    const located = container.locate(key.parts, key.text).range;
    if (request.range !== undefined && located !== request.range) throw rangeGone();
    const transaction = account.begin(container, key);
    const outcome = runOperation(transaction, entry);
    account.commit(container, transaction);
    return successOf(entry.type, outcome, request.minimal);
  } catch (error) {
    return failureOf(error);
  }
}

/** Each operation for itself; what failed does not undo what succeeded. */
function runBulk(account: Account, container: Container, request: BatchRequest): BatchReply {
  const results: JsonObject[] = [];
  let failed = false;
  for (const entry of parseEntries(request.body)) {
    const result: JsonObject =
      failed && !request.continueOnError ? notRun() : runAlone(account, container, request, entry);
    failed ||= Number(result['statusCode']) >= 400;
    results.push(result);
  }
  return { status: failed ? 207 : 200, results, charge: chargeOf(results) };
}

/**
 * Runs a transactional batch or a bulk request.
 *
 * @throws CosmosError 400 when the request as a whole is malformed or has more than 100 operations.
 */
export const runBatch = (account: Account, container: Container, request: BatchRequest): BatchReply =>
  request.atomic ? runAtomic(account, container, request) : runBulk(account, container, request);
