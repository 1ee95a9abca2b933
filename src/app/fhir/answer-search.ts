import type { Resource } from 'fhir/r4.js';
import { ExchangeError, type Issue } from '../../core/errors.js';
import { type ParameterPair, searchsetBundle } from '../../core/fhir/bundle.js';
import { decodeContinuation, encodeContinuation } from '../../core/fhir/continuation.js';
import type { SearchParameter } from '../../core/fhir/interactions.js';
import {
  pageParameter,
  parseSearch,
  prefersStrict,
  type SearchQuery,
} from '../../core/fhir/search-parameters.js';
import type { PageRequest, SearchPage } from '../../ports/record-store.js';
import { answerWith, type FhirAnswer, type FhirDependencies } from './fhir-answer.js';
import { type LinkSet, maxLinkedPatients } from './link-set.js';

/** A search as it came: its address below the base and its parameters. */
export interface SearchRequest {
  readonly path: string;
  readonly parameters: Iterable<ParameterPair>;
  /** The Prefer header. */
  readonly prefer?: string | undefined;
}

/** A search that was understood, with the place where its page begins. */
export interface OpenSearch {
  readonly path: string;
  readonly query: SearchQuery;
  readonly page: PageRequest;
}

/**
 * Reads a search and the token of its page.
 *
 * @throws ExchangeError HDE_SEARCH_PARAMETER for the first parameter that is refused, or for a page token that was
 * altered or belongs to another search
 */
export function openSearch(
  { baseUrl }: FhirDependencies,
  { path, parameters, prefer }: SearchRequest,
  served: readonly SearchParameter[],
): OpenSearch {
  const parsed = parseSearch(parameters, { served, strict: prefersStrict(prefer), baseUrl });
  if (!parsed.ok) throw refusalOf(parsed.error);
  const query = parsed.value;
  if (query.page === undefined) return { path, query, page: { limit: query.count } };
  const continuation = decodeContinuation(sealOf(path, query), query.page);
  if (continuation === undefined) {
    throw new ExchangeError('HDE_SEARCH_PARAMETER', {
      location: pageParameter,
      detail: 'The page token does not belong to this search; start again without it.',
    });
  }
  return { path, query, page: { limit: query.count, continuation } };
}

/** Renders a page of records as a searchset Bundle with its links. */
export function answerSearch(
  { baseUrl }: FhirDependencies,
  { path, query, page }: OpenSearch,
  { documents, continuation }: SearchPage,
  extras: { readonly included?: readonly Resource[]; readonly links?: LinkSet | undefined } = {},
): FhirAnswer {
  const { criteria, count, countGiven } = query;
  const parameters: ParameterPair[] = countGiven ? [...criteria, ['_count', String(count)]] : [...criteria];
  const isWhole = page.continuation === undefined && continuation === undefined;
  return answerWith(
    searchsetBundle({
      baseUrl,
      path,
      parameters: query.page === undefined ? parameters : [...parameters, [pageParameter, query.page]],
      ...(continuation === undefined
        ? {}
        : {
            nextParameters: [
              ...parameters,
              [pageParameter, encodeContinuation(sealOf(path, query), continuation)],
            ],
          }),
      ...(isWhole ? { total: documents.length } : {}),
      matches: documents.map(({ resource }) => resource),
      included: extras.included ?? [],
      issues: [...query.ignored, ...incompleteLinks(extras.links)],
    }),
  );
}

/** What a page token is bound to; the page size may change between pages. */
function sealOf(path: string, { criteria }: SearchQuery): string {
  return JSON.stringify([path, criteria]);
}

function refusalOf([first, ...others]: readonly Issue[]): ExchangeError {
  const { code = 'HDE_SEARCH_PARAMETER', location, detail } = first ?? {};
  return new ExchangeError(code, {
    ...(location === undefined ? {} : { location }),
    ...(detail === undefined ? {} : { detail }),
    others,
  });
}

function incompleteLinks(links: LinkSet | undefined): Issue[] {
  if (links === undefined || links.isComplete) return [];
  const detail = `More than ${maxLinkedPatients} patients are linked; the records of the first ${maxLinkedPatients} are given.`;
  return [{ code: 'HDE_RESULT_INCOMPLETE', severity: 'warning', location: 'Patient.link', detail }];
}
