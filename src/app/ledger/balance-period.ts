/** The whole account of a feed for a period. */
import { pagesOf } from '../../ports/pages.js';
import { inParts } from '../in-parts.js';
import {
  balanceArchive,
  balanceReceipts,
  noCounts,
  type LedgerDependencies,
  type LedgerDifference,
  type LedgerPage,
  type LedgerPeriod,
} from './balance-feed.js';

export interface Balance {
  readonly counts: LedgerPage['counts'];
  readonly duplicates: number;
  readonly archived: number;
  /** How many messages do not agree with what was promised. */
  readonly differing: number;
  /** The first of them. */
  readonly differences: readonly LedgerDifference[];
}

const PAGE = 200;
/** All that a feed ever archived is listed: as much at once as the service gives. */
const ARCHIVE_PAGE = 5_000;
/** What ids of messages begin with (base32): the archive is listed by these side by side. */
const beginnings = 'abcdefghijklmnopqrstuvwxyz234567'.split('');
const LISTED_AT_ONCE = 16;
/** As many as are worth naming at once. */
const MOST_NAMED = 100;

/** Adds up all pages of `balanceReceipts` and `balanceArchive`. */
export async function balancePeriod(deps: LedgerDependencies, period: LedgerPeriod): Promise<Balance> {
  const counts = { ...noCounts };
  const differences: LedgerDifference[] = [];
  let duplicates = 0;
  let archived = 0;
  let differing = 0;
  const note = (found: readonly LedgerDifference[]): void => {
    differing += found.length;
    differences.push(...found.slice(0, Math.max(0, MOST_NAMED - differences.length)));
  };
  for await (const page of pagesOf((from) => balanceReceipts(deps, period, { limit: PAGE, ...from }))) {
    for (const [status, count] of Object.entries(page.counts)) counts[status as keyof typeof counts] += count;
    duplicates += page.duplicates;
    note(page.differences);
  }
  await inParts(beginnings, LISTED_AT_ONCE, async (ids) => {
    const pages = pagesOf((from) => balanceArchive(deps, period, { limit: ARCHIVE_PAGE, ids, ...from }));
    for await (const page of pages) {
      archived += page.archived;
      note(page.differences);
    }
  });
  return { counts, duplicates, archived, differing, differences };
}
