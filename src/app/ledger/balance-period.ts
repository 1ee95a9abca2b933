/** The whole account of a feed for a period. */
import { pagesOf } from '../../ports/pages.js';
import {
  balanceArchive,
  balanceReceipts,
  noCounts,
  type LedgerDependencies,
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
  readonly differences: LedgerPage['differences'];
}

const PAGE = 200;
/** As many as are worth naming at once. */
const MOST_NAMED = 100;

/** Adds up all pages of `balanceReceipts` and `balanceArchive`. */
export async function balancePeriod(deps: LedgerDependencies, period: LedgerPeriod): Promise<Balance> {
  const counts = { ...noCounts };
  const differences: LedgerPage['differences'][number][] = [];
  let duplicates = 0;
  let archived = 0;
  let differing = 0;
  const note = (found: LedgerPage['differences']): void => {
    differing += found.length;
    differences.push(...found.slice(0, Math.max(0, MOST_NAMED - differences.length)));
  };
  for await (const page of pagesOf((from) => balanceReceipts(deps, period, { limit: PAGE, ...from }))) {
    for (const [status, count] of Object.entries(page.counts)) counts[status as keyof typeof counts] += count;
    duplicates += page.duplicates;
    note(page.differences);
  }
  for await (const page of pagesOf((from) => balanceArchive(deps, period, { limit: PAGE, ...from }))) {
    archived += page.archived;
    note(page.differences);
  }
  return { counts, duplicates, archived, differing, differences };
}
