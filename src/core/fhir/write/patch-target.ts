/** The elements of a resource that a FHIRPath Patch selects and changes. */
import type { Resource } from 'fhir/r4.js';
import { type Element, elementsOf, isPrimitiveType } from '../elements.js';
import { fieldsOf } from '../search/shapes.js';
import type { PathCriterion, PathStep } from './fhirpath-path.js';
import { elementFor, jsonOf, type PartValue } from './patch-values.js';
import { plainNumber } from './written-numbers.js';

/** An object that is being changed. */
export type Fields = Record<string, unknown>;

/** Where a value stands. */
export interface PatchPlace {
  readonly fields: Fields;
  readonly element: Element;
  /** In a list. */
  readonly index?: number;
}

/** A value with its type. */
export interface PatchNode {
  readonly value: unknown;
  readonly type: string;
  /** Absent for the resource itself. */
  readonly place?: PatchPlace;
}

/** A list of a node; it need not be there yet. */
export interface PatchList {
  readonly fields: Fields;
  readonly element: Element;
}

/** What steps select, in its order. */
export function select(resource: Resource, steps: readonly PathStep[]): PatchNode[] {
  return steps.reduce<PatchNode[]>(follow, [{ value: resource, type: resource.resourceType }]);
}

function follow(nodes: readonly PatchNode[], step: PathStep): PatchNode[] {
  switch (step.kind) {
    case 'element':
      return nodes.flatMap((node) => childrenOf(node, step.name));
    case 'index':
      return nodes.slice(step.index, step.index + 1);
    case 'first':
      return nodes.slice(0, 1);
    case 'last':
      return nodes.slice(-1);
    case 'where':
      return nodes.filter((node) => step.criteria.every((criterion) => holds(node, criterion)));
    case 'ofType':
      return nodes.filter(({ type }) => type === step.type);
  }
}

function holds(node: PatchNode, { names, value: wanted }: PathCriterion): boolean {
  const [name, ...rest] = names;
  if (name === undefined) return plainNumber(node.value) === wanted;
  return childrenOf(node, name).some((child) => holds(child, { names: rest, value: wanted }));
}

/** An element of an object, and nothing that every object inherits. */
const ownOf = (value: unknown, name: string): unknown => {
  const fields = fieldsOf(value);
  return fields !== undefined && Object.hasOwn(fields, name) ? fields[name] : undefined;
};

function childrenOf({ value, type }: PatchNode, name: string): PatchNode[] {
  const fields = fieldsOf(value) as Fields | undefined;
  const element = fields === undefined ? undefined : presentElement(type, name, fields);
  if (fields === undefined || element === undefined) return [];
  const child = fields[element.name];
  // A value that is only said to be absent, by an extension, is an element all the same.
  const isThere = child !== undefined || (!element.repeats && fields[`_${element.name}`] !== undefined);
  const node = (item: unknown, place: PatchPlace): PatchNode => ({
    value: item,
    type: typeOf(element, item),
    place,
  });
  if (!Array.isArray(child)) return isThere ? [node(child, { fields, element })] : [];
  return child.map((item: unknown, index) => node(item, { fields, element, index }));
}

const typeOf = ({ type }: Element, value: unknown): string =>
  type === 'Resource' ? String(ownOf(value, 'resourceType')) : type;

/** The element of a name; of a choice (`value`) the one that is there (`valueQuantity`). */
function presentElement(type: string, name: string, fields: Fields): Element | undefined {
  const elements = elementsOf(type);
  return (
    elements?.get(name) ??
    [...(elements?.values() ?? [])].find(
      (each) =>
        each.definedAs === name && (fields[each.name] !== undefined || fields[`_${each.name}`] !== undefined),
    )
  );
}

/** The list that a path names without an index; undefined where it is not one list. */
export function selectList(resource: Resource, steps: readonly PathStep[]): PatchList | undefined {
  const last = steps.at(-1);
  const [node, ...others] = select(resource, steps.slice(0, -1));
  const fields = fieldsOf(node?.value) as Fields | undefined;
  if (last?.kind !== 'element' || node === undefined || fields === undefined || others.length > 0)
    return undefined;
  const element = elementsOf(node.type)?.get(last.name);
  return element?.repeats === true ? { fields, element } : undefined;
}

