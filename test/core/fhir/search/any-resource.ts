import * as fc from 'fast-check';
import { elementsOf, isPrimitiveType } from '../../../../src/core/fhir/elements.js';

type Fields = Record<string, unknown>;

/** Elements that no search parameter is about, and that would make resources large. */
const leftOut = new Set(['contained', 'extension', 'modifierExtension']);

/** A random number below a bound. */
type Pick = (bound: number) => number;

/**
 * A resource of a type with any of its elements, three levels deep and the longer the richer. Every text in it is
 * another one, so that no two nodes are alike; its references and contacts are what filters of search parameters ask for.
 */
export const anyResource = (type: string): fc.Arbitrary<Fields> =>
  fc.infiniteStream(fc.nat()).map((numbers) => {
    const pick: Pick = (bound) => Number(numbers.next().value) % bound;
    let texts = 0;
    const text = () => `text ${(texts += 1)}`;
    return { resourceType: type, ...fieldsOf(type, 3, pick, text) };
  });

function fieldsOf(type: string, depth: number, pick: Pick, text: () => string): Fields {
  if (type === 'Reference') return referenceOf(pick, text);
  const chosen = new Set<string>();
  const fields: Fields = {};
  const elements = [...(elementsOf(type)?.values() ?? [])];
  // Beginning anywhere, so that the first of several types is not always the one that is chosen.
  const start = pick(Math.max(elements.length, 1));
  for (const element of [...elements.slice(start), ...elements.slice(0, start)]) {
    const { name, definedAs, type: datatype, repeats } = element;
    const isPrimitive = isPrimitiveType(datatype);
    if (chosen.has(definedAs) || leftOut.has(name) || pick(3) === 0) continue;
    const one = (): unknown => (isPrimitive ? text() : fieldsOf(datatype, depth - 1, pick, text));
    if (!isPrimitive && depth === 0) continue;
    const value = !repeats ? one() : Array.from({ length: 1 + pick(2) }, one);
    chosen.add(definedAs);
    fields[name] = value;
  }
  if (type === 'ContactPoint') fields['system'] = ['phone', 'email', 'fax'][pick(3)];
  return fields;
}

function referenceOf(pick: Pick, text: () => string): Fields {
  const type = ['Patient', 'Practitioner', 'Location', 'Group'][pick(4)] ?? '';
  const id = text().replace(' ', '-');
  switch (pick(6)) {
    case 0:
      return { type, identifier: { value: text() } };
    case 1:
      return { reference: `https://other.example/fhir/${type}/${id}` };
    case 2:
      return { reference: `${type}/${id}/_history/2` };
    case 3:
      return { reference: `#${id}` };
    default:
      return { reference: `${type}/${id}`, display: text() };
  }
}
