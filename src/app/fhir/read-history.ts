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
import type { DateRange } from '../../core/fhir/search/types.js';
import { pageParameter } from '../../core/fhir/search-parameters.js';
import type { HistoryDocument } from '../../core/records/types.js';
import { notOurs, type SearchDependencies } from './answer-search.js';
import { answerWith, type FhirAnswer } from './fhir-answer.js';
import { requireServed } from './require-served.js';
import { type VersionReader, versionsWithin } from './version-parts.js';

/** A type whose history is asked for. */
export interface TypeHistoryRequest {
  readonly type: string;
  readonly parameters: readonly ParameterPair[];
  /** Whether places are left out of what is answered. */
  readonly isRedacted: (version: HistoryDocument) => boolean;
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
  { type, id, parameters, isRedacted }: HistoryRequest,
): Promise<FhirAnswer> {
  requireServed(type, 'history-instance');
  const path = `${type}/${id}/_history`;
  const query = understood(parameters);
  const { count, since, at } = query;
  const [before] = pageOf(deps, path, query) ?? [];
  if (!isFhirId(id)) throw new ExchangeError('HDE_RESOURCE_NOT_FOUND');
  let isThere = before !== undefined;
  const read: VersionReader = async (limit, last) => {
    const from = last?.versionId ?? before;
    const page = { limit, ...(from !== undefined && { before: Number(from) }) };
    const found = await deps.records.listVersions(type, id, page);
    isThere ||= found.length > 0;
    return since === undefined ? found : found.filter(({ lastUpdated }) => lastUpdated >= since);
  };
  const current = at === undefined ? read : currentAt(read, at);
  const { versions, isLast } = await versionsWithin(current, count, deps.room);
  if (!isThere) throw new ExchangeError('HDE_RESOURCE_NOT_FOUND');
  // Not the number of the latest version: some that are between may not be for the client.
  const isWhole = since === undefined && at === undefined && before === undefined && isLast;
  const total = isWhole ? versions.length : undefined;
  return answerHistory(deps, path, query, { versions, isLast, total, isRedacted }, ({ versionId }) => [
    versionId,
  ]);
}

/**
 * Reads those versions that were current at some time of a range (`_at`): the one before a version was so until then. That
 * before which a page goes on is not asked: the page is there because the first version of it is one of them.
 */
const currentAt =
  (read: VersionReader, { lo, hi }: DateRange): VersionReader =>
  async (limit, last) => {
    const kept: HistoryDocument[] = [];
    for (let newer = last; kept.length < limit;) {
      const found = await read(limit, newer);
      for (const version of found) {
        if (newer !== undefined && newer.lastUpdated <= lo) return kept;
        if (version.lastUpdated <= hi) kept.push(version);
        newer = version;
      }
      if (found.length < limit) return kept;
    }
    return kept.slice(0, limit);
  };

/**
 * The versions of all resources of a type, the latest first (FHIR R4 section 3.1.0.12).
 *
 * @throws ExchangeError HDE_TYPE_NOT_SUPPORTED, HDE_SEARCH_PARAMETER
 */
export async function readTypeHistory(
  deps: SearchDependencies,
  { type, parameters, isRedacted }: TypeHistoryRequest,
): Promise<FhirAnswer> {
  requireServed(type, 'history-type');
  const path = `${type}/_history`;
  const query = understood(parameters);
  const { at, count, since } = query;
  // What is current for years may have been written before all else: all of the history would be looked at.
  if (at !== undefined)
    throw new ExchangeError('HDE_SEARCH_PARAMETER', {
      location: '_at',
      detail: 'a parameter of the history of one resource',
    });
  const [lastUpdated, id] = pageOf(deps, path, query) ?? [];
  const begin = id === undefined ? undefined : { lastUpdated: String(lastUpdated), id: String(id) };
  const read: VersionReader = (limit, last) => {
    const after = last ?? begin;
    return deps.records.listHistory(type, {
      limit,
      ...(since !== undefined && { since }),
      ...(after !== undefined && { after: { lastUpdated: after.lastUpdated, id: after.id } }),
    });
  };
  const found = await versionsWithin(read, count, deps.room);
  return answerHistory(deps, path, query, { ...found, isRedacted }, ({ lastUpdated: time, id: last }) => [
    time,
    last,
  ]);
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

/** A page of versions. */
interface HistoryPage {
  readonly versions: readonly HistoryDocument[];
  readonly isLast: boolean;
  readonly total?: number | undefined;
  readonly isRedacted: (version: HistoryDocument) => boolean;
}

function answerHistory(
  deps: SearchDependencies,
  path: string,
  query: HistoryQuery,
  { versions, isLast, ...rest }: HistoryPage,
  positionOf: (last: HistoryDocument) => PagePosition,
): FhirAnswer {
  const { baseUrl, clock } = deps;
  const address = `${baseUrl}/${path}`;
  const last = versions.at(-1);
  const next =
    !isLast && last !== undefined
      ? encodeContinuation(sealOf(deps, path, query), positionOf(last), clock.now().toISOString())
      : undefined;
  const answer = answerWith(
    historyBundle({
      baseUrl,
      self: `${address}${query.self}`,
      next: next === undefined ? undefined : `${address}${pageOfHistory(query, next)}`,
      versions,
      ...rest,
    }),
  );
  const decimals = Object.assign({}, ...versions.map(decimalsOf)) as Readonly<Record<string, string>>;
  return Object.keys(decimals).length === 0 ? answer : { ...answer, decimals };
}

const decimalsOf = (version: HistoryDocument, index: number): Readonly<Record<string, string>> =>
  version.kind === 'deleted' ? {} : nestDecimals(`/entry/${index}/resource`, version.decimals);
