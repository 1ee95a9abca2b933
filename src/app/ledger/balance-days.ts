/** The nightly account of a feed: of every day that is over and was not balanced yet. */
import type { AccountStore } from '../../ports/account-store.js';
import { OVERDUE_AFTER_SECONDS, type LedgerDependencies } from './balance-feed.js';
import { balancePeriod, type Balance } from './balance-period.js';

export interface DaysDependencies extends LedgerDependencies {
  readonly accounts: AccountStore;
}

const DAY = 86_400_000;
/** What lies further back is left to an operator: it has been an alert for as long (`ledger-missing`). */
const MOST_DAYS = 7;

/**
 * Balances the days (UTC) of a feed that are due, the oldest first; of a feed that was never looked at, the last one. A
 * day is due once each of its messages is finished or overdue. Each that is done is noted, so that a night that breaks
 * off, or does not come, leaves its days to the next one.
 *
 * @param tell told of each day (`2026-03-29`) before it is noted
 */
export async function balanceDays(
  deps: DaysDependencies,
  feed: string,
  tell: (day: string, balance: Balance) => void,
): Promise<void> {
  const { accounts, clock } = deps;
  const end = Math.floor((clock.now().getTime() - OVERDUE_AFTER_SECONDS * 1000) / DAY) * DAY;
  const noted = await accounts.balancedUntil(feed);
  const begin = noted === undefined ? end - DAY : Math.max(Date.parse(noted), end - MOST_DAYS * DAY);
  // Where this night breaks off, the next one knows where to begin.
  if (noted === undefined) await accounts.noteBalanced(feed, isoOf(begin));
  for (let day = begin; day < end; day += DAY) {
    const [from, to] = [isoOf(day), isoOf(day + DAY)];
    tell(from.slice(0, 10), await balancePeriod(deps, { feed, from, to }));
    await accounts.noteBalanced(feed, to);
  }
}

const isoOf = (time: number): string => new Date(time).toISOString();
