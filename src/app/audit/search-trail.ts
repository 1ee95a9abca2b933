/** Who saw or changed what: entries of the trail that fit, page by page. */
import { Buffer } from 'node:buffer';
import { ExchangeError } from '../../core/errors.js';
import { isSought, type AuditSearch } from '../../core/governance/audit/block-index.js';
import type { ChainedEntry } from '../../core/governance/audit/chain.js';
import { placeOfBlock, type AuditStore, type ChainKey, type StoredBlock } from '../../ports/audit-store.js';

/** An entry and where it stands in the trail. */
export interface FoundEntry extends ChainedEntry {
  readonly key: ChainKey;
}

export interface FoundPage {
  readonly entries: readonly FoundEntry[];
  /** Opaque; present exactly when there may be more. */
  readonly continuation?: string;
}

/** What else an entry has to be, which no index knows. */
export type EntryTest = (found: FoundEntry) => boolean;

export interface SearchPage {
  /** At least 1. */
  readonly limit: number;
  /** From the page before, of the same search. */
  readonly continuation?: string | undefined;
}

/** Blocks that are read at once: each may hold many entries that fit. */
const blocksAtOnce = 20;
/** Requests that one page makes at most: of a busy process many blocks may hold little that fits. */
const mostRequests = 10;

/** Where a page goes on. */
interface Place {
  /** Behind this block; absent for the first one. */
  readonly after?: string;
  /** Entries of the next block that were given already. */
  readonly given: number;
}

/**
 * The entries that fit, the newest block first. A page may be short, or empty, though there is more.
 *
 * @param fits the same for all pages
 *
 * @throws ExchangeError HDE_SEARCH_PARAMETER for a continuation that is none
 */
export async function searchTrail(
  { audit }: { readonly audit: AuditStore },
  search: AuditSearch,
  { limit, continuation }: SearchPage,
  fits: EntryTest = () => true,
): Promise<FoundPage> {
  const found: FoundEntry[] = [];
  let place = continuation === undefined ? { given: 0 } : decode(continuation);
  for (let requests = 0; requests < mostRequests; requests++) {
    const { after }: Place = place;
    const from = after === undefined ? {} : { continuation: after };
    const page = await audit.search(search, { limit: blocksAtOnce, ...from });
    for (const block of page.blocks) {
      const fitting = entriesOf(block, search).filter(fits).slice(place.given);
      const taken = fitting.slice(0, limit - found.length);
      found.push(...taken);
      if (taken.length < fitting.length)
        return { entries: found, continuation: encode({ ...place, given: place.given + taken.length }) };
      place = { after: placeOfBlock(block), given: 0 };
    }
    if (page.continuation === undefined) return { entries: found };
  }
  return { entries: found, continuation: encode(place) };
}

const entriesOf = ({ entries, key }: StoredBlock, search: AuditSearch): FoundEntry[] =>
  entries
    .filter(({ entry }) => isSought(entry, search))
    .map((chained) => ({ ...chained, key }))
    .reverse();

const encode = ({ after = '', given }: Place): string =>
  Buffer.from(`${given} ${after}`, 'utf8').toString('base64url');

function decode(continuation: string): Place {
  const text = Buffer.from(continuation, 'base64url').toString('utf8');
  const [, given, after] = /^(\d{1,6}) ([\w:./ -]{0,80})$/.exec(text) ?? [];
  if (given === undefined || after === undefined)
    throw new ExchangeError('HDE_SEARCH_PARAMETER', { location: 'continuation' });
  return { given: Number(given), ...(after === '' ? {} : { after }) };
}
