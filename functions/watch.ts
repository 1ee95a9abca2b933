/** Looks for silent feeds and old messages every hour, and balances the account of each feed every night. */
import { app } from '@azure/functions';
import { balanceHandler, watchHandler } from '../src/platform/watch.js';

app.timer('watch-feeds', { schedule: '%HDE_WATCH_SCHEDULE%', handler: watchHandler });
app.timer('balance-ledger', { schedule: '%HDE_LEDGER_SCHEDULE%', handler: balanceHandler });