/**
 * A list, and of primitives what extends its values: as long as one another, with null where there is nothing (R4 section
 * 2.6.2.3). One that ended early would give what it holds to another value when values move.
 */
interface Aligned {
  readonly items: unknown[];
  /** Absent where nothing extends a value. */
  readonly companions?: unknown[];
}

function align({ fields, element: { name, type } }: PatchList): Aligned {
  const [items, companions] = [arrayOf(fields[name]) ?? [], arrayOf(fields[`_${name}`])];
  if (companions === undefined || !isPrimitiveType(type)) return { items };
  const length = Math.max(items.length, companions.length);
  for (const list of [items, companions]) while (list.length < length) list.push(null);
  return { items, companions };
}

const arrayOf = (value: unknown): unknown[] | undefined =>
  Array.isArray(value) ? (value as unknown[]) : undefined;

/** Puts back a list that was changed; of nothing but null it says nothing: FHIR JSON has no such one. */
function settle({ fields, element: { name } }: PatchList, { items, companions = [] }: Aligned): void {
  for (const [key, list] of [[name, items] as const, [`_${name}`, companions] as const])
    if (list.every((each) => each === null)) Reflect.deleteProperty(fields, key);
    else fields[key] = list;
}

/** Inserts an item; answers what is wrong, if anything. */
export function insertItem(list: PatchList, index: number, value: PartValue): string | undefined {
  const aligned = align(list);
  const { items, companions } = aligned;
  if (index < 0 || index > items.length) return 'the index is beyond the list';
  companions?.splice(index, 0, null);
  items.splice(index, 0, jsonOf(list.element.type, value));
  settle(list, aligned);
  return undefined;
}

/** Moves an item within its list; answers what is wrong, if anything. */
export function moveItem(list: PatchList, source: number, destination: number): string | undefined {
  const aligned = align(list);
  const { items, companions } = aligned;
  const isWithin = (index: number) => index >= 0 && index < items.length;
  if (!isWithin(source) || !isWithin(destination)) return 'an index is beyond the list';
  for (const each of [items, companions])
    if (each !== undefined) each.splice(destination, 0, ...each.splice(source, 1));
  settle(list, aligned);
  return undefined;
}

/** Adds an element to a node, of one that repeats behind the others; answers what is wrong, if anything. */
export function addTo({ value, type }: PatchNode, name: string, part: PartValue): string | undefined {
  const element = elementFor(type, name, part);
  if (element === undefined || typeof value !== 'object' || value === null) return 'no such element there';
  const fields = value as Fields;
  const list = { fields, element };
  if (element.repeats) return insertItem(list, align(list).items.length, part);
  const isThere = fields[element.name] !== undefined || fields[`_${element.name}`] !== undefined;
  if (isThere) return 'the element is there already: replace it';
  fields[element.name] = jsonOf(element.type, part);
  return undefined;
}

/** Removes a value, and with the last one its list. */
export function removeAt({ fields, element, index }: PatchPlace): void {
  if (index === undefined) {
    Reflect.deleteProperty(fields, element.name);
    Reflect.deleteProperty(fields, `_${element.name}`);
    return;
  }
  const aligned = align({ fields, element });
  for (const each of [aligned.items, aligned.companions]) each?.splice(index, 1);
  settle({ fields, element }, aligned);
}

/** Puts another value in the place of one; what extended that one goes with it. */
export function replaceAt({ fields, element, index }: PatchPlace, part: PartValue): void {
  const value = jsonOf(element.type, part);
  if (index !== undefined) {
    const aligned = align({ fields, element });
    aligned.items[index] = value;
    if (aligned.companions !== undefined) aligned.companions[index] = null;
    settle({ fields, element }, aligned);
    return;
  }
  Reflect.deleteProperty(fields, element.name);
  Reflect.deleteProperty(fields, `_${element.name}`);
  fields[nameFor(element, part)] = value;
}

/** A value of another type of a choice stands under another name. */
const nameFor = ({ name, definedAs }: Element, part: PartValue): string =>
  name === definedAs || part.kind === 'parts' ? name : definedAs + part.typeName;
