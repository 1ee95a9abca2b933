/** A small check of resources against generated UK Core snapshots: cardinality and known elements. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ElementDefinition, Resource, StructureDefinition } from 'fhir/r4.js';

const profiles = new Map<string, readonly ElementDefinition[]>();

function elementsOf(canonical: string, folder: string): readonly ElementDefinition[] {
  const name = canonical.slice(canonical.lastIndexOf('/') + 1);
  const held = profiles.get(name);
  if (held !== undefined) return held;
  const text = readFileSync(join(folder, `StructureDefinition-${name}.json`), 'utf8');
  const { snapshot } = JSON.parse(text) as StructureDefinition;
  // Slices are constrained by their own rows; here only the elements themselves are looked at.
  const elements = (snapshot?.element ?? []).filter(({ id }) => id?.includes(':') === false);
  profiles.set(name, elements);
  return elements;
}

/** Sentences such as `Encounter.status: 0 of at least 1`. */
export function requiredElementFaults(resource: Resource, folder: string): string[] {
  return (resource.meta?.profile ?? []).flatMap((canonical) => {
    const elements = elementsOf(canonical, folder);
    return faultsOf(resource as unknown as Record<string, unknown>, resource.resourceType, elements);
  });
}

function faultsOf(
  object: Record<string, unknown>,
  path: string,
  elements: readonly ElementDefinition[],
): string[] {
  const children = elements.filter(
    (element) => element.path.slice(0, element.path.lastIndexOf('.')) === path,
  );
  if (children.length === 0) return [];
  const known = new Set<string>(['resourceType']);
  const faults: string[] = [];
  for (const { path: childPath, min = 0, max = '*' } of children) {
    const name = childPath.slice(path.length + 1);
    const keys = Object.keys(object).filter((key) => matches(key.replace(/^_/, ''), name));
    for (const key of keys) known.add(key);
    const values = keys.filter((key) => !key.startsWith('_')).flatMap((key) => object[key]);
    if (values.length < min) faults.push(`${childPath}: ${values.length} of at least ${min}`);
    if (max !== '*' && values.length > Number(max))
      faults.push(`${childPath}: ${values.length} of at most ${max}`);
    for (const value of values) {
      if (typeof value === 'object' && value !== null) {
        faults.push(...faultsOf(value as Record<string, unknown>, childPath, elements));
      }
    }
  }
  const unknown = Object.keys(object).filter((key) => !known.has(key));
  return [...faults, ...unknown.map((key) => `${path}.${key}: not an element`)];
}

/** `valueQuantity` is of `value[x]`. */
const matches = (key: string, name: string): boolean =>
  name.endsWith('[x]') ? new RegExp(`^${name.slice(0, -3)}[A-Z]`).test(key) : key === name;
