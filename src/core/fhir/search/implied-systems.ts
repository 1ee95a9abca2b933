/**
 * Codes that stand alone have the system of the value set that R4 binds their element to (FHIR R4 section 3.1.1.4.10), so
 * that a search may name it: `gender=http://hl7.org/fhir/administrative-gender|male`.
 */
import table from '../r4-required-codes.json' with { type: 'json' };
import type { ParameterDefinition } from './definitions.js';

const setNames: ReadonlyMap<string, string> = new Map(Object.entries(table.bindings));
const sets: ReadonlyMap<string, Readonly<Record<string, string>>> = new Map(Object.entries(table.sets));

const booleans = 'http://terminology.hl7.org/CodeSystem/special-values';

/** The systems of the codes that a parameter is about; none where they are said, or R4 leaves the codes open. */
export function impliedSystems({
  paths,
  expression,
}: Pick<ParameterDefinition, 'paths' | 'expression'>): readonly string[] {
  if (paths.every((path) => path.endsWith(':boolean'))) return [booleans];
  if (!paths.every((path) => path.endsWith(':code'))) return [];
  const names = expression.split(' | ').map((element) => setNames.get(element) ?? '');
  return names.flatMap((name) => Object.keys(sets.get(name) ?? {}));
}
