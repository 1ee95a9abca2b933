/** JSON Patch (RFC 6902) of a resource. */
import type { Resource } from 'fhir/r4.js';
import { applyPatch, type Operation } from 'rfc6902';
import type { Issue } from '../../errors.js';
import { fail, ok, type Result } from '../../result.js';
import { sameJson } from '../../records/equal.js';
import { type Decimals, type ReadResource, stepsOf } from '../decimals.js';
import { fieldsOf } from '../search/shapes.js';
import { weightOf } from '../weight.js';
import { applyOperations } from './apply-operations.js';
import { withoutWritten, withWritten } from './written-numbers.js';

/** Nobody patches by more steps; copies of copies would grow without bound. */
const mostOperations = 200;
const mostCharacters = 4 * 1024 * 1024;

const operations: ReadonlySet<unknown> = new Set(['add', 'remove', 'replace', 'move', 'copy', 'test']);
/** Operations with a second pointer. */
const sourced: ReadonlySet<unknown> = new Set(['move', 'copy']);

/**
 * A patch whose operations have the form that RFC 6902 gives them.
 *
 * @param decimals its numbers as they were written
 */
export function readJsonPatch(body: unknown, decimals?: Decimals): Result<readonly Operation[], Issue> {
  if (!Array.isArray(body) || body.length === 0) return malformed('patch', 'a list of operations');
  if (body.length > mostOperations) return malformed('patch', `at most ${mostOperations} operations`);
  const faulty = body.findIndex((operation) => !isOperation(operation));
  return faulty === -1
    ? ok(withWritten(body as readonly Operation[], decimals))
    : malformed(`patch[${faulty}]`, 'op, path and what the operation needs besides');
}

const malformed = (location: string, detail: string) =>
  fail<Issue>({ code: 'HDE_REQUEST_INVALID', severity: 'error', location, detail });

function isOperation(value: unknown): boolean {
  const { op, path, from, ...rest } = fieldsOf(value) ?? {};
  return (
    operations.has(op) &&
    isPointer(path) &&
    (!sourced.has(op) || isPointer(from)) &&
    (op === 'remove' || sourced.has(op) || 'value' in rest)
  );
}

const isPointer = (path: unknown): boolean =>
  typeof path === 'string' && /^(?:\/(?:[^~/]|~[01])+)+$/.test(path);

/** Applies a patch, whole or not at all; `resource` stays as it is. */
export const applyJsonPatch = (
  resource: ReadResource,
  patch: readonly Operation[],
): Result<ReadResource, Issue> => applyOperations(resource, patch, applyOne, (index) => `patch[${index}]`);

function applyOne(target: Resource, operation: Operation): string | undefined {
  const isFilled = isReachable(target, operation.path, placing.has(operation.op) ? 'to' : 'at');
  if (!isFilled || ('from' in operation && !isReachable(target, operation.from, 'at')))
    return operation.op === 'test' ? 'the test failed' : 'there is nothing at its path';
  if (operation.op === 'move' && operation.path.startsWith(`${operation.from}/`))
    return 'nothing moves into itself';
  if (operation.op === 'move') return move(target, operation);
  if (operation.op === 'test')
    return isSame(valueAt(target, operation.path), operation.value) ? undefined : 'the test failed';
  const [failure] = applyPatch(target, [operation]);
  if (failure instanceof Error) return 'there is nothing at its path';
  return operation.op === 'copy' && weightOf(target) > mostCharacters
    ? 'the resource becomes too large'
    : undefined;
}

/** As a removal and then an addition (RFC 6902 section 4.4): what is removed from a list moves what stands behind it. */
function move(target: Resource, { from, path }: { from: string; path: string }): string | undefined {
  const value = valueAt(target, from);
  return applyOne(target, { op: 'remove', path: from }) ?? applyOne(target, { op: 'add', path, value });
}

/** What stands at a pointer that is known to lead somewhere. */
const valueAt = (target: Resource, pointer: string): unknown =>
  stepsOf(pointer).reduce<unknown>((held, step) => (held as Readonly<Record<string, unknown>>)[step], target);

/** Numbers are compared by what they are, however they were written. */
const isSame = (held: unknown, wanted: unknown): boolean =>
  sameJson(withoutWritten(held), withoutWritten(wanted));

/** The library passes over these in a pointer: `/prototype` would be the whole resource, which would move into itself. */
const passedOver: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** Operations whose path names where something is to be put: it need not be there yet. */
const placing: ReadonlySet<unknown> = new Set(['add', 'move', 'copy']);

/**
 * Whether the steps of a pointer are there, as the resource's own: what every object inherits must not be reached.
 *
 * @param use `at` for a value that has to be there, `to` for a place that something is put to
 */
function isReachable(target: unknown, pointer: string, use: 'at' | 'to'): boolean {
  const steps = stepsOf(pointer);
  if (steps.some((step) => passedOver.has(step))) return false;
  let value = target;
  for (const step of steps.slice(0, -1)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return false;
    value = (value as Readonly<Record<string, unknown>>)[step];
  }
  return isPlace(value, steps.at(-1) ?? '', use);
}

/** Whether the last step of a pointer names something of a value, or a place in it that something may be put to. */
function isPlace(value: unknown, step: string, use: 'at' | 'to'): boolean {
  const isHeld = typeof value === 'object' && value !== null && Object.hasOwn(value, step);
  if (!Array.isArray(value)) return use === 'to' ? fieldsOf(value) !== undefined : isHeld;
  // `-` is the place behind the last item, where nothing is yet (RFC 6901 section 4); behind it there is none.
  if (step === '-') return use === 'to';
  const isIndex = /^(?:0|[1-9]\d*)$/.test(step);
  return isIndex && (use === 'to' ? Number(step) <= value.length : isHeld);
}
