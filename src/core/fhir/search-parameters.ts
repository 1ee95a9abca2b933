import type { Issue } from '../errors.js';
import { fail, ok, type Result } from '../result.js';
import type { ParameterPair } from './bundle.js';
import { findServedType } from './interactions.js';
import { valuesOf } from './search/criteria.js';
import { findParameter } from './search/definitions.js';
import { type Include, parseInclude } from './search/includes.js';
import { maxSortKeys, type SortKey } from './search/sort.js';
import { parseTerm, type SearchTerm } from './search/terms.js';

/** Entries of one page (`_count`). */
export const pageSize = { standard: 50, maximum: 1000 } as const;

/** The parameter of our next links; its value is opaque. */
export const pageParameter = '_page';

/** Criteria of one search, and those among them that need searches of their own (chains and `_has`). */
const maxTerms = { all: 30, joined: 5 } as const;

/** Parameters of one search, known or not. */
const maxParameters = 200;

/** Values that the criteria of one search compare, in all: a query has room for so many. */
const maxValues = 1000;

/** Includes of one search. */
const maxIncludes = 20;

/** Whether and how exactly the matches are counted (`_total`, FHIR R4 section 3.1.1.5.2). */
export type TotalMode = 'none' | 'estimate' | 'accurate';

/** What a search asks for. */
export interface SearchQuery {
  /** All of them must hold. */
  readonly terms: readonly SearchTerm[];
  /** Empty where the client leaves the order to us. */
  readonly sort: readonly SortKey[];
  /** Absent where the client does not say. */
  readonly total?: TotalMode;
  readonly includes: readonly Include[];
  /** Entries of a page; with 0 the matches are only counted. */
  readonly count: number;
  /** Token of the page, as sent. */
  readonly page?: string;
  /** What is obeyed, for the links; page and page size are not among it. */
  readonly criteria: readonly ParameterPair[];
  /** Whether the client chose the page size, so that links repeat it. */
  readonly countGiven: boolean;
  /** Warnings about parameters that are ignored. */
  readonly ignored: readonly Issue[];
}

/** How to read a search. */
export interface SearchContext {
  /** What is searched for; undefined where no criteria are taken, only pages. */
  readonly type: string | undefined;
  /** Parameters that are read elsewhere, and obeyed. */
  readonly others?: ReadonlySet<string>;
  /** `Prefer: handling=strict`: unknown parameters are errors instead of ignored. */
  readonly strict: boolean;
  /** Base address of the FHIR API, without a slash at its end. */
  readonly baseUrl: string;
  /** ISO instant. */
  readonly now: string;
}

/** Whether a Prefer header asks for `handling=strict` (FHIR R4 section 3.1.1.2); lenient otherwise. */
export function prefersStrict(prefer: string | undefined): boolean {
  return /(^|[,;\s])handling\s*=\s*"?strict"?\s*($|[,;])/i.test(prefer ?? '');
}

interface Draft {
  readonly terms: SearchTerm[];
  /** Values that the terms compare. */
  values: number;
  sort: readonly SortKey[];
  total?: TotalMode;
  readonly includes: Include[];
  count: number;
  countGiven: boolean;
  page?: string;
  readonly criteria: ParameterPair[];
  readonly ignored: Issue[];
}

/**
 * Reads the parameters of a search (FHIR R4 section 3.1.1). A known parameter with a value or modifier that it does not
 * take is an error whatever the handling, because ignoring it would answer another question. One without a value is
 * ignored, as R4 has it (section 3.1.1.3), with a warning.
 *
 * @returns findings that name the parameters, never their values
 */
export function parseSearch(
  parameters: Iterable<ParameterPair>,
  context: SearchContext,
): Result<SearchQuery, readonly Issue[]> {
  const draft: Draft = {
    ...{ terms: [], sort: [], includes: [], criteria: [], ignored: [] },
    ...{ values: 0, count: pageSize.standard, countGiven: false },
  };
  const pairs = [...parameters];
  if (pairs.length > maxParameters)
    return fail([problem('parameters', `At most ${maxParameters} parameters are taken.`)]);
  const problems: Issue[] = [];
  for (const [index, [name, value]] of pairs.entries()) {
    const location = safeName(name, index + 1);
    const outcome = context.others?.has(name) === true ? undefined : readPair(draft, name, value, context);
    if (outcome === 'unknown' || outcome === 'empty') {
      const detail = outcome === 'empty' ? 'It has no value.' : 'This parameter is not served here.';
      if (context.strict) problems.push(problem(location, detail));
      else draft.ignored.push({ ...problem(location, `${detail} It was ignored.`), severity: 'warning' });
    } else if (outcome !== undefined) problems.push(problem(location, outcome.refusal));
    else if (name !== '_count' && name !== pageParameter) draft.criteria.push([name, value]);
  }
  // To ask for no entries is to ask how many there are (FHIR R4 section 3.1.1.5).
  if (draft.count === 0) draft.total = 'accurate';
  return problems.length === 0 ? ok(draft) : fail(problems);
}

type Outcome = 'unknown' | 'empty' | { readonly refusal: string } | undefined;

