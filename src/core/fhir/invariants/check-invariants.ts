/**
 * Whether a resource keeps the invariants of FHIR R4 (section 5.1.0.10): those of the types that are served here, of the
 * data types in them, and of any resource. It loads the table of elements: import it when it is needed.
 */
import type { Issue } from '../../errors.js';
import { baseOf, elementsOf, isPrimitiveType } from '../elements.js';
import { fieldsOf, listOf } from '../search/shapes.js';
import { dataTypeInvariants, simpleQuantities, simpleQuantity } from './data-types.js';
import type { Fields, Invariant, Within } from './invariant.js';
import { resourceInvariants } from './resources.js';

const own = new Map(Object.entries({ ...dataTypeInvariants, ...resourceInvariants }));

/** More findings than these help nobody. */
const mostIssues = 50;

/** The invariants of a type and of its bases. */
export function invariantsOf(type: string): readonly Invariant[] {
  const base = baseOf(type);
  return [...(base === undefined ? [] : invariantsOf(base)), ...(own.get(type) ?? [])];
}

/** An element with all that its invariants look at. */
export interface Visited {
  /** `Period`, `Observation.referenceRange`, `Observation`. */
  readonly type: string;
  /** Where the definitions name it: `Encounter.period`, `Observation`. */
  readonly path: string;
  /** `Encounter.period`, `Observation.component[1].referenceRange[0]`. */
  readonly place: string;
  readonly fields: Fields;
  readonly within: Within;
}

/** Looks at a resource that has the shape of its type, at its elements and at what it contains; not at primitives. */
export function visitResource(resource: unknown, visit: (visited: Visited) => void): void {
  visitWhole(resource, '', undefined, visit);
}

function visitWhole(
  value: unknown,
  place: string,
  root: Fields | undefined,
  visit: (visited: Visited) => void,
): void {
  const fields = fieldsOf(value);
  const type = String(fields?.['resourceType']);
  if (fields === undefined || elementsOf(type) === undefined) return;
  const within = { resource: fields, root: root ?? fields };
  visitFields({ type, path: type, place: place === '' ? type : place, fields, within }, visit);
}

function visitFields(visited: Visited, visit: (visited: Visited) => void): void {
  visit(visited);
  visitParts(visited, visit);
}

function visitParts({ type, place, fields, within }: Visited, visit: (visited: Visited) => void): void {
  const elements = elementsOf(type);
  for (const [name, content] of Object.entries(fields)) {
    const element = elements?.get(name.replace(/^_/, ''));
    if (element === undefined) continue;
    const isCompanion = name.startsWith('_');
    if (isPrimitiveType(element.type) && !isCompanion) continue;
    for (const [index, item] of listOf(content).entries()) {
      const at = `${place}.${element.name}${element.repeats ? `[${index}]` : ''}`;
      const part = { path: `${type}.${name}`, place: at, fields: fieldsOf(item) ?? {}, within };
      if (element.type === 'Resource') visitWhole(item, at, within.root, visit);
      // Beside a primitive stand extensions; that it has a value or one of these is part of its shape.
      else if (isCompanion) visitParts({ ...part, type: 'Element' }, visit);
      else visitFields({ ...part, type: element.type }, visit);
    }
  }
}

/** Which invariants a resource breaks, where. No value of it appears. */
export function checkInvariants(resource: unknown): Issue[] {
  const issues: Issue[] = [];
  visitResource(resource, ({ type, path, place, fields, within }) => {
    const rules = simpleQuantities.has(path) ? [...invariantsOf(type), simpleQuantity] : invariantsOf(type);
    for (const { key, says, severity = 'error', holds } of rules) {
      if (holds(fields, within)) continue;
      issues.push({ code: 'HDE_INVARIANT_BROKEN', severity, location: place, detail: `${key}: ${says}` });
    }
  });
  return issues.slice(0, mostIssues);
}
