/** Carries out bulk exports, takes up those that were forgotten, and deletes those whose time is over. */
import { app } from '@azure/functions';
import { exportHandler, sweepExportsHandler } from '../src/platform/background-access.js';

app.serviceBusQueue('export', {
  connection: 'HDE_SERVICEBUS',
  queueName: 'exports',
  handler: exportHandler,
});

app.timer('sweep-exports', { schedule: '%HDE_RECONCILE_SCHEDULE%', handler: sweepExportsHandler });
