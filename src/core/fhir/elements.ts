/**
 * The elements of every type of FHIR R4, from a table that tools/r4-elements.mjs makes of the published definitions. The
 * table is large: what answers every request imports this module only when it needs it (`await import(...)`).
 */
import table from './r4-elements.json' with { type: 'json' };

/** An element as FHIR JSON and XML name it: `valueQuantity`, one of the types of `value[x]`, is one of its own. */
export interface Element {
  readonly name: string;
  /** The element as the definitions name it, without `[x]`: `value` for `valueQuantity`. */
  readonly definedAs: string;
  /** `string`, `HumanName`, `Patient.contact` for a part of a type, or `Resource`. */
  readonly type: string;
  readonly repeats: boolean;
  readonly isMandatory: boolean;
  /** Whether it changes how the rest is to be understood (FHIR R4 section 2.1.0.4), as a status does. */
  readonly isModifier: boolean;
  /** Whether it is part of the summary of its resource (FHIR R4 section 3.1.1.5.8). */
  readonly isSummary: boolean;
  /** Whether it is an attribute in XML (FHIR R4 section 2.6.1). */
  readonly isAttribute: boolean;
}

/** The elements of a type by their names, in the order of their definition. */
export type ElementsByName = ReadonlyMap<string, Element>;

const types: ReadonlyMap<string, string> = new Map(Object.entries(table));
const abstractTypes: ReadonlySet<string> = new Set(['Resource', 'DomainResource']);
const elementShape = /^(\w+)(\[x\])?:([\w.|]+)([*!?^@]*)$/;
const read = new Map<string, ElementsByName>();

/** The elements of a type with those of its bases, which come first; undefined for what is no type, or a primitive. */
export function elementsOf(type: string): ElementsByName | undefined {
  const held = read.get(type);
  const row = types.get(type);
  if (held !== undefined || row === undefined) return held;
  const [base = '', ...own] = row.split(' ');
  const elements = new Map(elementsOf(base));
  for (const element of own.flatMap(readElement)) elements.set(element.name, element);
  read.set(type, elements);
  return elements;
}

function readElement(text: string): Element[] {
  const [, definedAs = '', choice, typeNames = '', marks = ''] = elementShape.exec(text) ?? [];
  return typeNames.split('|').map((type) => ({
    name: choice === undefined ? definedAs : `${definedAs}${type.charAt(0).toUpperCase()}${type.slice(1)}`,
    definedAs,
    type,
    repeats: marks.includes('*'),
    isMandatory: marks.includes('!'),
    isModifier: marks.includes('?'),
    isSummary: marks.includes('^'),
    isAttribute: marks.includes('@'),
  }));
}

/** The type that a type has its first elements from: `Element` of `Period`; undefined where there is none. */
export const baseOf = (type: string): string | undefined => {
  const base = types.get(type)?.split(' ', 1)[0];
  return base === undefined || base === '' ? undefined : base;
};

/** Whether a type is a value without elements of its own but `id` and `extension` (FHIR R4 section 2.24.0.1). */
export const isPrimitiveType = (type: string): boolean => !types.has(type);

/** Whether a name is that of a resource type that can be sent. */
export function isResourceType(name: string): boolean {
  if (abstractTypes.has(name)) return false;
  const base = baseOf(name);
  return base !== undefined && abstractTypes.has(base);
}

/** Whether a type is a part of another one, as `Patient.contact` is, and not a data type that others use too. */
export const isPart = (type: string): boolean => type.includes('.');
