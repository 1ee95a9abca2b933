import type { Resource } from 'fhir/r4.js';
import { ExchangeError } from '../../errors.js';
import { besideOf, type Decimals, placeOf, printNumber } from '../decimals.js';
import { type Element, elementsOf, isPrimitiveType, isResourceType } from '../elements.js';
import { forbiddenInXml } from './characters.js';
import { printNarrative } from './narrative.js';

/** The namespace of FHIR XML. */
export const fhirNamespace = 'http://hl7.org/fhir';

/** How a resource is written. */
export interface XmlOptions {
  /** Numbers as they were written. */
  readonly decimals?: Decimals;
  /** Whether each element has a line of its own. */
  readonly pretty?: boolean;
}

type Fields = Readonly<Record<string, unknown>>;

/** A part of the resource and where it stands. */
interface Place {
  readonly options: XmlOptions;
  /** The type of the whole, which names places. */
  readonly root: string;
  readonly pointer: string;
  /** What a new line begins with; empty where lines are not broken. */
  readonly margin: string;
}

/**
 * A resource as FHIR XML (R4 section 2.6.1): its elements in the order of their definitions.
 *
 * @throws ExchangeError HDE_NOT_ACCEPTABLE, with the place, for what XML cannot say: elements and shapes that R4 does not
 * define, control characters, a narrative that is no well-formed `div`. Nothing is left out in silence
 */
export function toXml(resource: Resource, options: XmlOptions = {}): string {
  const margin = options.pretty === true ? '\n' : '';
  const place: Place = { options, root: resource.resourceType, pointer: '', margin };
  const xmlns = ` xmlns="${fhirNamespace}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>${margin}${printResource(place, resource, xmlns)}${margin}`;
}

function printResource(place: Place, resource: unknown, xmlns = ''): string {
  const fields = fieldsAt(place, resource);
  const { resourceType, ...elements } = fields;
  if (typeof resourceType !== 'string' || !isResourceType(resourceType)) throw inexpressible(place);
  return printTag(place, resourceType, xmlns, printElements(deeper(place), resourceType, elements));
}

/** The elements of a type below their parent. */
function printElements(place: Place, type: string, fields: Fields): string {
  const elements = elementsOf(type);
  if (elements === undefined) throw inexpressible(place);
  for (const [key, value] of Object.entries(fields)) {
    if (value !== undefined && !isDefined(elements, key)) throw inexpressible(place);
  }
  const printed: string[] = [];
  for (const element of elements.values()) {
    const { name } = element;
    const [value, beside] = [fields[name], fields[`_${name}`]];
    if (element.isAttribute || (value === undefined && beside === undefined)) continue;
    printed.push(printElement(place, element, value, beside));
  }
  return printed.join('');
}

/** Whether a key is an element, or what stands beside the value of a primitive one. */
function isDefined(elements: ReadonlyMap<string, Element>, key: string): boolean {
  if (!key.startsWith('_')) return elements.has(key);
  const element = elements.get(key.slice(1));
  return element !== undefined && !element.isAttribute && isPrimitiveType(element.type);
}

function printElement(place: Place, element: Element, value: unknown, beside: unknown): string {
  const at: Place = { ...place, pointer: `${place.pointer}/${element.name}` };
  if (!element.repeats) return printItem(at, element, value, beside);
  const [values, besides] = [listAt(at, value), listAt(at, beside)];
  const printed: string[] = [];
  for (let index = 0; index < Math.max(values.length, besides.length); index += 1) {
    printed.push(
      printItem({ ...at, pointer: `${at.pointer}/${index}` }, element, values[index], besides[index]),
    );
  }
  return printed.join('');
}

function printItem(place: Place, { name, type }: Element, value: unknown, beside: unknown): string {
  if (type === 'xhtml') return printDiv(place, value, beside);
  if (isPrimitiveType(type)) return printPrimitive(place, name, value, beside);
  if (type === 'Resource') return printTag(place, name, '', printResource(deeper(place), value));
  const fields = fieldsAt(place, value);
  return printTag(
    place,
    name,
    printAttributes(place, type, fields),
    printElements(deeper(place), type, fields),
  );
}

/** The elements that are attributes: `id`, and `url` of an extension. */
function printAttributes(place: Place, type: string, fields: Fields): string {
  const names = [...(elementsOf(type)?.values() ?? [])].filter(({ isAttribute }) => isAttribute);
  return names.map(({ name }) => printAttribute(place, name, fields[name])).join('');
}

function printPrimitive(place: Place, name: string, value: unknown, beside: unknown): string {
  const isBare = beside === undefined || beside === null;
  if (isBare && (value === undefined || value === null)) throw inexpressible(place);
  const fields = isBare ? {} : fieldsAt(place, beside);
  const attributes = printAttribute(place, 'id', fields['id']) + printAttribute(place, 'value', value);
  const content = printElements(deeper({ ...place, pointer: besideOf(place.pointer) }), 'Element', fields);
  return printTag(place, name, attributes, content);
}

/** The value of a primitive, or an attribute of another element. */
function printAttribute(place: Place, name: string, value: unknown): string {
  if (value === undefined || value === null) return '';
  return ` ${name}="${textOf(place, value)}"`;
}

function textOf(place: Place, value: unknown): string {
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number' && Number.isFinite(value)) {
    return printNumber(value, place.pointer, place.options.decimals);
  }
  if (typeof value !== 'string' || forbiddenInXml.test(value)) throw inexpressible(place);
  return value.replace(special, (character) => escapes[character] ?? character);
}

/** Line breaks and tabs too: a parser takes them for spaces in an attribute (XML 1.0 section 3.3.3). */
const special = /[&<>"\t\n\r]/g;
const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

function printDiv(place: Place, value: unknown, beside: unknown): string {
  const div = typeof value === 'string' && beside === undefined ? printNarrative(value) : undefined;
  if (div === undefined) throw inexpressible(place);
  return place.margin + div;
}

function printTag({ margin, pointer }: Place, name: string, attributes: string, content: string): string {
  const start = pointer === '' ? '' : margin;
  return content === ''
    ? `${start}<${name}${attributes}/>`
    : `${start}<${name}${attributes}>${content}${margin}</${name}>`;
}

const deeper = (place: Place): Place =>
  place.margin === '' ? place : { ...place, margin: `${place.margin}  ` };

function fieldsAt(place: Place, value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw inexpressible(place);
  return value as Fields;
}

function listAt(place: Place, value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw inexpressible(place);
  return value;
}

function inexpressible({ root, pointer }: Place): ExchangeError {
  return new ExchangeError('HDE_NOT_ACCEPTABLE', {
    // Steps are names of elements: what else a resource holds is never named.
    ...(isResourceType(root) ? { location: placeOf(root, pointer) } : {}),
    detail: 'What is stored here has no form in FHIR XML; ask for JSON.',
  });
}
