/** What one parameter of a search asks for, chains and reverse chains among them (FHIR R4 sections 3.1.1.4.14, 3.1.1.4.15). */
import { fail, ok, type Result } from '../../result.js';
import { isFhirId, parseReference } from '../references.js';
import type { Criterion } from './criteria.js';
import { findParameter, type ParameterDefinition } from './definitions.js';
import { parseParameter } from './parse-parameter.js';
import type { ValueContext } from './parse-values.js';
import { isSelective } from './selectivity.js';
import { splitEscaped, unescapeValue } from './values.js';

/** A condition on the records themselves. */
export interface CriterionTerm {
  readonly kind: 'criterion';
  readonly definition: ParameterDefinition;
  readonly criterion: Criterion;
  /** Whether it alone leaves few records of all that are stored. */
  readonly isSelective: boolean;
  /** Ids of the patients of whom one must be the one whom the record is about; absent where it says something else. */
  readonly patients?: readonly string[];
}

/** A condition on the resources that a reference is to: `subject:Patient.identifier`. */
export interface ChainTerm {
  readonly kind: 'chain';
  readonly code: string;
  /** What is asked of each type that the reference may be to. */
  readonly targets: readonly { readonly type: string; readonly term: SearchTerm }[];
}

/** A condition on resources that refer to the record: `_has:Observation:patient:code`. */
export interface HasTerm {
  readonly kind: 'has';
  /** The type that refers, and its parameter. */
  readonly type: string;
  readonly code: string;
  readonly term: SearchTerm;
}

export type LinkTerm = ChainTerm | HasTerm;
export type SearchTerm = CriterionTerm | LinkTerm;

/** How to read a parameter. */
export interface TermContext extends ValueContext {
  /** Whether resources of a type are stored, and so can be searched through. */
  readonly isServed: (type: string) => boolean;
}

/** Chains and reverse chains within one another. */
const maxDepth = 2;

/** Parameters that say which patient a record is about; it lives in that patient's partition (docs/adr/0003). */
export const patientCodes: ReadonlySet<string> = new Set(['patient', 'subject', 'beneficiary']);

/** The parameter that says which patient a record of a type is about; undefined for what is about nobody. */
export function patientParameterOf(type: string): ParameterDefinition | undefined {
  return [...patientCodes]
    .map((code) => findParameter(type, code))
    .find((definition) => definition !== undefined && mayBeTo(definition, 'Patient'));
}

/** Whether a reference may be to a type. */
export function mayBeTo({ type, targets }: ParameterDefinition, target: string): boolean {
  return type === 'reference' && (targets?.includes(target) ?? true);
}

/**
 * Reads a parameter of a type.
 *
 * @param name as sent, with its modifier
 * @returns undefined when R4 knows no such parameter; why it cannot be asked, without anything of the value
 */
export function parseTerm(
  type: string,
  name: string,
  value: string,
  context: TermContext,
  depth = 0,
): Result<SearchTerm, string> | undefined {
  if (name.startsWith('_has:')) return parseHas(type, name, value, context, depth);
  const dot = name.indexOf('.');
  if (dot > 0) return parseChain(type, [name.slice(0, dot), name.slice(dot + 1)], value, context, depth);
  const [code = '', modifier, ...more] = name.split(':');
  const definition = findParameter(type, code);
  if (definition === undefined) return undefined;
  if (more.length > 0) return fail('This modifier is not one of the parameter.');
  const read = parseParameter(definition, modifier, value, context);
  if (!read.ok) return read;
  const patients = patientsIn(definition, modifier, value, context);
  return ok({
    kind: 'criterion',
    definition,
    criterion: read.value,
    isSelective: isSelective(type, definition, read.value),
    ...(patients === undefined ? {} : { patients }),
  });
}

function patientsIn(
  { code, targets }: ParameterDefinition,
  modifier: string | undefined,
  value: string,
  { baseUrl }: TermContext,
): readonly string[] | undefined {
  const isAbout = patientCodes.has(code) && (targets?.includes('Patient') ?? true);
  if (!isAbout || (modifier !== undefined && modifier !== 'Patient')) return undefined;
  const ids = splitEscaped(value, ',').map((each) => {
    const plain = unescapeValue(each);
    const reference = parseReference(plain, baseUrl);
    if (reference !== undefined) return reference.type === 'Patient' ? reference.id : undefined;
    return isFhirId(plain) ? plain : undefined;
  });
  return ids.every((id) => id !== undefined) ? [...new Set(ids)] : undefined;
}

const tooDeep = `Chains may be ${maxDepth} deep.`;

function parseChain(
  type: string,
  [head, rest]: readonly [string, string],
  value: string,
  context: TermContext,
  depth: number,
): Result<SearchTerm, string> | undefined {
  const [code = '', target, ...more] = head.split(':');
  const definition = findParameter(type, code);
  if (definition === undefined) return undefined;
  if (definition.type !== 'reference' || more.length > 0) return fail('Only references can be followed.');
  if (depth >= maxDepth) return fail(tooDeep);
  if (target !== undefined && !mayBeTo(definition, target)) return fail('The reference is to no such type.');
  const types = target === undefined ? (definition.targets ?? []) : [target];
  if (types.length === 0) return fail('Name the type that the reference is to, as in subject:Patient.name.');
  const targets: { type: string; term: SearchTerm }[] = [];
  for (const each of types.filter(context.isServed)) {
    const term = parseTerm(each, rest, value, context, depth + 1);
    if (term === undefined) continue;
    if (!term.ok) return term;
    targets.push({ type: each, term: term.value });
  }
  if (targets.length === 0) return fail('What the reference is to has no such parameter.');
  return ok({ kind: 'chain', code, targets });
}

function parseHas(
  type: string,
  name: string,
  value: string,
  context: TermContext,
  depth: number,
): Result<SearchTerm, string> {
  const [, from = '', code = '', ...rest] = name.split(':');
  if (depth >= maxDepth) return fail(tooDeep);
  if (!context.isServed(from) || rest.length === 0) return fail('Expected _has:Type:reference:parameter.');
  const definition = findParameter(from, code);
  if (definition === undefined || !mayBeTo(definition, type)) return fail('The type has no such reference.');
  const term = parseTerm(from, rest.join(':'), value, context, depth + 1);
  if (term === undefined) return fail('What refers has no such parameter.');
  return term.ok ? ok({ kind: 'has', type: from, code, term: term.value }) : term;
}
