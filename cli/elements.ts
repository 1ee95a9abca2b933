/** Elements of FHIR JSON by the paths that lineage names. */

export interface Leaf {
  /** `name[0].family`. */
  readonly path: string;
  readonly value: string | number | boolean;
}

/** `name.family` for `name[0].family`. */
export const withoutIndices = (path: string): string => path.replace(/\[\d+\]/g, '');

/** Every primitive of a resource in its order; what belongs to a primitive beside its value comes after it. */
export function leavesOf(resource: object): Leaf[] {
  const leaves: Leaf[] = [];
  visit(resource, '', leaves);
  return leaves;
}

function visit(value: unknown, path: string, leaves: Leaf[]): void {
  if (Array.isArray(value)) {
    value.forEach((item, index) => {
      visit(item, `${path}[${index}]`, leaves);
    });
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, child] of Object.entries(value)) {
      const name = key.startsWith('_') ? key.slice(1) : key;
      if (path !== '' || key !== 'resourceType') visit(child, path === '' ? name : `${path}.${name}`, leaves);
    }
  } else if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    leaves.push({ path, value });
  }
}

/** The value at a path; for an extension of a primitive it looks beside the value (`_birthDate`). */
export function valueAt(resource: object, path: string): unknown {
  const steps = path.split('.').flatMap((step) => step.split(/[[\]]/).filter((part) => part !== ''));
  let at: unknown = resource;
  let beside: unknown;
  for (const step of steps) {
    const from = typeof at === 'object' && at !== null ? at : beside;
    if (typeof from !== 'object' || from === null) return undefined;
    at = (from as Record<string, unknown>)[step];
    beside = (from as Record<string, unknown>)[`_${step}`];
  }
  return at;
}
