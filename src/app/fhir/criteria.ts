/** The resource that a conditional write means (FHIR R4 sections 3.1.0.5.3, 3.1.0.7.1 and 3.1.0.8.1). */
import { ExchangeError } from '../../core/errors.js';
import type { ParameterPair } from '../../core/fhir/bundle.js';
import { indexEntryOf } from '../../core/fhir/search-index.js';
import { findParameter } from '../../core/fhir/search/definitions.js';
import { type IndexedRecord, matches } from '../../core/fhir/search/match.js';
import { parseSearch } from '../../core/fhir/search-parameters.js';
import { readIfNoneExist } from '../../core/fhir/write/if-none-exist.js';
import type { CurrentDocument, LatestDocument } from '../../core/records/types.js';
import { wholeOf } from './outlines.js';
import { readSome } from './page-records.js';
import { refusalOf } from './refusal.js';
import { collect, maxCollected, planSearch, readerOf, tooMany } from './search-plan.js';
import type { WriteDependencies } from './write-dependencies.js';
import type { PreparedWrite } from './write-record.js';

/** What criteria were found to mean. */
export interface Criteria {
  /** The same for requests that ask for the same. */
  readonly key: string;
  /** The one resource that meets them; absent when none does. */
  readonly match?: CurrentDocument;
  /** Whether a resource of the type meets them. */
  readonly isMet: (record: IndexedRecord) => boolean;
}

/** Who asks, and where the criteria stand, for refusals. */
export interface CriteriaContext {
  readonly mayRead: boolean;
  readonly location?: string;
}

/**
 * Finds the one resource that criteria mean. Who may not read gives one identifier: whether other criteria are met would
 * tell what is stored.
 *
 * @throws ExchangeError HDE_SEARCH_PARAMETER, HDE_SEARCH_UNSELECTIVE, HDE_FORBIDDEN, or HDE_PRECONDITION_FAILED when several
 * meet them
 */
export async function findByCriteria(
  deps: WriteDependencies,
  type: string,
  parameters: readonly ParameterPair[],
  { mayRead, location }: CriteriaContext,
): Promise<Criteria> {
  const query = new URLSearchParams(parameters.map(([name, value]): [string, string] => [name, value]));
  const identifier = readIfNoneExist(query.toString());
  if (identifier.ok) {
    const entry = indexEntryOf(identifier.value);
    if (hasOtherIdentifiers(type)) return { key: entry, ...(await search(deps, type, parameters, location)) };
    const { documents } = await deps.records.findByIdentifier(type, entry, { limit: 2 });
    return {
      ...{ key: entry, isMet: ({ index }) => index.identifier.includes(entry) },
      ...onlyOf(documents, location),
    };
  }
  if (!mayRead)
    throw new ExchangeError('HDE_FORBIDDEN', {
      detail: 'without the role reader, criteria are identifier=system|value',
    });
  query.sort();
  return { key: `?${query.toString()}`, ...(await search(deps, type, parameters, location)) };
}

/** Whether a type is known by another element than `identifier`, too: a document by its `masterIdentifier`. */
const hasOtherIdentifiers = (type: string): boolean =>
  (findParameter(type, 'identifier')?.paths.length ?? 0) > 1;

async function search(
  deps: WriteDependencies,
  type: string,
  parameters: readonly ParameterPair[],
  location: string | undefined,
): Promise<Omit<Criteria, 'key'>> {
  const context = { type, strict: true, baseUrl: deps.baseUrl, now: deps.clock.now().toISOString() };
  const parsed = parseSearch(parameters, context);
  if (!parsed.ok) {
    const [first = { code: 'HDE_SEARCH_PARAMETER', severity: 'error' } as const, ...others] = parsed.error;
    throw refusalOf(location === undefined ? first : { ...first, location }, others);
  }
  const { terms } = parsed.value;
  if (terms.length === 0) throw noCriteria(location);
  const plan = await planSearch(deps, type, terms);
  // What follows chains record by record cannot be told of a record that is to come.
  if (plan.rest.length > 0) throw tooMany('Criteria of a write name the resource itself.');
  const found =
    plan.ids === undefined
      ? (await readSome(readerOf(deps, plan), 1, (document) => document)).kept
      : await collect(deps, plan, maxCollected);
  if (found === undefined || found.length > 1) throw several(location);
  const [match] = (await wholeOf(deps.records, found)) ?? changed();
  return {
    isMet: (record) => matches(record, plan.criterion),
    ...(match === undefined ? {} : { match }),
  };
}

const changed = (): never => {
  throw new ExchangeError('HDE_CONCURRENT_UPDATE');
};

function onlyOf(
  [match, another]: readonly CurrentDocument[],
  location: string | undefined,
): Pick<Criteria, 'match'> {
  if (another !== undefined) throw several(location);
  return match === undefined ? {} : { match };
}

const several = (location: string | undefined): ExchangeError =>
  new ExchangeError('HDE_PRECONDITION_FAILED', {
    ...(location === undefined ? {} : { location }),
    detail: 'several resources meet the criteria',
  });

const noCriteria = (location = 'parameters'): ExchangeError =>
  new ExchangeError('HDE_SEARCH_PARAMETER', { location, detail: 'criteria that one resource meets' });

/** A write of what meets criteria: if it no longer does when it is decided on, the write is prepared anew. */
export const whileMet = ({ place, decide }: PreparedWrite, isMet: Criteria['isMet']): PreparedWrite => ({
  place,
  decide: (before, context) =>
    before?.document.kind === 'resource' && isMet(before.document) ? decide(before, context) : undefined,
});

/**
 * An update that creates under the id of its client, since nothing met its criteria: what stands there all the same is
 * something else, or came in between.
 */
export const unlessOther = ({ place, decide }: PreparedWrite, isMet: Criteria['isMet']): PreparedWrite => ({
  place,
  decide: (before, context) => {
    requireMeant(before?.document, isMet);
    return decide(before, context);
  },
});

/** @throws ExchangeError HDE_PRECONDITION_FAILED for a resource that does not meet the criteria by which it was to be found */
export function requireMeant(stands: LatestDocument | undefined, isMet: Criteria['isMet']): void {
  if (stands?.kind === 'resource' && !isMet(stands))
    throw new ExchangeError('HDE_PRECONDITION_FAILED', {
      location: `${stands.resourceType}.id`,
      detail: 'what has this id does not meet the criteria',
    });
}
