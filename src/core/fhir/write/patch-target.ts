/** The elements of a resource that a FHIRPath Patch selects and changes. */
import type { Resource } from 'fhir/r4.js';
import { type Element, elementsOf, isPrimitiveType } from '../elements.js';
import { fieldsOf, listOf } from '../search/shapes.js';
import type { PathCriterion, PathStep } from './fhirpath-path.js';
import { jsonOf, type PartValue } from './patch-values.js';
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
      return nodes.filter(({ value }) => step.criteria.every((criterion) => holds(value, criterion)));
  }
}

function holds(value: unknown, { names, value: wanted }: PathCriterion): boolean {
  const [name, ...rest] = names;
  if (name === undefined) return plainNumber(value) === wanted;
  return listOf(ownOf(value, name)).some((item) => holds(item, { names: rest, value: wanted }));
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

const itemsOf = (fields: Fields, name: string): unknown[] => {
  const items = fields[name];
  return Array.isArray(items) ? (items as unknown[]) : [];
};

/** What extends the values of a list of primitives, one for each of them; undefined where nothing does. */
function companionsOf({ fields, element }: PatchList): unknown[] | undefined {
  const companions = fields[`_${element.name}`];
  if (!isPrimitiveType(element.type) || !Array.isArray(companions)) return undefined;
  // A list that ends early would give what it holds to another value when values move.
  const missing = Math.max(0, itemsOf(fields, element.name).length - companions.length);
  companions.push(...Array<null>(missing).fill(null));
  return companions as unknown[];
}

/** A list of nothing but null says nothing: FHIR JSON has none (R4 section 2.6.2.3). */
function dropEmptyCompanions(list: PatchList): void {
  if (companionsOf(list)?.every((each) => each === null) === true)
    Reflect.deleteProperty(list.fields, `_${list.element.name}`);
}

/** Inserts an item; answers what is wrong, if anything. */
export function insertItem(list: PatchList, index: number, value: PartValue): string | undefined {
  const { fields, element } = list;
  const items = itemsOf(fields, element.name);
  if (index < 0 || index > items.length) return 'the index is beyond the list';
  companionsOf(list)?.splice(index, 0, null);
  items.splice(index, 0, jsonOf(element.type, value));
  fields[element.name] = items;
  return undefined;
}

/** Moves an item within its list; answers what is wrong, if anything. */
export function moveItem(list: PatchList, source: number, destination: number): string | undefined {
  const items = itemsOf(list.fields, list.element.name);
  const isWithin = (index: number) => index >= 0 && index < items.length;
  if (!isWithin(source) || !isWithin(destination)) return 'an index is beyond the list';
  for (const each of [items, companionsOf(list)])
    if (each !== undefined) each.splice(destination, 0, ...each.splice(source, 1));
  return undefined;
}

/** Removes a value, and with the last one its list. */
export function removeAt({ fields, element, index }: PatchPlace): void {
  const { name } = element;
  const items = itemsOf(fields, name);
  if (index === undefined || items.length === 1) {
    Reflect.deleteProperty(fields, name);
    Reflect.deleteProperty(fields, `_${name}`);
    return;
  }
  companionsOf({ fields, element })?.splice(index, 1);
  items.splice(index, 1);
  dropEmptyCompanions({ fields, element });
}

/** Puts another value in the place of one; what extended that one goes with it. */
export function replaceAt({ fields, element, index }: PatchPlace, part: PartValue): void {
  const value = jsonOf(element.type, part);
  if (index !== undefined) {
    itemsOf(fields, element.name)[index] = value;
    const companions = companionsOf({ fields, element });
    if (companions !== undefined) companions[index] = null;
    dropEmptyCompanions({ fields, element });
    return;
  }
  Reflect.deleteProperty(fields, element.name);
  Reflect.deleteProperty(fields, `_${element.name}`);
  fields[nameFor(element, part)] = value;
}

/** A value of another type of a choice stands under another name. */
const nameFor = ({ name, definedAs }: Element, part: PartValue): string =>
  name === definedAs || part.kind === 'parts' ? name : definedAs + part.typeName;
