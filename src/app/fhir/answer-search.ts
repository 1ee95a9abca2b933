import { ExchangeError, type Issue } from '../../core/errors.js';
import { type ParameterPair, searchsetBundle } from '../../core/fhir/bundle.js';
import {
  decodeContinuation,
  encodeContinuation,
  type PagePosition,
  type PageSeal,
} from '../../core/fhir/continuation.js';
import { type Decimals, nestDecimals } from '../../core/fhir/decimals.js';
import { criteriaParameter, openCriteria, sealCriteria } from '../../core/fhir/sealed-criteria.js';
import {
  pageParameter,
  parseSearch,
  prefersStrict,
  type SearchQuery,
} from '../../core/fhir/search-parameters.js';
import type { CurrentDocument } from '../../core/records/types.js';
import type { Clock } from '../../ports/clock.js';
import { answerWith, type FhirAnswer, type FhirDependencies } from './fhir-answer.js';
import type { Included } from './include-resources.js';
import { type LinkSet, maxLinkedPatients } from './link-set.js';
import type { Place } from './page-records.js';
import { refusalOf } from './refusal.js';

/** What searches need. */
export interface SearchDependencies extends FhirDependencies {
  readonly clock: Clock;
  /** Seals page tokens. */
  readonly identitySecret: string;
}

/** A search as it came: its address below the base and its parameters. */
export interface SearchRequest {
  readonly path: string;
  readonly parameters: Iterable<ParameterPair>;
  /** The Prefer header. */
  readonly prefer?: string | undefined;
  /** Whether the parameters came in a body, so that they must stand in no address. */
  readonly isPosted?: boolean;
  /** Parameters that are read from the criteria elsewhere. */
  readonly others?: ReadonlySet<string>;
}

/** A search that was understood, with the place where its page begins. */
export interface OpenSearch {
  readonly path: string;
  readonly query: SearchQuery;
  /** ISO instant of the request. */
  readonly now: string;
  /** Absent for the first page. */
  readonly from?: PagePosition;
  /** Whether no link may show the criteria. */
  readonly isSealed: boolean;
}

/** A page of matches. */
export interface Matches {
  readonly documents: readonly CurrentDocument[];
  /** Where the next page begins; absent on the last one. */
  readonly next?: PagePosition | undefined;
  /** Number of matches on all pages, where it is known. */
  readonly total?: number;
}

/**
 * Reads a search and the token of its page.
 *
 * @param type what is searched for; undefined where no criteria are taken
 * @throws ExchangeError HDE_SEARCH_PARAMETER for the first parameter that is refused, or for a page token that was
 * altered, has expired or belongs to another search
 */
export function openSearch(
  deps: SearchDependencies,
  { path, parameters, prefer, isPosted = false, others }: SearchRequest,
  type?: string,
): OpenSearch {
  const now = deps.clock.now().toISOString();
  const strict = prefersStrict(prefer);
  const given = [...parameters];
  const opened = openCriteria({ secret: deps.identitySecret, path }, given);
  if (opened === undefined) throw notOurs(criteriaParameter);
  const isSealed = isPosted || opened !== given;
  const parsed = parseSearch(opened, {
    ...{ type, strict, baseUrl: deps.baseUrl, now },
    ...(others === undefined ? {} : { others }),
  });
  if (!parsed.ok) {
    const [first = { code: 'HDE_SEARCH_PARAMETER', severity: 'error' } as const, ...others] = parsed.error;
    throw refusalOf(first, others);
  }
  const query = parsed.value;
  if (query.page === undefined) return { path, query, now, isSealed };
  const from = decodeContinuation(sealOf(deps, path, query), query.page, now);
  if (from === undefined) throw notOurs(pageParameter);
  return { path, query, now, from, isSealed };
}

/** The refusal of a sealed parameter that was altered, has expired, or belongs to another request. */
export const notOurs = (location: string): ExchangeError =>
  new ExchangeError('HDE_SEARCH_PARAMETER', {
    location,
    detail: 'The link to a page has expired or does not belong to this request; start again without it.',
  });

