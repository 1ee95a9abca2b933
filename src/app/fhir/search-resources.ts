import { ExchangeError } from '../../core/errors.js';
import type { SearchParameter } from '../../core/fhir/interactions.js';
import { indexEntryOf, matchesIdentifier } from '../../core/fhir/search-index.js';
import type { SearchQuery } from '../../core/fhir/search-parameters.js';
import type { CurrentDocument } from '../../core/records/types.js';
import { answerSearch, openSearch, type SearchRequest } from './answer-search.js';
import type { FhirAnswer, FhirDependencies } from './fhir-answer.js';
import { expandLinks, type LinkSet } from './link-set.js';
import { fillPage, pageByIdentifiers, pageByIds, pageByPartitions, type PageReader } from './page-records.js';
import { requireServed } from './require-served.js';

/**
 * Searches the resources of a type (FHIR R4 section 3.1.0.11): by id, by identifier or by patient, alone or together.
 * A search by patient stays in the partitions of the patient and those linked to them. `total` is given when one page
 * holds all.
 *
 * @throws ExchangeError HDE_TYPE_NOT_SUPPORTED; HDE_SEARCH_PARAMETER for parameters that are refused and for a search
 * without a criterion, which would read everything
 */
export async function searchResources(
  deps: FhirDependencies,
  request: Omit<SearchRequest, 'path'> & { readonly type: string },
): Promise<FhirAnswer> {
  const { type } = request;
  const { searchParameters } = requireServed(type, 'search-type');
  const search = openSearch(deps, { ...request, path: type }, searchParameters);
  const { query } = search;
  if (query.criteria.length === 0) throw unselective(searchParameters, query);
  const links = query.patient === undefined ? undefined : await expandLinks(deps, query.patient);
  const page = await fillPage(
    candidatesOf(deps, type, query, links),
    (document) => isMatch(document, query, links),
    search.page,
  );
  return answerSearch(deps, search, page, { links });
}

function unselective(served: readonly SearchParameter[], { ignored }: SearchQuery): ExchangeError {
  const names = served.map(({ name }) => name).join(', ');
  const others = [...new Set(ignored.map(({ location }) => location))].join(', ');
  const detail = `Give at least one of: ${names}.${others === '' ? '' : ` Not served here: ${others}.`}`;
  return new ExchangeError('HDE_SEARCH_PARAMETER', { detail });
}

/** Records among which all matches are, by the criterion that selects the fewest. */
function candidatesOf(
  { records }: FhirDependencies,
  type: string,
  { ids, identifiers }: SearchQuery,
  links: LinkSet | undefined,
): PageReader {
  const [anyOf] = identifiers;
  if (ids !== undefined) return pageByIds(records, type, ids);
  if (anyOf !== undefined) return pageByIdentifiers(records, type, [...new Set(anyOf.map(indexEntryOf))]);
  return pageByPartitions(records, links?.patients ?? [], type);
}

/** Whether a candidate meets the other criteria too; ids, where given, made it one. */
function isMatch(
  { partition, resource }: CurrentDocument,
  { identifiers }: SearchQuery,
  links: LinkSet | undefined,
): boolean {
  return (
    identifiers.every((anyOf) => anyOf.some((token) => matchesIdentifier(resource, token))) &&
    (links?.patients.includes(partition) ?? true)
  );
}
