/** Values that a FHIRPath Patch states, and how they become elements. */
import type { ParametersParameter } from 'fhir/r4.js';
import { type Element, elementsOf } from '../elements.js';
import { fieldsOf } from '../search/shapes.js';
import type { Fields } from './patch-target.js';

/** A value with the name of its type as it stands behind `value`, or the parts of a structure without a type. */
export type PartValue =
  | { readonly kind: 'value'; readonly typeName: string; readonly value: unknown }
  | { readonly kind: 'parts'; readonly parts: readonly (readonly [name: string, value: PartValue])[] };

/** The value of a part; undefined where it has none, or something beside it that would be lost, such as an extension. */
export function readPart(part: ParametersParameter | undefined): PartValue | undefined {
  const { name: _name, id: _id, ...given } = fieldsOf(part) ?? {};
  const [only, ...others] = Object.entries(given);
  if (only === undefined || others.length > 0) return undefined;
  const [key, value] = only;
  if (key === 'resource') return { kind: 'value', typeName: 'Resource', value };
  if (/^value[A-Z]/.test(key)) return { kind: 'value', typeName: key.slice('value'.length), value };
  if (key !== 'part' || !Array.isArray(value)) return undefined;
  const parts = (value as ParametersParameter[]).flatMap((each) => {
    const inner = readPart(each);
    return inner === undefined ? [] : [[each.name, inner] as const];
  });
  return parts.length === value.length ? { kind: 'parts', parts } : undefined;
}

/** The element that a name and a value mean in a type: of a choice, that of the type of the value. */
export function elementFor(type: string, name: string, value: PartValue): Element | undefined {
  const elements = elementsOf(type);
  const plain = elements?.get(name);
  if (plain !== undefined || value.kind === 'parts') return plain;
  const chosen = elements?.get(name + value.typeName);
  return chosen?.definedAs === name ? chosen : undefined;
}

/** The JSON of a value as an element of a type. */
export function jsonOf(type: string, value: PartValue): unknown {
  if (value.kind === 'value') return structuredClone(value.value);
  const fields: Fields = {};
  for (const [name, part] of value.parts) {
    const element = elementFor(type, name, part);
    // What there is no element for is told by the check of the whole resource.
    if (element === undefined) fields[name] = jsonOf('', part);
    else put(fields, element, jsonOf(element.type, part));
  }
  return fields;
}

function put(fields: Fields, { name, repeats }: Element, value: unknown): void {
  const held = fields[name];
  if (!repeats) fields[name] = value;
  else if (Array.isArray(held)) held.push(value);
  else fields[name] = [value];
}