/** The position of a place, for a page token, and back. */
export const positionAt = ({ after, partition }: Place): PagePosition =>
  partition === undefined ? [after] : [after, partition];

export function placeAt([after, partition]: PagePosition): Place {
  return { after: String(after), ...(typeof partition === 'string' ? { partition } : {}) };
}

/**
 * Renders a page of records as a searchset Bundle with its links.
 *
 * @throws ExchangeError HDE_SEARCH_PARAMETER for criteria that are too long for the link to the next page
 */
export function answerSearch(
  deps: SearchDependencies,
  search: OpenSearch,
  { documents, next, total }: Matches,
  extras: {
    readonly included?: readonly CurrentDocument[];
    readonly links?: LinkSet | undefined;
    readonly issues?: readonly Issue[];
  } = {},
): FhirAnswer {
  const { path, query, from } = search;
  const { included = [] } = extras;
  const known = total ?? (from === undefined && next === undefined ? documents.length : undefined);
  const answer = answerWith(
    searchsetBundle({
      baseUrl: deps.baseUrl,
      path,
      parameters: selfParameters(deps, search),
      ...(next === undefined ? {} : { nextParameters: nextParameters(deps, search, next) }),
      ...(known === undefined || query.total === 'none' ? {} : { total: known }),
      matches: documents.map(({ resource }) => resource),
      included: included.map(({ resource }) => resource),
      issues: [...query.ignored, ...incompleteLinks(extras.links), ...(extras.issues ?? [])],
    }),
  );
  // The entries of the Bundle are in this order.
  const numbers = [...documents, ...included].map((each, index) =>
    nestDecimals(`/entry/${index}/resource`, each.decimals),
  );
  const decimals = Object.assign({}, ...numbers) as Decimals;
  return Object.keys(decimals).length === 0 ? answer : { ...answer, decimals };
}

const sizeOf = ({ countGiven, count }: SearchQuery): ParameterPair[] =>
  countGiven ? [['_count', String(count)]] : [];

/** What was obeyed, as the client put it. */
function selfParameters(deps: SearchDependencies, search: OpenSearch): ParameterPair[] {
  const { query, isSealed } = search;
  const { criteria, page } = query;
  return [
    ...((isSealed ? sealedOf(deps, search) : criteria) ?? []),
    ...sizeOf(query),
    ...(page === undefined ? [] : [[pageParameter, page] as const]),
  ];
}

/** We have made this address, so that it shows nothing of what was asked. */
function nextParameters(deps: SearchDependencies, search: OpenSearch, next: PagePosition): ParameterPair[] {
  const { path, query, now } = search;
  const criteria = sealedOf(deps, search);
  if (criteria === undefined)
    throw new ExchangeError('HDE_SEARCH_PARAMETER', {
      location: 'parameters',
      detail: 'These are too long for the link to a next page: give fewer alternatives, or a larger _count.',
    });
  const token = encodeContinuation(sealOf(deps, path, query), next, now);
  return [...criteria, ...sizeOf(query), [pageParameter, token]];
}

const sealedOf = (
  { identitySecret: secret }: SearchDependencies,
  { path, query }: OpenSearch,
): ParameterPair[] | undefined => sealCriteria({ secret, path }, query.criteria);

/** What the client should know of resources that do not come with a page. */
export const incompleteIncludes = ({ isComplete }: Included): readonly Issue[] =>
  isComplete
    ? []
    : [incomplete('Bundle.entry', 'Not all included resources are given: ask for less at once.')];

/** What a page token is bound to; the page size may change between pages. */
function sealOf({ identitySecret }: SearchDependencies, path: string, { criteria }: SearchQuery): PageSeal {
  return { secret: identitySecret, request: JSON.stringify([path, criteria]) };
}

function incompleteLinks(links: LinkSet | undefined): Issue[] {
  if (links === undefined || links.isComplete) return [];
  const detail = `More than ${maxLinkedPatients} patients are linked; the records of the first ${maxLinkedPatients} are given.`;
  return [incomplete('Patient.link', detail)];
}

const incomplete = (location: string, detail: string): Issue => ({
  code: 'HDE_RESULT_INCOMPLETE',
  severity: 'warning',
  location,
  detail,
});
