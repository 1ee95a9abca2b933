/** The least that a resource of a type must say (FHIR R4), made of the table of elements. */
import type { Resource } from 'fhir/r4.js';
import { elementsOf, isPrimitiveType } from '../../../src/core/fhir/elements.js';
import required from '../../../src/core/fhir/r4-required-codes.json' with { type: 'json' };

const primitives: Readonly<Record<string, unknown>> = {
  boolean: true,
  integer: 1,
  unsignedInt: 1,
  positiveInt: 1,
  decimal: 1,
  date: '2026-03-30',
  dateTime: '2026-03-30',
  instant: '2026-03-30T09:00:00Z',
  uri: 'urn:test',
  url: 'urn:test',
  canonical: 'urn:test',
};

const setNames: Readonly<Record<string, string>> = required.bindings;
const sets: Readonly<Record<string, object>> = required.sets;

/** A code that R4 allows for an element; `unknown` wherever that is one. */
function codeFor(path: string): string {
  const codes = Object.values(sets[setNames[path] ?? ''] ?? {}).flatMap((listed) =>
    String(listed).split(' '),
  );
  return codes.length === 0 || codes.includes('unknown') ? 'unknown' : (codes[0] ?? '');
}

function mandatoryOf(type: string): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  const done = new Set<string>();
  for (const element of elementsOf(type)?.values() ?? []) {
    if (!element.isMandatory || done.has(element.definedAs)) continue;
    done.add(element.definedAs);
    const value = isPrimitiveType(element.type)
      ? element.type === 'code'
        ? codeFor(`${type}.${element.name}`)
        : (primitives[element.type] ?? 'text')
      : { ...mandatoryOf(element.type) };
    const filled = typeof value === 'object' && Object.keys(value).length === 0;
    const item = filled ? { extension: [{ url: 'urn:test', valueString: 'text' }] } : value;
    fields[element.name] = element.repeats ? [item] : item;
  }
  return fields;
}

/** The element by which a resource of a type says that it is about a patient; nothing for types that have none. */
export function about(type: string, reference: string): Readonly<Record<string, unknown>> {
  if (type === 'Appointment') return { participant: [{ actor: { reference }, status: 'accepted' }] };
  const elements = elementsOf(type);
  const name = ['subject', 'patient', 'beneficiary'].find((each) => elements?.has(each) === true);
  if (name === undefined) return {};
  return { [name]: elements?.get(name)?.repeats === true ? [{ reference }] : { reference } };
}

/** `aMinimal('Observation/o', { subject })`. */
export function aMinimal(
  reference: string,
  fields: Readonly<Record<string, unknown>> = {},
): Resource & { id: string } {
  const [resourceType = '', id = ''] = reference.split('/');
  return { resourceType, id, ...mandatoryOf(resourceType), ...fields };
}
