/**
 * Whether a resource has the shape of its type (FHIR R4 section 2.6.2): names, cardinality, choices and the syntax of its
 * values, and narratives. Value sets, profiles and other invariants are not asked. It loads the table of elements: import
 * it when it is needed.
 */
import type { Issue } from '../../errors.js';
import type { Decimals } from '../decimals.js';
import {
  type Element,
  type ElementsByName,
  elementsOf,
  isPrimitiveType,
  isResourceType,
} from '../elements.js';
import { fieldsOf, listOf } from '../search/shapes.js';
import { subsetted } from '../subset.js';
import { faultOfNarrative } from '../xml/check-narrative.js';
import { isPrimitiveOf } from './primitives.js';
import { checkWholeNumbers } from './whole-numbers.js';

type Fields = Readonly<Record<string, unknown>>;

/** More findings than these help nobody. */
const mostIssues = 50;

/** Cosmos DB takes 128 levels, of which the document around a resource needs some. */
const mostLevels = 100;

/**
 * What is wrong with a resource; nothing where it is as it must be. No value of it appears.
 *
 * @param decimals its numbers as they were written
 */
export function checkResource(resource: unknown, decimals: Decimals = {}): Issue[] {
  const issues: Issue[] = [];
  const report = (location: string, detail: string): void => {
    issues.push({ code: 'HDE_RESOURCE_INVALID', severity: 'error', location, detail });
  };
  checkWhole(resource, 'resourceType', report);
  if (depthOf(resource) > mostLevels)
    report('resourceType', `at most ${mostLevels} objects and lists in one another`);
  if (isSubset(resource)) report('meta.tag', 'the whole resource: what SUBSETTED left out would be deleted');
  issues.push(...checkWholeNumbers(resource, decimals));
  return issues.slice(0, mostIssues);
}

/** How many objects and lists stand in one another; a body that was read has a bound (`maxJsonDepth`). */
const depthOf = (value: unknown): number =>
  typeof value === 'object' && value !== null
    ? 1 + Object.values(value).reduce<number>((most, each) => Math.max(most, depthOf(each)), 0)
    : 0;

/** Whether a client sends back what it was given as a part only (FHIR R4 section 3.1.1.5.9). */
const isSubset = (resource: unknown): boolean =>
  listOf(fieldsOf(fieldsOf(resource)?.['meta'])?.['tag'])
    .map(fieldsOf)
    .some((tag) => tag?.['system'] === subsetted.system && tag['code'] === subsetted.code);

type Report = (location: string, detail: string) => void;

/** A resource by itself or inside of another one. */
function checkWhole(value: unknown, place: string, report: Report): void {
  const fields = fieldsOf(value);
  const type = fields?.['resourceType'];
  if (fields === undefined || typeof type !== 'string' || !isResourceType(type)) {
    report(place, 'a type of resource of FHIR R4');
    return;
  }
  const { resourceType, ...elements } = fields;
  checkElements(elements, type, place === 'resourceType' ? type : place, report);
}

function checkElements(fields: Fields, type: string, place: string, report: Report): void {
  const defined = elementsOf(type);
  if (defined === undefined) {
    report(place, 'a type that is known');
    return;
  }
  for (const [name, value] of Object.entries(fields))
    checkNamed(defined, fields, name, value, { place, report });
  checkPresence(defined, fields, place, report);
}

interface Context {
  readonly place: string;
  readonly report: Report;
}

function checkNamed(
  defined: ElementsByName,
  fields: Fields,
  name: string,
  value: unknown,
  { place, report }: Context,
): void {
  const isCompanion = name.startsWith('_');
  const element = defined.get(isCompanion ? name.slice(1) : name);
  if (element === undefined || (isCompanion && !isExtensible(element))) {
    // The name comes from outside: only what looks like one is told.
    report(place, /^[A-Za-z_]\w{0,39}$/.test(name) ? `${name} is no element of it` : 'no such element');
    return;
  }
  const path = `${place}.${element.name}`;
  if (element.repeats) {
    const other = fields[isCompanion ? element.name : `_${element.name}`];
    checkList(element, value, { isCompanion, other }, { place: path, report });
  } else if (Array.isArray(value)) report(path, 'one value, not a list');
  else checkItem(element, value, roleOf(isCompanion, fields[element.name] !== undefined), path, report);
}

/** Whether something may stand beside the value of an element: neither the `div` of a narrative nor an attribute has extensions. */
const isExtensible = ({ type, isAttribute }: Element): boolean =>
  isPrimitiveType(type) && type !== 'xhtml' && !isAttribute;

/** A value of an element, what stands beside a value, or beside none. */
type Role = 'value' | 'beside' | 'alone';

const roleOf = (isCompanion: boolean, isFilled: boolean): Role =>
  isCompanion ? (isFilled ? 'beside' : 'alone') : 'value';

/** @param other what stands beside a list of primitives: their values, or what extends them */
function checkList(
  element: Element,
  value: unknown,
  { isCompanion, other }: { readonly isCompanion: boolean; readonly other: unknown },
  { place, report }: Context,
): void {
  if (!Array.isArray(value) || value.length === 0) {
    report(place, 'a list that is not empty');
    return;
  }
  if (isCompanion && value.every((item) => item === null)) {
    report(place, `no _${element.name} where nothing extends a value`);
    return;
  }
  for (const [index, item] of value.entries()) {
    // Values of primitives and what extends them stand in two lists, with null where there is nothing.
    const isFilled = Array.isArray(other) && (other[index] ?? null) !== null;
    if (item === null && isPrimitiveType(element.type) && isFilled) continue;
    checkItem(element, item, roleOf(isCompanion, isFilled), `${place}[${index}]`, report);
  }
}

function checkItem({ type }: Element, value: unknown, role: Role, place: string, report: Report): void {
  if (type === 'Resource') {
    checkWhole(value, place, report);
    return;
  }
  if (isPrimitiveType(type) && role === 'value') {
    const fault = faultOf(type, value);
    if (fault !== undefined) report(place, fault);
    return;
  }
  const fields = fieldsOf(value);
  const defined = role === 'value' ? type : 'Element';
  if (fields === undefined) report(place, `an object of the type ${defined}`);
  else if (isEmpty(fields, role)) report(place, 'an element that is not empty');
  else checkElements(fields, defined, place, report);
}

/** An id alone says nothing (R4 invariant ele-1), but of the value that it stands beside. */
const isEmpty = (fields: Fields, role: Role): boolean =>
  Object.keys(fields).every((name) => name === 'id' && role !== 'beside');

/** What is wrong with the value of a primitive, if anything. */
function faultOf(type: string, value: unknown): string | undefined {
  if (!isPrimitiveOf(type, value)) return `a value of the type ${type}`;
  return type === 'xhtml' && typeof value === 'string' ? faultOfNarrative(value) : undefined;
}

/** Elements that must be there, and those of which only one type may be. */
function checkPresence(defined: ElementsByName, fields: Fields, place: string, report: Report): void {
  const present = new Map<string, number>();
  const mandatory = new Set<string>();
  for (const { name, definedAs, isMandatory } of defined.values()) {
    if (isMandatory) mandatory.add(definedAs);
    if (fields[name] !== undefined || fields[`_${name}`] !== undefined)
      present.set(definedAs, (present.get(definedAs) ?? 0) + 1);
  }
  for (const name of mandatory) if (!present.has(name)) report(`${place}.${name}`, 'is needed');
  for (const [name, count] of present) if (count > 1) report(`${place}.${name}`, 'one type of value only');
}
