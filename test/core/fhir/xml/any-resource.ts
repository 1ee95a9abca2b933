import fc from 'fast-check';
import { type Element, elementsOf, isPrimitiveType } from '../../../../src/core/fhir/elements.js';

type Fields = Record<string, unknown>;

/** A random number below a bound. */
type Pick = (bound: number) => number;

/** Characters that XML must write in its own way, or that a parser might change. */
const texts = [
  'a',
  'Zoë',
  '<&>"\'',
  ' two  spaces ',
  'line\nbreak\r\n\ttab',
  '𝒜 😀',
  ']]>',
  '&amp;',
  '\u00a0',
];

const numbers: Readonly<Record<string, readonly (number | string)[]>> = {
  integer: [0, -7, 2147483647],
  unsignedInt: [0, 3],
  positiveInt: [1, 12],
  decimal: [0, 1.5, -0.001, 120, '1.50', '0.0', '1e2', '1.0E-3', '-0', '12345678901234567890.1'],
};

/**
 * A resource of a type as JSON text and as an object, with elements of every kind some levels deep: lists with gaps,
 * extensions of primitives, contained resources, narratives, decimals with a precision.
 */
export const anyResource = (types: readonly string[]): fc.Arbitrary<{ json: string; resource: Fields }> =>
  fc.infiniteStream(fc.nat()).map((stream) => {
    const pick: Pick = (bound) => Number(stream.next().value) % bound;
    const type = types[pick(types.length)] ?? '';
    const written: string[] = [];
    const resource = { resourceType: type, ...fieldsOf(type, 3, pick, written) };
    // A number that JavaScript cannot hold as it is written stands as a mark until the text is made.
    const json = JSON.stringify(resource).replace(
      /"#number (\d+)#"/g,
      (_, at: string) => written[Number(at)] ?? '',
    );
    return { json, resource };
  });

function fieldsOf(type: string, depth: number, pick: Pick, written: string[]): Fields {
  const fields: Fields = {};
  const chosen = new Set<string>();
  const elements = [...(elementsOf(type)?.values() ?? [])];
  const start = pick(Math.max(elements.length, 1));
  for (const element of [...elements.slice(start), ...elements.slice(0, start)]) {
    const { name, definedAs, isAttribute, repeats } = element;
    if (chosen.has(definedAs) || (isAttribute ? name !== 'url' : pick(4) !== 0)) continue;
    if (isAttribute) fields[name] = `urn:x:${pick(9)}`;
    else if (isPrimitiveType(element.type)) addPrimitive(fields, element, depth, pick, written);
    else if (depth > 0) {
      const one = () => complexOf(element.type, depth - 1, pick, written);
      fields[name] = repeats ? Array.from({ length: 1 + pick(2) }, one) : one();
    }
    if (name in fields || `_${name}` in fields) chosen.add(definedAs);
  }
  return fields;
}

/** Never empty: FHIR has no element without content. */
function complexOf(type: string, depth: number, pick: Pick, written: string[]): Fields {
  if (type === 'Resource') return { resourceType: 'Basic', ...fieldsOf('Basic', depth, pick, written) };
  const fields = fieldsOf(type, depth, pick, written);
  const hasContent = Object.keys(fields).some((name) => name !== 'url');
  return hasContent ? fields : { ...fields, extension: [{ url: 'urn:x:filler', valueCode: 'a' }] };
}

function addPrimitive(fields: Fields, element: Element, depth: number, pick: Pick, written: string[]): void {
  const { name, type, repeats } = element;
  const value = () => primitiveOf(type, pick, written);
  if (type === 'xhtml') fields[name] = value();
  else if (!repeats) {
    if (pick(4) === 0) fields[`_${name}`] = besideOf(depth, pick, written);
    if (pick(4) !== 0 || !(`_${name}` in fields)) fields[name] = value();
  } else {
    const items = Array.from({ length: 1 + pick(3) }, () => {
      const beside = pick(3) === 0 ? besideOf(depth, pick, written) : null;
      return { beside, value: beside === null || pick(2) === 0 ? value() : null };
    });
    if (items.some((item) => item.value !== null)) fields[name] = items.map((item) => item.value);
    if (items.some(({ beside }) => beside !== null)) fields[`_${name}`] = items.map(({ beside }) => beside);
  }
}

function besideOf(depth: number, pick: Pick, written: string[]): Fields {
  const extension = [{ url: 'urn:x:e', valueDecimal: primitiveOf('decimal', pick, written) }];
  return pick(2) === 0 && depth > 0 ? { id: 'i', extension } : { extension };
}

function primitiveOf(type: string, pick: Pick, written: string[]): unknown {
  if (type === 'boolean') return pick(2) === 0;
  if (type === 'xhtml')
    return `<div xmlns="http://www.w3.org/1999/xhtml"><p title='a'>${pick(9)} &lt; <br /></p></div>`;
  const choices = numbers[type];
  if (choices === undefined) return texts[pick(texts.length)];
  const number = choices[pick(choices.length)];
  return typeof number === 'string' ? `#number ${written.push(number) - 1}#` : number;
}
