/** Timers that look for what nobody reports. Alerts bind to the names of the events that they log. */
import type { InvocationContext } from '@azure/functions';
import { balancePeriod, type Balance } from '../app/ledger/balance-period.js';
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
    feeds: [...config.feeds.keys()],
    backlogAlertSeconds: config.backlogAlertSeconds,
  });
  for (const feed of silent) logger.error('feed-silent', { feed });
  if (backlogSeconds !== undefined) logger.error('backlog-old', { durationMs: backlogSeconds * 1000 });
  if (failures.length > 0) throw new AggregateError(failures, 'something could not be looked at');
}

const DAY = 86_400_000;

/**
 * Balances the day before (UTC) of each feed: logs `ledger-balanced`, or `ledger-differs` and each message that does, and
 * `ledger-finished` once all feeds are done. One that cannot be balanced (`ledger-unfinished`) does not hide the others.
 */
export async function balanceHandler(_timer: unknown, context: InvocationContext): Promise<void> {
  const { config, clock } = container();
  const deps = await ledgerDependencies();
  const logger = createLogger(context);
  const today = Math.floor(clock.now().getTime() / DAY) * DAY;
  const from = new Date(today - DAY).toISOString();
  const to = new Date(today).toISOString();
  const failures: unknown[] = [];
  for (const feed of config.feeds.keys()) {
    try {
      tell(logger, feed, await balancePeriod(deps, { feed, from, to }));
    } catch (error) {
      logger.error('ledger-unfinished', { feed, cause: causeOf(error) });
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, 'not all feeds could be balanced');
  logger.info('ledger-finished', { count: config.feeds.size });
}

function tell(logger: Logger, feed: string, { differing, differences, archived }: Balance): void {
  if (differing === 0) {
    logger.info('ledger-balanced', { feed, count: archived });
    return;
  }
  logger.error('ledger-differs', { feed, count: differing });
  for (const { messageId, problem } of differences)
    logger.error('ledger-difference', { feed, messageId, status: problem });
}
