/** Puts messages on the queue again that were archived and never finished. */
import { app } from '@azure/functions';
import { reconcileHandler } from '../src/platform/background.js';

app.timer('reconcile', {
  schedule: '%HDE_RECONCILE_SCHEDULE%',
  handler: reconcileHandler,
});
