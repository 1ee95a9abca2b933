/** The search parameters of FHIR R4 (section 3.1.1.4) of the types that are stored here. */
import table from './r4-parameters.json' with { type: 'json' };

/** Kinds of parameters that are indexed by the values they select. */
export type ValueKind = 'token' | 'string' | 'date' | 'number' | 'quantity' | 'reference' | 'uri' | 'special';

/** One part of a composite parameter, by the code of the parameter that it is the same as. */
export interface ComponentDefinition {
  readonly code: string;
  readonly type: Exclude<ValueKind, 'special'>;
  /** As `ParameterDefinition.paths`, seen from the element that the composite is about. */
  readonly paths: readonly string[];
}

/** A search parameter of one type of resource. */
export interface ParameterDefinition {
  /** The name in a search, `birthdate`. */
  readonly code: string;
  readonly type: ValueKind | 'composite';
  /** Canonical address of the R4 definition. */
  readonly url: string;
  readonly description: string;
  /** The FHIRPath expression, as far as it is about this type. */
  readonly expression: string;
  /**
   * What the expression selects, compiled by `tools/r4-search-parameters.mjs`: the elements in JSON and the type of the
   * last, `telecom[system=phone]:ContactPoint`, `subject[Patient]:Reference`. Of a composite: elements without a type.
   */
  readonly paths: readonly string[];
  /** Whether the parameter asks if any of the paths says something else than false, instead of for their values. */
  readonly isPresence?: boolean;
  /** Types that a reference may be to; absent where it may be to any. */
  readonly targets?: readonly string[];
  /** Of a composite, in the order of a search's values. */
  readonly components?: readonly ComponentDefinition[];
}

type Row = Omit<ParameterDefinition, 'url'> & { readonly definition: string };

const rows = new Map(Object.entries(table as unknown as Readonly<Record<string, readonly Row[]>>));

const define = ({ definition, ...row }: Row): ParameterDefinition => ({
  ...row,
  url: `http://hl7.org/fhir/SearchParameter/${definition}`,
});

const common = (rows.get('Resource') ?? []).map(define);
const byType = new Map<string, ReadonlyMap<string, ParameterDefinition>>();

function definitionsOf(type: string): ReadonlyMap<string, ParameterDefinition> {
  const known = byType.get(type);
  if (known !== undefined) return known;
  const own = type === 'Resource' ? [] : (rows.get(type) ?? []).map(define);
  const definitions = new Map([...common, ...own].map((definition) => [definition.code, definition]));
  // Types come from outside: only those of the table are kept.
  if (rows.has(type)) byType.set(type, definitions);
  return definitions;
}

/** Types of resources that have parameters of their own in the table, by name. */
export const parameterisedTypes: readonly string[] = [...rows.keys()].filter((type) => type !== 'Resource');

/**
 * The parameters of a type, those of every resource (`_id`, `_tag`) first, then its own by code. `_text`, `_content`
 * and `_query` are not among them. A type that is not in the table has those of every resource.
 */
export function parametersOf(type: string): readonly ParameterDefinition[] {
  return [...definitionsOf(type).values()];
}

/** A parameter of a type by its code, without modifier; undefined when R4 defines none. */
export function findParameter(type: string, code: string): ParameterDefinition | undefined {
  return definitionsOf(type).get(code);
}
