import type { ChargedOperation } from '../charges.js';
import { badRequest, conflict, itemNotFound, preconditionFailed } from '../errors.js';
import type { JsonObject, Value } from '../json.js';
import { isObject } from '../json.js';
import { checkId } from '../storage/definition.js';
import type { ItemDocument } from '../storage/entries.js';
import type { Transaction } from '../storage/transaction.js';
import { patchDocument } from './patch.js';

export const operationTypes = ['Create', 'Upsert', 'Replace', 'Read', 'Delete', 'Patch'] as const;
export type OperationType = (typeof operationTypes)[number];

/** One operation on one item, alone or in a batch. */
export interface ItemOperation {
  readonly type: OperationType;
  /** From the address or the batch entry; creates and upserts take it from the body. */
  readonly id?: string | undefined;
  readonly body?: Value;
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
}

/** What became of it. There is no document after a delete and for 304. */
export interface OperationOutcome {
  readonly status: 200 | 201 | 204 | 304;
  readonly document?: ItemDocument;
  readonly etag?: string;
  readonly charged: ChargedOperation;
}

/** The deepest nesting of a document that the service stores. */
const maximumNesting = 128;

function isNestedDeeper(value: Value, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  return Object.values(value).some((part: Value) => isNestedDeeper(part, levels - 1));
}

function checkBody(body: Value): { readonly id: string; readonly body: JsonObject } {
  if (!isObject(body)) throw badRequest('The request body must be a JSON object.');
  if (isNestedDeeper(body, maximumNesting)) throw badRequest('The document is nested too deeply.');
  const ttl = body['ttl'];
  if (ttl !== undefined && ttl !== null && !(Number.isInteger(ttl) && (ttl === -1 || Number(ttl) > 0))) {
    throw badRequest('The ttl of an item must be -1 or a positive integer.');
  }
  return { id: checkId(body['id']), body };
}

function checkMatch(document: ItemDocument | undefined, ifMatch: string | undefined): void {
  if (ifMatch === undefined || ifMatch === '*') return;
  if (document?._etag !== ifMatch) throw preconditionFailed();
}

/** The existing item that the operation names, with its precondition checked. */
function existing(transaction: Transaction, operation: ItemOperation): ItemDocument {
  if (operation.id === undefined) throw badRequest('The operation names no item id.');
  const document = transaction.find(operation.id);
  if (document === undefined) throw itemNotFound();
  checkMatch(document, operation.ifMatch);
  return document;
}

function written(status: 200 | 201, document: ItemDocument, charged: ChargedOperation): OperationOutcome {
  return { status, document, etag: document._etag, charged };
}

function rewrite(
  transaction: Transaction,
  current: ItemDocument,
  next: Value,
  charged: ChargedOperation,
): OperationOutcome {
  const { id, body } = checkBody(next);
  if (id !== current.id) throw badRequest('The id of an item cannot be changed.');
  return written(200, transaction.put(id, body), charged);
}

const handlers: Readonly<
  Record<OperationType, (transaction: Transaction, operation: ItemOperation) => OperationOutcome>
> = {
  Create: (transaction, operation) => {
    const { id, body } = checkBody(operation.body);
    if (transaction.find(id) !== undefined) {
      throw conflict('Entity with the specified id already exists in the system.');
    }
    return written(201, transaction.put(id, body), 'create');
  },
  Upsert: (transaction, operation) => {
    const { id, body } = checkBody(operation.body);
    const current = transaction.find(id);
    checkMatch(current, operation.ifMatch);
    const document = transaction.put(id, body);
    return current === undefined ? written(201, document, 'create') : written(200, document, 'update');
  },
  Replace: (transaction, operation) =>
    rewrite(transaction, existing(transaction, operation), operation.body, 'replace'),
  Read: (transaction, operation) => {
    const document = existing(transaction, { ...operation, ifMatch: undefined });
    return operation.ifNoneMatch === document._etag
      ? { status: 304, etag: document._etag, charged: 'read' }
      : written(200, document, 'read');
  },
  Delete: (transaction, operation) => {
    transaction.delete(existing(transaction, operation));
    return { status: 204, charged: 'delete' };
  },
  Patch: (transaction, operation) => {
    const current = existing(transaction, operation);
    return rewrite(transaction, current, patchDocument(current, operation.body), 'patch');
  },
};

/**
 * Runs one operation inside a transaction.
 *
 * @throws CosmosError with the status that the service gives (400, 404, 409, 412).
 */
export const runOperation = (transaction: Transaction, operation: ItemOperation): OperationOutcome =>
  handlers[operation.type](transaction, operation);
