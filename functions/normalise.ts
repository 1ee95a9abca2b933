/** The worker: turns messages of the inbound queue into records, one source patient after the other. */
import { app } from '@azure/functions';
import { normaliseHandler } from '../src/platform/background.js';

app.serviceBusQueue('normalise', {
  connection: 'HDE_SERVICEBUS',
  queueName: 'inbound',
  isSessionsEnabled: true,
  handler: normaliseHandler,
});
