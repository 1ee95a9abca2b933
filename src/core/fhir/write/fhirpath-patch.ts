/**
 * FHIRPath Patch (FHIR R4 section 3.1.0.6.2): operations on the elements that simple paths select. It loads the table of
 * elements: import it when it is needed.
 */
import type { Parameters, ParametersParameter, Resource } from 'fhir/r4.js';
import type { Issue } from '../../errors.js';
import { fail, ok, type Result } from '../../result.js';
import type { ReadResource } from '../decimals.js';
import { fieldsOf } from '../search/shapes.js';
import { applyOperations } from './apply-operations.js';
import { readPart, type PartValue } from './patch-values.js';
import { parseSimplePath, type SimplePath } from './fhirpath-path.js';
import { withWritten } from './written-numbers.js';
import { addTo, insertItem, moveItem, removeAt, replaceAt, select, selectList } from './patch-target.js';

/** One operation of a patch. */
export type PathOperation =
  | { readonly type: 'add'; readonly path: SimplePath; readonly name: string; readonly value: PartValue }
  | { readonly type: 'insert'; readonly path: SimplePath; readonly index: number; readonly value: PartValue }
  | { readonly type: 'delete'; readonly path: SimplePath }
  | { readonly type: 'replace'; readonly path: SimplePath; readonly value: PartValue }
  | {
      readonly type: 'move';
      readonly path: SimplePath;
      readonly source: number;
      readonly destination: number;
    };

/** Nobody patches by more steps. */
const mostOperations = 200;

/** Reads the operations that a Parameters resource holds. */
export function readFhirPathPatch(statement: ReadResource): Result<readonly PathOperation[], Issue> {
  const body = withWritten(statement.resource, statement.decimals);
  if (body.resourceType !== 'Parameters') return malformed('resourceType', 'Parameters, or a JSON Patch');
  const given = (body as Parameters).parameter;
  const parameters = Array.isArray(given) ? given : [];
  if (parameters.length === 0 || parameters.length > mostOperations)
    return malformed('Parameters.parameter', `1 to ${mostOperations} operations`);
  const operations: PathOperation[] = [];
  for (const [index, parameter] of parameters.entries()) {
    const operation = readOperation(parameter);
    if (!operation.ok) return malformed(`Parameters.parameter[${index}]`, operation.error);
    operations.push(operation.value);
  }
  return ok(operations);
}

const malformed = (location: string, detail: string) =>
  fail<Issue>({ code: 'HDE_REQUEST_INVALID', severity: 'error', location, detail });

function readOperation(parameter: unknown): Result<PathOperation, string> {
  const { name, part } = (fieldsOf(parameter) ?? {}) as Partial<ParametersParameter>;
  if (name !== 'operation' || !Array.isArray(part) || !part.every((each) => fieldsOf(each) !== undefined))
    return fail('the name operation, and its parts');
  const parts = new Map(part.map((each) => [each.name, each]));
  const textOf = (key: string): string => {
    const { valueCode, valueString } = parts.get(key) ?? {};
    return valueCode ?? valueString ?? '';
  };
  const path = parseSimplePath(textOf('path'));
  if (!path.ok) return path;
  const indexOf = (key: string): number => {
    const index = parts.get(key)?.valueInteger ?? -1;
    return Number.isInteger(index) ? index : -1;
  };
  const value = readPart(parts.get('value'));
  const type = textOf('type');
  switch (type) {
    case 'add':
    case 'insert':
    case 'replace':
      if (value === undefined)
        return fail('a part value: a value, a resource or parts with such, and nothing beside it');
      if (type === 'insert') return ok({ type, path: path.value, index: indexOf('index'), value });
      return ok(
        type === 'add'
          ? { type, path: path.value, name: textOf('name'), value }
          : { type, path: path.value, value },
      );
    case 'delete':
      return ok({ type, path: path.value });
    case 'move':
      return ok({ type, path: path.value, source: indexOf('source'), destination: indexOf('destination') });
    default:
      return fail('a part type: add, insert, delete, replace or move');
  }
}

/** Applies a patch, whole or not at all; `resource` stays as it is. */
export const applyFhirPathPatch = (
  resource: ReadResource,
  patch: readonly PathOperation[],
): Result<ReadResource, Issue> =>
  applyOperations(resource, patch, applyOne, (index) => `Parameters.parameter[${index}]`);

function applyOne(target: Resource, operation: PathOperation): string | undefined {
  const { path } = operation;
  if (path.type !== target.resourceType) return 'the path begins with another type';
  switch (operation.type) {
    case 'insert':
    case 'move': {
      const list = selectList(target, path.steps);
      if (list === undefined) return 'the path is not one list';
      return operation.type === 'insert'
        ? insertItem(list, operation.index, operation.value)
        : moveItem(list, operation.source, operation.destination);
    }
    default: {
      const [node, ...others] = select(target, path.steps);
      if (others.length > 0) return 'the path selects several elements';
      // To delete what is not there is no failure.
      if (node === undefined) return operation.type === 'delete' ? undefined : 'the path selects nothing';
      if (operation.type === 'add') return addTo(node, operation.name, operation.value);
      if (node.place === undefined) return 'the path selects the resource itself';
      if (operation.type === 'delete') removeAt(node.place);
      else replaceAt(node.place, operation.value);
      return undefined;
    }
  }
}
