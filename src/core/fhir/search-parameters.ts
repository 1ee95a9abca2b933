import type { Issue } from '../errors.js';
import { fail, ok, type Result } from '../result.js';
import type { ParameterPair } from './bundle.js';
import type { SearchParameter } from './interactions.js';
import { isFhirId, parseReference } from './references.js';
import type { IdentifierToken } from './search-index.js';

/** Entries of one page (`_count`). */
export const pageSize = { standard: 50, maximum: 1000 } as const;

/** The parameter of our next links; its value is opaque. */
export const pageParameter = '_page';

/** Alternatives (commas) of one parameter: each identifier costs a query, each id a point read. */
const maxAlternatives = { identifier: 10, _id: 100 } as const;

/** What a search asks for. */
export interface SearchQuery {
  /** Logical ids of which one must be the resource's. */
  readonly ids?: readonly string[];
  /** Of each group, one identifier must be the resource's. */
  readonly identifiers: readonly (readonly IdentifierToken[])[];
  /** Id of the patient whom the resource must be about. */
  readonly patient?: string;
  readonly count: number;
  /** Token of the page, as sent. */
  readonly page?: string;
  /** Criteria that are obeyed, for the links; page and page size are not among them. */
  readonly criteria: readonly ParameterPair[];
  /** Whether the client chose the page size, so that links repeat it. */
  readonly countGiven: boolean;
  /** Warnings about parameters that are ignored. */
  readonly ignored: readonly Issue[];
}

/** How to read a search. */
export interface SearchContext {
  /** The parameters that the type serves. */
  readonly served: readonly SearchParameter[];
  /** `Prefer: handling=strict`: unknown parameters are errors instead of ignored. */
  readonly strict: boolean;
  /** Base address of the FHIR API, without a slash at its end. */
  readonly baseUrl: string;
}

/** Whether a Prefer header asks for `handling=strict` (FHIR R4 section 3.1.1.2); lenient otherwise. */
export function prefersStrict(prefer: string | undefined): boolean {
  return /(^|[,;\s])handling\s*=\s*"?strict"?\s*($|[,;])/i.test(prefer ?? '');
}

type Draft = { -readonly [K in keyof SearchQuery]: SearchQuery[K] } & {
  identifiers: (readonly IdentifierToken[])[];
  criteria: ParameterPair[];
  ignored: Issue[];
};

/**
 * Reads the parameters of a search (FHIR R4 section 3.1.1). A known parameter with a value or modifier that is not
 * served is an error whatever the handling, because ignoring it would answer another question.
 *
 * Refused: `identifier=system|` (everything of a system), an empty value, a `_count` below 1, more than one patient,
 * `_id`, `_count` or page, and too many alternatives.
 */
export function parseSearch(
  parameters: Iterable<ParameterPair>,
  context: SearchContext,
): Result<SearchQuery, readonly Issue[]> {
  const draft: Draft = {
    identifiers: [],
    count: pageSize.standard,
    countGiven: false,
    criteria: [],
    ignored: [],
  };
  const problems: Issue[] = [];
  let position = 0;
  for (const [name, value] of parameters) {
    position += 1;
    const location = safeName(name, position);
    const read = readerOf(name, context);
    if (read === undefined) {
      const detail = 'This parameter is not served here.';
      if (context.strict) problems.push(problem(location, detail));
      else draft.ignored.push({ ...problem(location, `${detail} It was ignored.`), severity: 'warning' });
      continue;
    }
    const refusal = read(draft, value, context);
    if (refusal !== undefined) problems.push(problem(location, refusal));
    else if (name !== '_count' && name !== pageParameter) draft.criteria.push([name, value]);
  }
  return problems.length === 0 ? ok(draft) : fail(problems);
}

/** Puts one parameter's value into the draft, or says why not. */
type Reader = (draft: Draft, value: string, context: SearchContext) => string | undefined;

const readers: Readonly<Record<SearchParameter['name'], Reader>> = {
  _id: readIds,
  identifier: readIdentifiers,
  patient: readPatient,
  subject: readPatient,
};

function readerOf(name: string, { served }: SearchContext): Reader | undefined {
  if (name === '_count') return readCount;
  if (name === pageParameter) return readPage;
  const [base = '', modifier] = name.split(':', 2);
  const parameter = served.find((candidate) => candidate.name === base);
  if (parameter === undefined) return undefined;
  const isServed = modifier === undefined || (parameter.type === 'reference' && modifier === 'Patient');
  return isServed ? readers[parameter.name] : () => 'This modifier is not served.';
}

function readIds(draft: Draft, value: string): string | undefined {
  if (draft.ids !== undefined) return 'It may be given once; separate alternatives by commas.';
  const ids = value.split(',');
  if (ids.includes('')) return 'A value is empty.';
  if (ids.length > maxAlternatives._id) return `At most ${maxAlternatives._id} alternatives are taken.`;
  // No resource can have an id that is malformed.
  draft.ids = [...new Set(ids.filter(isFhirId))];
  return undefined;
}

function readIdentifiers(draft: Draft, value: string): string | undefined {
  const alternatives = splitEscaped(value, ',').map((text) => splitEscaped(text, '|').map(unescapeValue));
  if (alternatives.length > maxAlternatives.identifier) {
    return `At most ${maxAlternatives.identifier} alternatives are taken.`;
  }
  const tokens: IdentifierToken[] = [];
  for (const [first = '', second, ...more] of alternatives) {
    if (more.length > 0) return 'Expected system|value; a | within a value is written \\|.';
    if (second === '' && first !== '') return 'A system without a value selects too much; give system|value.';
    const token =
      second === undefined ? { system: undefined, value: first } : { system: first, value: second };
    if (token.value === '') return 'A value is empty.';
    tokens.push(token);
  }
  draft.identifiers.push(tokens);
  return undefined;
}

function readPatient(draft: Draft, value: string, { baseUrl }: SearchContext): string | undefined {
  const reference = parseReference(value, baseUrl);
  const id = reference?.type === 'Patient' ? reference.id : value;
  if (!isFhirId(id)) return 'Expected one patient as Patient/{id} or {id}.';
  if (draft.patient !== undefined) return 'One search is about one patient; give patient or subject once.';
  draft.patient = id;
  return undefined;
}

function readCount(draft: Draft, value: string): string | undefined {
  if (draft.countGiven) return 'It may be given once.';
  if (!/^0*[1-9]\d*$/.test(value)) return `Expected a whole number from 1 to ${pageSize.maximum}.`;
  draft.count = Math.min(Number(value), pageSize.maximum);
  draft.countGiven = true;
  return undefined;
}

function readPage(draft: Draft, value: string): string | undefined {
  if (draft.page !== undefined) return 'It may be given once.';
  draft.page = value;
  return undefined;
}

/** Splits at a separator that no backslash escapes; escapes stay as they are (FHIR R4 section 3.1.1.4.0.1). */
function splitEscaped(text: string, separator: ',' | '|'): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let i = 0; i < text.length; i += 1) {
    if (text.charAt(i) === '\\') {
      i += 1;
    } else if (text.charAt(i) === separator) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  return [...parts, text.slice(start)];
}

/** Resolves the four escapes of R4; any other backslash stands for itself. */
function unescapeValue(text: string): string {
  return text.replace(/\\([\\,|$])/g, '$1');
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
