/** The audit trail as AuditEvents of FHIR R4: found by what they say, and read by their ids. */
import type { AuditEvent, Bundle } from 'fhir/r4.js';
import { ExchangeError } from '../../core/errors.js';
import { placeOfAuditEvent, toAuditEvent } from '../../core/governance/audit/audit-event.js';
import type { AuditEventSearch } from '../../core/governance/audit/audit-event-search.js';
import { isSought, type AuditSearch } from '../../core/governance/audit/block-index.js';
import { searchsetBundle } from '../../core/fhir/bundle.js';
import { pageParameter } from '../../core/fhir/search-parameters.js';
import type { AuditStore } from '../../ports/audit-store.js';
import type { FhirDependencies } from '../fhir/fhir-answer.js';
import { mostOfPerson } from '../access/person.js';
import { expandLinks } from '../fhir/link-set.js';
import { searchTrail, type FoundEntry } from './search-trail.js';
import { isOwnId } from './witness.js';

export interface EventDependencies extends FhirDependencies {
  readonly audit: AuditStore;
}

/** AuditEvents, and whom they concern. */
export interface ToldEvents<R> {
  readonly resource: R;
  readonly patients: readonly string[];
}

/** An entry as an AuditEvent of this exchange. */
export const eventOfEntry = ({ key, ...chained }: FoundEntry): AuditEvent =>
  toAuditEvent(key, chained, { name: 'Healthcare Data Exchange' });

/**
 * A page of those that fit, the newest block of entries first. It may be short, or empty, though there is a next one.
 *
 * @throws ExchangeError HDE_SEARCH_PARAMETER for a page that is none
 */
export async function searchAuditEvents(
  deps: EventDependencies,
  search: AuditEventSearch,
): Promise<ToldEvents<Bundle>> {
  const { asked, named } = await questionOf(deps, search);
  const fits = (found: FoundEntry): boolean => {
    const event = eventOfEntry(found);
    return search.tests.every((test) => test(event));
  };
  const { entries, continuation } =
    search.ids === undefined
      ? await searchTrail(deps, asked, { limit: search.count, continuation: search.page }, fits)
      : {
          entries: await entriesOf(deps, search.ids, (found) => isSought(found.entry, asked) && fits(found)),
        };
  const { criteria } = search;
  const resource = searchsetBundle({
    ...{ baseUrl: deps.baseUrl, path: 'AuditEvent', parameters: criteria },
    matches: entries.map(eventOfEntry),
    ...(continuation === undefined
      ? {}
      : { nextParameters: [...criteria, [pageParameter, continuation] as const] }),
  });
  const shown = entries.flatMap(({ entry }) => entry.patients);
  return { resource, patients: [...new Set([...named, ...shown])] };
}

/** What the index of the trail can be asked, and whom the question names. */
async function questionOf(
  deps: EventDependencies,
  { patients, within, subject, from, to }: AuditEventSearch,
): Promise<{ readonly asked: AuditSearch; readonly named: readonly string[] }> {
  const people = patients && (await Promise.all(patients.map((id) => personSought(deps, id))));
  const concerned = people?.flatMap((each) => each.patients) ?? within;
  const asked = {
    ...(concerned === undefined ? {} : { patients: [...new Set(concerned)] }),
    ...(subject === undefined ? {} : { subject }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  };
  return { asked, named: people?.flatMap((each) => each.named) ?? (within ?? []).filter(isOwnId) };
}

/**
 * The records of the person of whom an id is one, and those of them that may stand in the trail: an id that is neither ours nor
 * that of a stored patient may be a name that somebody typed.
 */
export async function personSought(
  deps: Pick<FhirDependencies, 'records' | 'baseUrl'>,
  id: string,
): Promise<{ readonly patients: readonly string[]; readonly named: readonly string[] }> {
  const { patients, isKnown } = await expandLinks(deps, id, mostOfPerson);
  return { patients, named: isKnown || isOwnId(id) ? patients : [] };
}

async function entriesOf(
  deps: EventDependencies,
  ids: readonly string[],
  fits: (found: FoundEntry) => boolean,
): Promise<readonly FoundEntry[]> {
  const found: FoundEntry[] = [];
  for (const id of new Set(ids)) {
    const entry = await entryOf(deps, id);
    if (entry !== undefined && fits(entry)) found.push(entry);
  }
  return found;
}

/** @throws ExchangeError HDE_RESOURCE_NOT_FOUND */
export async function readAuditEvent(
  deps: Pick<EventDependencies, 'audit'>,
  id: string,
): Promise<ToldEvents<AuditEvent>> {
  const found = await entryOf(deps, id);
  if (found === undefined) throw new ExchangeError('HDE_RESOURCE_NOT_FOUND');
  return { resource: eventOfEntry(found), patients: found.entry.patients };
}

/** Entries that a block has at most. */
const mostOfBlock = 1000;

/** The entry of an id: its block is the last one that begins at or before it, which halving finds. */
async function entryOf(
  { audit }: Pick<EventDependencies, 'audit'>,
  id: string,
): Promise<FoundEntry | undefined> {
  const place = placeOfAuditEvent(id);
  if (place === undefined) return undefined;
  const { sequence, ...key } = place;
  const blockFrom = async (first: number) => (await audit.listBlocks(key, first, 1))[0];
  let [low, high] = [Math.max(0, sequence - mostOfBlock + 1), sequence];
  let block = await blockFrom(low);
  while (block !== undefined && block.index.first <= sequence) {
    const found = block.entries.find((each) => each.sequence === sequence);
    if (found !== undefined) return { ...found, key };
    low = block.index.first + 1;
    const middle = Math.ceil((low + high) / 2);
    const later = low > high ? undefined : await blockFrom(middle);
    if (later !== undefined && later.index.first <= sequence) block = later;
    else {
      high = middle - 1;
      block = low > high ? undefined : await blockFrom(low);
    }
  }
  return undefined;
}
