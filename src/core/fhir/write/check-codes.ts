/**
 * Whether the codes of a resource are those that R4 requires of their elements (bindings of the strength `required`, FHIR
 * R4 section 4.1.5). It loads the table of elements and that of codes: import it when it is needed.
 */
import type { Issue } from '../../errors.js';
import { elementsOf, isPrimitiveType } from '../elements.js';
import table from '../r4-required-codes.json' with { type: 'json' };
import { fieldsOf, listOf } from '../search/shapes.js';

const bindings: ReadonlyMap<string, string> = new Map(Object.entries(table.bindings));
const sets = new Map<string, Readonly<Record<string, string>>>(Object.entries(table.sets));

/** The codes of a value set, as `code` and as `system|code`. */
function codesOf(name: string): ReadonlySet<string> {
  const systems = Object.entries(sets.get(name) ?? {});
  return new Set(
    systems.flatMap(([system, codes]) => codes.split(' ').flatMap((code) => [code, `${system}|${code}`])),
  );
}

/** What is wrong with the codes of a resource that has the shape of its type. No value of it appears. */
export function checkCodes(resource: unknown): Issue[] {
  const issues: Issue[] = [];
  checkResource(resource, '', issues);
  return issues;
}

function checkResource(value: unknown, place: string, issues: Issue[]): void {
  const type = fieldsOf(value)?.['resourceType'];
  if (typeof type === 'string') checkFields(value, type, place === '' ? type : place, issues);
}

function checkFields(value: unknown, type: string, place: string, issues: Issue[]): void {
  const fields = fieldsOf(value) ?? {};
  for (const [name, element] of elementsOf(type) ?? []) {
    if (!Object.hasOwn(fields, name)) continue;
    for (const [index, item] of listOf(fields[name]).entries()) {
      const at = `${place}.${name}${element.repeats ? `[${index}]` : ''}`;
      const set = bindings.get(`${type}.${name}`);
      if (set !== undefined && !isOneOf(item, set))
        issues.push({
          code: 'HDE_RESOURCE_INVALID',
          severity: 'error',
          location: at,
          detail: `a code of the value set ${set}`,
        });
      if (element.type === 'Resource') checkResource(item, at, issues);
      else if (!isPrimitiveType(element.type)) checkFields(item, element.type, at, issues);
    }
  }
}

/** A code, or of a concept one of its codings; what is null has an extension in its place. */
function isOneOf(value: unknown, set: string): boolean {
  if (value === null) return true;
  const codes = codesOf(set);
  if (typeof value === 'string') return codes.has(value);
  return listOf(fieldsOf(value)?.['coding'])
    .map(fieldsOf)
    .some((coding) => codes.has(`${String(coding?.['system'])}|${String(coding?.['code'])}`));
}
