/** SMART App Launch scopes for FHIR resources, version 2 (`user/Observation.rs?category=laboratory`) and 1 (`.read`). */
import type { Action } from './access-vocabulary.js';

/** One scope of a token. What its restrictions ask for must all hold of a record. */
export interface SmartScope {
  readonly context: 'patient' | 'user' | 'system';
  /** A resource type, or `*` for all of them. */
  readonly type: string;
  readonly actions: readonly Action[];
  readonly restrictions: readonly ScopeRestriction[];
}

/** A token search parameter that a record must meet; one of the values is enough. */
export interface ScopeRestriction {
  readonly parameter: string;
  /** `code`, `system|code`, `|code` (without a system) or `system|`. */
  readonly values: readonly string[];
}

const everyAction: readonly Action[] = ['c', 'r', 'u', 'd', 's'];

const SCOPE = /^(patient|user|system)\/(\*|[A-Z][A-Za-z]{1,63})\.([a-z]+|\*)(?:\?(.+))?$/;

/** Version 1 as version 2 says it (SMART App Launch 2, "Scopes for requesting FHIR resources"). */
const versionOne: Readonly<Record<string, string>> = { read: 'rs', write: 'cud', '*': 'cruds' };

/** @returns undefined for what is no scope for resources, or not well formed: it allows nothing */
export function parseScope(text: string): SmartScope | undefined {
  const [, context, type, letters, query] = SCOPE.exec(text) ?? [];
  if (context === undefined || type === undefined || letters === undefined) return undefined;
  const isVersionOne = Object.hasOwn(versionOne, letters);
  // Version 1 knows no restrictions: who writes one expects less than the scope would give.
  if (isVersionOne && query !== undefined) return undefined;
  const actions = isVersionOne ? (versionOne[letters] ?? '') : letters;
  if (!/^c?r?u?d?s?$/.test(actions)) return undefined;
  const restrictions = parseRestrictions(query);
  if (restrictions === undefined) return undefined;
  return {
    context: context as SmartScope['context'],
    type,
    actions: everyAction.filter((action) => actions.includes(action)),
    restrictions,
  };
}

/** The scopes for resources among the words of a token's `scope` claim. */
export function parseScopes(text: string): SmartScope[] {
  return text.split(/\s+/).flatMap((word) => parseScope(word) ?? []);
}

function parseRestrictions(query: string | undefined): ScopeRestriction[] | undefined {
  if (query === undefined) return [];
  const restrictions = [...new URLSearchParams(query)].map(([parameter, value]) => ({
    parameter,
    values: value.split(','),
  }));
  // A comma that is escaped would part one value into two others (FHIR R4 section 3.1.1.4.0.1).
  const isComplete = restrictions.every(
    ({ parameter, values }) =>
      parameter !== '' && values.every((value) => value !== '' && value !== '|' && !value.includes('\\')),
  );
  return isComplete && restrictions.length > 0 ? restrictions : undefined;
}

/** Whether a scope is about a type and allows all the actions. */
export function allows(scope: SmartScope, type: string, actions: readonly Action[]): boolean {
  return (
    (scope.type === '*' || scope.type === type) && actions.every((action) => scope.actions.includes(action))
  );
}

/**
 * Whether a record meets what a scope is restricted to. What is not known of the record (modifiers and chains among
 * it) is not met.
 *
 * @param codes by search parameter, each `system|code`, or `|code` without a system
 */
export function meetsRestrictions(
  { restrictions }: SmartScope,
  codes: Readonly<Record<string, readonly string[]>>,
): boolean {
  return restrictions.every(({ parameter, values }) => {
    const held = Object.hasOwn(codes, parameter) ? (codes[parameter] ?? []) : [];
    return held.some((code) => values.some((value) => matchesToken(value, code)));
  });
}

/** FHIR R4 section 3.1.1.5.10; without regard to case, as searches by token are. */
function matchesToken(wantedAsWritten: string, heldAsWritten: string): boolean {
  const [wanted, held] = [wantedAsWritten.toLowerCase(), heldAsWritten.toLowerCase()];
  if (!wanted.includes('|')) return held.slice(held.indexOf('|') + 1) === wanted;
  return wanted.endsWith('|') ? held.startsWith(wanted) : held === wanted;
}
