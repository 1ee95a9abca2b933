import { ExchangeError } from '../../core/errors.js';
import { comparePositions, positionOf } from '../../core/fhir/search/sort.js';
import { patientParameterOf, type SearchTerm } from '../../core/fhir/search/terms.js';
import { referencesTo } from '../../core/fhir/search/parse-values.js';
import { isFhirId } from '../../core/fhir/references.js';
import type { FhirAnswer } from './fhir-answer.js';
import {
  answerSearch,
  incompleteIncludes,
  type Matches,
  openSearch,
  type OpenSearch,
  placeAt,
  positionAt,
  type SearchDependencies,
  type SearchRequest,
} from './answer-search.js';
import { includeResources } from './include-resources.js';
import { type Outline, wholeOf } from './outlines.js';
import { readTogether } from './read-together.js';
import { requireServed } from './require-served.js';
import { collect, maxCollected, planSearch, readerOf, type SearchPlan, tooMany } from './search-plan.js';

/** A search of one type, of all or of one patient's records. */
export interface TypeSearch extends Omit<SearchRequest, 'path'> {
  readonly type: string;
  /** The patient of a compartment, `Patient/{id}/{type}`. */
  readonly patientId?: string;
}

/**
 * Searches the resources of a type (FHIR R4 section 3.1.0.11), or those of a patient's compartment. A search by patient
 * stays in the partitions of the patient and those linked to them; others are one indexed query. `total` is given when
 * it is asked for or one page holds all.
 *
 * @throws ExchangeError HDE_TYPE_NOT_SUPPORTED; HDE_ROUTE_NOT_FOUND for a compartment of records about nobody;
 * HDE_SEARCH_PARAMETER for parameters that are refused; HDE_SEARCH_UNSELECTIVE for a search that would read too much
 */
export async function searchResources(deps: SearchDependencies, request: TypeSearch): Promise<FhirAnswer> {
  const { type, patientId } = request;
  requireServed(type, 'search-type');
  const compartment = patientId === undefined ? [] : [compartmentOf(type, patientId, deps.baseUrl)];
  const path = patientId === undefined ? type : `Patient/${patientId}/${type}`;
  const search = openSearch(deps, { ...request, path }, type);
  const { terms, includes } = search.query;
  const read = async () => {
    const plan = await planSearch(deps, type, [...compartment, ...terms]);
    const matched = (await collected(deps, plan, search)) ?? (await streamed(deps, plan, search));
    return { plan, matched, included: await includeResources(deps, matched.documents, includes) };
  };
  const { plan, matched, included } = await readTogether(deps, read, (found) => [
    ...found.matched.documents,
    ...found.included.documents,
  ]);
  return answerSearch(deps, search, matched, {
    included: included.documents,
    links: plan.links,
    issues: incompleteIncludes(included),
  });
}

function compartmentOf(type: string, patientId: string, baseUrl: string): SearchTerm {
  const definition = patientParameterOf(type);
  if (definition === undefined || !isFhirId(patientId)) throw new ExchangeError('HDE_ROUTE_NOT_FOUND');
  const criterion = referencesTo(definition.code, [`Patient/${patientId}`], baseUrl);
  return { kind: 'criterion', definition, criterion, isSelective: true, patients: [patientId] };
}

/** A page as the store orders it. */
async function streamed(
  deps: SearchDependencies,
  plan: SearchPlan,
  { query, from }: OpenSearch,
): Promise<Matches> {
  const { documents, next } = await readerOf(deps, plan)(query.count, from && placeAt(from));
  return { documents, next: next && positionAt(next) };
}

/**
 * A page of what must be looked at as a whole: to be sorted or counted, for chains, and for ids. Undefined where the
 * database can page by itself.
 */
async function collected(
  deps: SearchDependencies,
  plan: SearchPlan,
  search: OpenSearch,
): Promise<Matches | undefined> {
  const { sort, total } = search.query;
  const isCounted = total === 'accurate' || total === 'estimate';
  const isWhole = sort.length > 0 || plan.rest.length > 0 || plan.ids !== undefined;
  if (!isWhole && !isCounted) return undefined;
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    const found = await collect(deps, plan, maxCollected);
    if (found === undefined && total === 'estimate' && !isWhole) return undefined;
    if (found === undefined)
      throw tooMany(`More than ${maxCollected} records would have to be looked at: give more criteria.`);
    const page = await pageOf(deps, found, search);
    if (page !== undefined) return isCounted ? { ...page, total: found.length } : page;
  }
  throw new ExchangeError('HDE_THROTTLED', { retryAfterSeconds: 1 });
}

/** Where others write what is looked at all the time. */
const mostAttempts = 6;

/** A page of those that were found; undefined where one of them has changed since. */
async function pageOf(
  { records, room }: SearchDependencies,
  outlines: readonly Outline[],
  { query: { sort, count }, from }: OpenSearch,
): Promise<Matches | undefined> {
  const placed = outlines
    .map((outline) => ({ outline, position: positionOf(outline, sort, [outline.fhirId]) }))
    .sort((left, right) => comparePositions(left.position, right.position, sort));
  const rest =
    from === undefined ? placed : placed.filter(({ position }) => comparePositions(position, from, sort) > 0);
  const wanted = rest.slice(0, count).map(({ outline }) => outline);
  const documents = await wholeOf(records, wanted, room);
  if (documents === undefined) return undefined;
  const isLast = documents.length === rest.length;
  return { documents, next: isLast ? undefined : rest[documents.length - 1]?.position };
}
