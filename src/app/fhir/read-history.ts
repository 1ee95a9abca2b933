import { ExchangeError } from '../../core/errors.js';
import type { ParameterPair } from '../../core/fhir/bundle.js';
import {
  decodeContinuation,
  encodeContinuation,
  type PagePosition,
  type PageSeal,
} from '../../core/fhir/continuation.js';
import { nestDecimals } from '../../core/fhir/decimals.js';
import { historyBundle } from '../../core/fhir/history-bundle.js';
import { type HistoryQuery, pageOfHistory, readHistoryQuery } from '../../core/fhir/history-query.js';
import { isFhirId } from '../../core/fhir/references.js';
import { pageParameter } from '../../core/fhir/search-parameters.js';
import type { HistoryDocument } from '../../core/records/types.js';
import { notOurs, type SearchDependencies } from './answer-search.js';
import { answerWith, type FhirAnswer } from './fhir-answer.js';
import { requireServed } from './require-served.js';

/** A type whose history is asked for. */
export interface TypeHistoryRequest {
  readonly type: string;
  readonly parameters: readonly ParameterPair[];
}

/** A resource whose history is asked for. */
export interface HistoryRequest extends TypeHistoryRequest {
  readonly id: string;
}

/**
 * The versions of a resource, the latest first (FHIR R4 section 3.1.0.12), also of one that was deleted.
 *
 * @throws ExchangeError HDE_TYPE_NOT_SUPPORTED, HDE_RESOURCE_NOT_FOUND, HDE_SEARCH_PARAMETER
 */
export async function readHistory(
  deps: SearchDependencies,
  { type, id, parameters }: HistoryRequest,
): Promise<FhirAnswer> {
  requireServed(type, 'history-instance');
  const path = `${type}/${id}/_history`;
  const query = understood(parameters);
  const { count, since } = query;
  const [before] = pageOf(deps, path, query) ?? [];
  // One more than is shown tells whether there is a next page.
  const page = { limit: count + 1, ...(before !== undefined && { before: Number(before) }) };
  const found = isFhirId(id) ? await deps.records.listVersions(type, id, page) : [];
  if (found.length === 0 && before === undefined) throw new ExchangeError('HDE_RESOURCE_NOT_FOUND');
  const wanted = since === undefined ? found : found.filter(({ lastUpdated }) => lastUpdated >= since);
  // Not the number of the latest version: some that are between may not be for the client.
  const isWhole = since === undefined && before === undefined && found.length <= count;
  const total = isWhole ? found.length : undefined;
  return answerHistory(deps, path, query, wanted, ({ versionId }) => [versionId], total);
}

/**
 * The versions of all resources of a type, the latest first (FHIR R4 section 3.1.0.12).
 *
 * @throws ExchangeError HDE_TYPE_NOT_SUPPORTED, HDE_SEARCH_PARAMETER
 */
export async function readTypeHistory(
  deps: SearchDependencies,
  { type, parameters }: TypeHistoryRequest,
): Promise<FhirAnswer> {
  requireServed(type, 'history-type');
  const path = `${type}/_history`;
  const query = understood(parameters);
  const { count, since } = query;
  const [lastUpdated, id] = pageOf(deps, path, query) ?? [];
  const found = await deps.records.listHistory(type, {
    limit: count + 1,
    ...(since !== undefined && { since }),
    ...(id !== undefined && { after: { lastUpdated: String(lastUpdated), id: String(id) } }),
  });
  return answerHistory(deps, path, query, found, ({ lastUpdated: time, id: last }) => [time, last]);
}

/** Where the page that is asked for begins; undefined for the first. @throws ExchangeError HDE_SEARCH_PARAMETER */
function pageOf(deps: SearchDependencies, path: string, query: HistoryQuery): PagePosition | undefined {
  if (query.page === undefined) return undefined;
  const position = decodeContinuation(sealOf(deps, path, query), query.page, deps.clock.now().toISOString());
  if (position === undefined) throw notOurs(pageParameter);
  return position;
}

/** What the token of a page is bound to; the page size may change between pages. */
const sealOf = (
  { identitySecret: secret }: SearchDependencies,
  path: string,
  { parameters }: HistoryQuery,
): PageSeal => ({
  secret,
  request: JSON.stringify([path, parameters.filter(([name]) => name !== '_count')]),
});

function understood(parameters: readonly ParameterPair[]): HistoryQuery {
  const query = readHistoryQuery(parameters);
  if (query.ok) return query.value;
  const { name, expected } = query.error;
  throw new ExchangeError('HDE_SEARCH_PARAMETER', { location: name, detail: expected });
}

/** @param found one more than the page shows, if there is a next one */
function answerHistory(
  deps: SearchDependencies,
  path: string,
  query: HistoryQuery,
  found: readonly HistoryDocument[],
  positionOf: (last: HistoryDocument) => PagePosition,
  total?: number,
): FhirAnswer {
  const { baseUrl, clock } = deps;
  const versions = found.slice(0, query.count);
  const address = `${baseUrl}/${path}`;
  const last = versions.at(-1);
  const next =
    found.length > query.count && last !== undefined
      ? encodeContinuation(sealOf(deps, path, query), positionOf(last), clock.now().toISOString())
      : undefined;
  const answer = answerWith(
    historyBundle({
      baseUrl,
      self: `${address}${query.self}`,
      next: next === undefined ? undefined : `${address}${pageOfHistory(query, next)}`,
      total,
      versions,
    }),
  );
  const decimals = Object.assign({}, ...versions.map(decimalsOf)) as Readonly<Record<string, string>>;
  return Object.keys(decimals).length === 0 ? answer : { ...answer, decimals };
}

const decimalsOf = (version: HistoryDocument, index: number): Readonly<Record<string, string>> =>
  version.kind === 'deleted' ? {} : nestDecimals(`/entry/${index}/resource`, version.decimals);
