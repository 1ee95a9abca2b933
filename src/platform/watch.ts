/** Timers that look for what nobody reports. Alerts bind to the names of the events that they log. */
import type { InvocationContext } from '@azure/functions';
import { balancePeriod } from '../app/ledger/balance-period.js';
import { watchFeeds } from '../app/watch/watch-feeds.js';
import { container } from './container.js';
import { createLogger } from './logger.js';
import { ledgerDependencies } from './operations.js';

/** Logs `feed-silent` for each feed that fell silent, and `backlog-old` when messages wait too long. */
export async function watchHandler(_timer: unknown, context: InvocationContext): Promise<void> {
  const { config, clock } = container();
  const logger = createLogger(context);
  const { silent, backlogSeconds } = await watchFeeds({
    messages: await container().messages(),
    clock,
    feeds: [...config.feeds.keys()],
    backlogAlertSeconds: config.backlogAlertSeconds,
  });
  for (const feed of silent) logger.error('feed-silent', { feed });
  if (backlogSeconds !== undefined) logger.error('backlog-old', { durationMs: backlogSeconds * 1000 });
}

const DAY = 86_400_000;

/** Balances the day before (UTC) of each feed: logs `ledger-balanced`, or `ledger-differs` and each message that does. */
export async function balanceHandler(_timer: unknown, context: InvocationContext): Promise<void> {
  const { config, clock } = container();
  const deps = await ledgerDependencies();
  const logger = createLogger(context);
  const today = Math.floor(clock.now().getTime() / DAY) * DAY;
  const from = new Date(today - DAY).toISOString();
  const to = new Date(today).toISOString();
  for (const feed of config.feeds.keys()) {
    const balance = await balancePeriod(deps, { feed, from, to });
    if (balance.differing === 0) {
      logger.info('ledger-balanced', { feed, count: balance.archived });
      continue;
    }
    logger.error('ledger-differs', { feed, count: balance.differing });
    for (const { messageId, problem } of balance.differences)
      logger.error('ledger-difference', { feed, messageId, status: problem });
  }
}
