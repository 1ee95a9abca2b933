import * as fc from 'fast-check';
import r4Elements from '../../../../cli/r4-elements.json' with { type: 'json' };

type Fields = Record<string, unknown>;

const table = new Map(Object.entries(r4Elements));

/** Ends of the names of elements that are one type of several: `valueQuantity`. */
const choiceOf =
  /^([a-z]\w*?)(Age|Attachment|Boolean|Code|CodeableConcept|Coding|Date|DateTime|Duration|Identifier|Instant|Integer|Money|Period|Quantity|Range|Ratio|Reference|SampledData|String|Time|Timing|Uri)$/;

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
  const elements = elementsOf(type);
  // Beginning anywhere, so that the first of several types is not always the one that is chosen.
  const start = pick(Math.max(elements.length, 1));
  for (const element of [...elements.slice(start), ...elements.slice(0, start)]) {
    const [, name = '', datatype, list] = /^(\w+)(?::(\w+))?(\*)?$/.exec(element) ?? [];
    const choice = choiceOf.exec(name)?.[1] ?? name;
    if (chosen.has(choice) || leftOut.has(name) || pick(3) === 0) continue;
    const one = (): unknown => (datatype === undefined ? text() : fieldsOf(datatype, depth - 1, pick, text));
    if (datatype !== undefined && depth === 0) continue;
    const value = list === undefined ? one() : Array.from({ length: 1 + pick(2) }, one);
    chosen.add(choice);
    fields[name] = value;
  }
  if (type === 'ContactPoint') fields['system'] = ['phone', 'email', 'fax'][pick(3)];
  return fields;
}

function elementsOf(type: string): readonly string[] {
  const [base = '', ...own] = (table.get(type) ?? '').split(' ');
  return [...(base === '' ? [] : elementsOf(base)), ...own].filter((element) => element !== '');
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
