import { ExchangeError } from '../../core/errors.js';
import type { ParameterPair } from '../../core/fhir/bundle.js';
import { nestDecimals } from '../../core/fhir/decimals.js';
import { historyBundle } from '../../core/fhir/history-bundle.js';
import {
  decodePosition,
  encodePosition,
  type HistoryQuery,
  pageOfHistory,
  readHistoryQuery,
} from '../../core/fhir/history-query.js';
import { isFhirId } from '../../core/fhir/references.js';
import type { HistoryDocument } from '../../core/records/types.js';
import { answerWith, type FhirAnswer, type FhirDependencies } from './fhir-answer.js';
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
  deps: FhirDependencies,
  { type, id, parameters }: HistoryRequest,
): Promise<FhirAnswer> {
  requireServed(type, 'history-instance');
  const query = understood(parameters);
  const { count, since, page } = query;
  const before = page === undefined ? undefined : Number(page);
  if (before !== undefined && !(Number.isSafeInteger(before) && before > 0)) throw notAPage();
  // One more than is shown tells whether there is a next page.
  const found = isFhirId(id)
    ? await deps.records.listVersions(type, id, { limit: count + 1, ...(before !== undefined && { before }) })
    : [];
  if (found.length === 0 && before === undefined) throw new ExchangeError('HDE_RESOURCE_NOT_FOUND');
  const wanted = since === undefined ? found : found.filter(({ lastUpdated }) => lastUpdated >= since);
  // Not the number of the latest version: some that are between may not be for the client.
  const isWhole = since === undefined && before === undefined && found.length <= count;
  const total = isWhole ? found.length : undefined;
  return answerHistory(deps, `${type}/${id}`, query, wanted, ({ versionId }) => String(versionId), total);
}

/**
 * The versions of all resources of a type, the latest first (FHIR R4 section 3.1.0.12).
 *
 * @throws ExchangeError HDE_TYPE_NOT_SUPPORTED, HDE_SEARCH_PARAMETER
 */
export async function readTypeHistory(
  deps: FhirDependencies,
  { type, parameters }: TypeHistoryRequest,
): Promise<FhirAnswer> {
  requireServed(type, 'history-type');
  const query = understood(parameters);
  const { count, since, page } = query;
  const after = page === undefined ? undefined : decodePosition(page);
  if (page !== undefined && after === undefined) throw notAPage();
  const found = await deps.records.listHistory(type, {
    limit: count + 1,
    ...(since !== undefined && { since }),
    ...(after !== undefined && { after }),
  });
  return answerHistory(deps, type, query, found, encodePosition);
}

function understood(parameters: readonly ParameterPair[]): HistoryQuery {
  const query = readHistoryQuery(parameters);
  if (query.ok) return query.value;
  const { name, expected } = query.error;
  throw new ExchangeError('HDE_SEARCH_PARAMETER', { location: name, detail: expected });
}

const notAPage = () =>
  new ExchangeError('HDE_SEARCH_PARAMETER', {
    location: '_page',
    detail: 'the place that a link to the next page names',
  });

/** @param found one more than the page shows, if there is a next one */
function answerHistory(
  { baseUrl }: FhirDependencies,
  path: string,
  query: HistoryQuery,
  found: readonly HistoryDocument[],
  placeOf: (last: HistoryDocument) => string,
  total?: number,
): FhirAnswer {
  const versions = found.slice(0, query.count);
  const address = `${baseUrl}/${path}/_history`;
  const last = versions.at(-1);
  const hasNext = found.length > query.count && last !== undefined;
  const answer = answerWith(
    historyBundle({
      baseUrl,
      self: `${address}${query.self}`,
      next: hasNext ? `${address}${pageOfHistory(query, placeOf(last))}` : undefined,
      total,
      versions,
    }),
  );
  const decimals = Object.assign({}, ...versions.map(decimalsOf)) as Readonly<Record<string, string>>;
  return Object.keys(decimals).length === 0 ? answer : { ...answer, decimals };
}

const decimalsOf = (version: HistoryDocument, index: number): Readonly<Record<string, string>> =>
  version.kind === 'deleted' ? {} : nestDecimals(`/entry/${index}/resource`, version.decimals);
