/**
 * Whole numbers that were written otherwise: `1.0` and `1e2` are numbers of JSON, and no integers of FHIR (R4 section
 * 2.24.0.1), so that what was written so could not be read again. It loads the table of elements.
 */
import type { Issue } from '../../errors.js';
import { type Decimals, placeOf, stepsOf } from '../decimals.js';
import { elementsOf } from '../elements.js';
import { fieldsOf } from '../search/shapes.js';

const wholeTypes: ReadonlySet<string> = new Set(['integer', 'unsignedInt', 'positiveInt']);

/** The integers of a resource that have a fraction or an exponent, or a sign without need. */
export function checkWholeNumbers(resource: unknown, decimals: Decimals): Issue[] {
  const root = String(fieldsOf(resource)?.['resourceType']);
  return Object.keys(decimals).flatMap((pointer): Issue[] => {
    const type = typeAt(resource, stepsOf(pointer));
    if (type === undefined || !wholeTypes.has(type)) return [];
    const detail = `a value of the type ${type}, without fraction and exponent`;
    return [{ code: 'HDE_RESOURCE_INVALID', severity: 'error', location: placeOf(root, pointer), detail }];
  });
}

/** The type of the element at a place; undefined where R4 defines none. */
function typeAt(resource: unknown, steps: readonly string[]): string | undefined {
  let value = resource;
  let type = 'Resource';
  for (const step of steps) {
    if (Array.isArray(value)) {
      value = value[Number(step)] as unknown;
      continue;
    }
    const fields = fieldsOf(value);
    // What stands in a resource says by itself which one it is.
    if (type === 'Resource') type = String(fields?.['resourceType']);
    const element = elementsOf(type)?.get(step.replace(/^_/, ''));
    if (element === undefined) return undefined;
    type = step.startsWith('_') ? 'Element' : element.type;
    value = fields?.[step];
  }
  return type;
}