const refuse = (refusal: string | undefined): Outcome => (refusal === undefined ? undefined : { refusal });

/** What a decoder leaves of bytes that are not UTF-8: to look for it would find nobody, and not say why. */
const undecoded = '\uFFFD';

function readPair(draft: Draft, name: string, value: string, context: SearchContext): Outcome {
  const { type } = context;
  // What a named query means nobody can tell who does not know it (R4 section 3.1.1.7).
  if (name === '_query') return { refusal: 'No named queries are served.' };
  // A place that was lost must not lead back to the first page.
  if (value === '' && name !== pageParameter) return 'empty';
  if (value.includes(undecoded)) return { refusal: 'Expected UTF-8.' };
  if (name === '_count') return refuse(readCount(draft, value, type === undefined ? 1 : 0));
  if (name === pageParameter) return refuse(readPage(draft, value));
  if (type === undefined) return 'unknown';
  if (name === '_sort') return refuse(readSort(draft, value, type));
  if (name === '_total') return refuse(readTotal(draft, value));
  const [, include] = /^(_include|_revinclude)(?::(?:iterate|recurse))?$/.exec(name) ?? [];
  if (include !== undefined) return refuse(readInclude(draft, name, value, type));
  return readTerm(draft, name, value, { ...context, type });
}

function readTerm(
  draft: Draft,
  name: string,
  value: string,
  { type, ...context }: SearchContext & { readonly type: string },
): Outcome {
  const term = parseTerm(type, name, value, { ...context, isServed: isSearched });
  if (term === undefined) return 'unknown';
  if (!term.ok) return refuse(term.error);
  draft.terms.push(term.value);
  draft.values += valuesIn(term.value);
  if (draft.values > maxValues)
    return refuse(
      `At most ${maxValues} values are compared in one search: give fewer alternatives, and references with their type.`,
    );
  if (draft.terms.length > maxTerms.all) return refuse(`At most ${maxTerms.all} criteria are taken.`);
  const joined = draft.terms.filter(({ kind }) => kind !== 'criterion');
  if (joined.length > maxTerms.joined) return refuse(`At most ${maxTerms.joined} chains and _has are taken.`);
  return undefined;
}

function valuesIn(term: SearchTerm): number {
  switch (term.kind) {
    case 'criterion':
      return valuesOf(term.criterion);
    case 'chain':
      return term.targets.reduce((total, { term: inner }) => total + valuesIn(inner), 0);
    case 'has':
      return valuesIn(term.term);
  }
}

const isSearched = (type: string): boolean => findServedType(type) !== undefined;

function readCount(draft: Draft, value: string, least: number): string | undefined {
  if (draft.countGiven) return 'It may be given once.';
  if (!/^\d+$/.test(value) || Number(value) < least)
    return `Expected a whole number from ${least} to ${pageSize.maximum}.`;
  draft.count = Math.min(Number(value), pageSize.maximum);
  draft.countGiven = true;
  return undefined;
}

function readPage(draft: Draft, value: string): string | undefined {
  if (draft.page !== undefined) return 'It may be given once.';
  draft.page = value;
  return undefined;
}

/** Kinds of parameters whose values have no order. */
const unordered: ReadonlySet<string> = new Set(['composite', 'special']);

function readSort(draft: Draft, value: string, type: string): string | undefined {
  if (draft.sort.length > 0) return 'It may be given once; separate parameters by commas.';
  const names = value.split(',');
  if (names.length > maxSortKeys) return `At most ${maxSortKeys} parameters are taken.`;
  const keys = names.map((name) => {
    const definition = findParameter(type, name.replace(/^-/, ''));
    return definition === undefined || unordered.has(definition.type)
      ? undefined
      : { definition, isDescending: name.startsWith('-') };
  });
  if (!keys.every((key) => key !== undefined))
    return 'Expected names of parameters, with - before them or not.';
  draft.sort = keys;
  return undefined;
}

function readTotal(draft: Draft, value: string): string | undefined {
  if (draft.total !== undefined) return 'It may be given once.';
  if (value !== 'none' && value !== 'estimate' && value !== 'accurate')
    return 'Expected none, estimate or accurate.';
  draft.total = value;
  return undefined;
}

function readInclude(draft: Draft, name: string, value: string, type: string): string | undefined {
  if (draft.includes.length >= maxIncludes) return `At most ${maxIncludes} includes are taken.`;
  const direction = name.startsWith('_include') ? 'forward' : 'backward';
  const include = parseInclude(direction, value, name.includes(':'), type, isSearched);
  if (!include.ok) return include.error;
  draft.includes.push(include.value);
  return undefined;
}

const problem = (location: string, detail: string): Issue => ({
  code: 'HDE_SEARCH_PARAMETER',
  severity: 'error',
  location,
  detail,
});

/** A parameter's name is input too: it is repeated only when it looks like one, else its position is given. */
function safeName(name: string, position: number): string {
  return /^[A-Za-z_][A-Za-z_.:-]{0,63}$/.test(name) ? name : `parameter ${position}`;
}
