/** Timers that look for what nobody reports. Alerts bind to the names of the events that they log. */
import type { InvocationContext } from '@azure/functions';
import { balanceDays } from '../app/ledger/balance-days.js';
import type { Balance } from '../app/ledger/balance-period.js';
import { watchFeeds } from '../app/watch/watch-feeds.js';
import { container } from './container.js';
import { causeOf, createLogger, type Logger } from './logger.js';
import { ledgerDependencies } from './operations.js';

/** Logs `feed-silent` for each feed that fell silent, and `backlog-old` when messages wait too long. */
export async function watchHandler(_timer: unknown, context: InvocationContext): Promise<void> {
  const { config, clock } = container();
  const logger = createLogger(context);
  const {
    silent,
    backlogSeconds,
    failures = [],
  } = await watchFeeds({
    messages: await container().messages(),
    clock,
    feeds: [...config.feeds.values()],
    backlogAlertSeconds: config.backlogAlertSeconds,
  });
  for (const feed of silent) logger.error('feed-silent', { feed });
  if (backlogSeconds !== undefined) logger.error('backlog-old', { durationMs: backlogSeconds * 1000 });
  if (failures.length > 0) throw new AggregateError(failures, 'something could not be looked at');
}

/**
 * Balances the days of each feed that are due: logs for each `ledger-balanced`, or `ledger-differs` and each message that
 * does, and `ledger-finished` once all feeds are done. One that cannot be balanced (`ledger-unfinished`) does not hide the
 * others.
 */
export async function balanceHandler(_timer: unknown, context: InvocationContext): Promise<void> {
  const { config } = container();
  const deps = { ...(await ledgerDependencies()), accounts: await container().accounts() };
  const logger = createLogger(context);
  const failures: unknown[] = [];
  for (const feed of config.feeds.keys()) {
    try {
      await balanceDays(deps, feed, (day, balance) => {
        tell(logger, { feed, day }, balance);
      });
    } catch (error) {
      logger.error('ledger-unfinished', { feed, cause: causeOf(error) });
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, 'not all feeds could be balanced');
  logger.info('ledger-finished', { count: config.feeds.size });
}

function tell(
  logger: Logger,
  account: { readonly feed: string; readonly day: string },
  { differing, differences, archived }: Balance,
): void {
  if (differing === 0) {
    logger.info('ledger-balanced', { ...account, count: archived });
    return;
  }
  logger.error('ledger-differs', { ...account, count: differing });
  for (const { messageId, problem } of differences)
    logger.error('ledger-difference', { ...account, messageId, status: problem });
}
