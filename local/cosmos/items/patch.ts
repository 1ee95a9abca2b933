import { badRequest, preconditionFailed } from '../errors.js';
import type { Json, JsonObject, Value } from '../json.js';
import { isArray, isObject } from '../json.js';
import { prepareQuery } from '../sql/prepare.js';
import { SqlError } from '../sql/sql-error.js';
import type { ItemDocument } from '../storage/entries.js';

type MutableArray = Json[];
type MutableObject = Record<string, Json>;
type Parent = MutableArray | MutableObject;

interface PatchOperation {
  readonly op: string;
  readonly path: string;
  readonly from: string | undefined;
  readonly value: Value;
  /** For error texts: counted from 1. */
  readonly number: number;
}

const maximumOperations = 10;

const invalid = (operation: PatchOperation, reason: string): Error =>
  badRequest(`For Operation(${operation.number}): ${reason}`);

const segmentsOf = (path: string): readonly string[] =>
  path
    .split('/')
    .slice(1)
    .map((segment) => segment.replace(/~1/g, '/').replace(/~0/g, '~'));

function parseOperation(value: Json, index: number): PatchOperation {
  const number = index + 1;
  if (!isObject(value)) throw badRequest(`For Operation(${number}): it is not an object.`);
  const { op, path, from } = value;
  if (typeof op !== 'string' || typeof path !== 'string' || !path.startsWith('/') || path === '/') {
    throw badRequest(`For Operation(${number}): 'op' and 'path' are required, and a path starts with '/'.`);
  }
  if (from !== undefined && (typeof from !== 'string' || !from.startsWith('/'))) {
    throw badRequest(`For Operation(${number}): 'from' must be a path.`);
  }
  const names = [...segmentsOf(path), ...(from === undefined ? [] : segmentsOf(from))];
  if (names.includes('__proto__'))
    throw badRequest(`For Operation(${number}): '__proto__' is not supported.`);
  return { op: op.toLowerCase(), path, from, value: value['value'], number };
}

function parseOperations(body: Value): readonly PatchOperation[] {
  const list = isObject(body) ? body['operations'] : body;
  if (!isArray(list) || list.length === 0) throw badRequest('A patch needs at least one operation.');
  if (list.length > maximumOperations) {
    throw badRequest(`The number of patch operations can't exceed ${maximumOperations}.`);
  }
  return list.map(parseOperation);
}

function child(parent: Parent, name: string): Value {
  if (Array.isArray(parent)) return /^\d+$/.test(name) ? parent[Number(name)] : undefined;
  return Object.hasOwn(parent, name) ? parent[name] : undefined;
}

/** The node that holds the last segment of the path. */
function parentOf(
  root: MutableObject,
  path: string,
  operation: PatchOperation,
): { parent: Parent; name: string } {
  const segments = segmentsOf(path);
  let parent: Parent = root;
  for (const segment of segments.slice(0, -1)) {
    const next = child(parent, segment);
    if (typeof next !== 'object' || next === null) {
      throw invalid(operation, `no path found beyond '${segment}'; parents are not created.`);
    }
    // The tree is a private copy, so its nodes may be changed.
    parent = next as Parent;
  }
  return { parent, name: segments.at(-1) ?? '' };
}

/** An index of the array, of which `limit` is the first that is out of bounds. */
function indexOf(name: string, limit: number, operation: PatchOperation): number {
  const index = /^\d+$/.test(name) ? Number(name) : Number.NaN;
  if (!(index < limit)) throw invalid(operation, 'the array index is out of bounds.');
  return index;
}

function valueOf(operation: PatchOperation): Json {
  if (operation.value === undefined) throw invalid(operation, "'value' is required.");
  return operation.value;
}

function add(parent: Parent, name: string, value: Json, operation: PatchOperation): void {
  if (!Array.isArray(parent)) parent[name] = value;
  else if (name === '-') parent.push(value);
  else parent.splice(indexOf(name, parent.length + 1, operation), 0, value);
}

function set(parent: Parent, name: string, value: Json, operation: PatchOperation): void {
  if (Array.isArray(parent) && name !== '-') parent[indexOf(name, parent.length, operation)] = value;
  else add(parent, name, value, operation);
}

function remove(parent: Parent, name: string, operation: PatchOperation): Json {
  const value = child(parent, name);
  if (value === undefined) throw invalid(operation, 'the node to be removed or moved is absent.');
  if (Array.isArray(parent)) parent.splice(Number(name), 1);
  else Reflect.deleteProperty(parent, name);
  return value;
}

function increment(parent: Parent, name: string, operation: PatchOperation): void {
  const by = operation.value;
  const current = child(parent, name);
  if (typeof by !== 'number') throw invalid(operation, "'value' must be a number.");
  if (current === undefined) add(parent, name, by, operation);
  else if (typeof current !== 'number')
    throw invalid(operation, 'the node to be incremented is not a number.');
  else set(parent, name, current + by, operation);
}

function applyOperation(root: MutableObject, operation: PatchOperation): void {
  const { parent, name } = parentOf(root, operation.path, operation);
  switch (operation.op) {
    case 'add':
      add(parent, name, valueOf(operation), operation);
      break;
    case 'set':
      set(parent, name, valueOf(operation), operation);
      break;
    case 'replace':
      if (child(parent, name) === undefined) throw invalid(operation, 'the node to be replaced is absent.');
      set(parent, name, valueOf(operation), operation);
      break;
    case 'remove':
      remove(parent, name, operation);
      break;
    case 'incr':
      increment(parent, name, operation);
      break;
    case 'move': {
      const source = parentOf(root, operation.from ?? '/', operation);
      const value = remove(source.parent, source.name, operation);
      const target = parentOf(root, operation.path, operation);
      add(target.parent, target.name, value, operation);
      break;
    }
    default:
      throw invalid(operation, `the operation '${operation.op}' is unknown.`);
  }
}

function checkCondition(document: ItemDocument, condition: Value): void {
  if (condition === undefined) return;
  if (typeof condition !== 'string') throw badRequest('The condition of a patch must be text.');
  let matches: boolean;
  try {
    matches = prepareQuery(`SELECT * ${condition}`).rowsOf(document, { parameters: new Map() }).length > 0;
  } catch (error) {
    throw error instanceof SqlError ? badRequest(error.toServiceMessage()) : error;
  }
  if (!matches) throw preconditionFailed('The condition specified in the request is not met.', 1110);
}

/**
 * Applies a patch (an array of operations, or `{condition, operations}`) to a copy of the document.
 *
 * @throws CosmosError 400 naming the operation, or 412 (substatus 1110) when the condition does not hold.
 */
export function patchDocument(document: ItemDocument, body: Value): JsonObject {
  const operations = parseOperations(body);
  checkCondition(document, isObject(body) ? body['condition'] : undefined);
  const copy = structuredClone(document) as MutableObject;
  for (const operation of operations) applyOperation(copy, operation);
  return copy;
}
