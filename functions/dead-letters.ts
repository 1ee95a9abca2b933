/** Drains messages whose deliveries are exhausted into the list of failed messages. */
import { app } from '@azure/functions';
import { deadLetterHandler } from '../src/platform/background.js';

app.serviceBusQueue('dead-letters', {
  connection: 'HDE_SERVICEBUS',
  queueName: 'inbound/$DeadLetterQueue',
  handler: deadLetterHandler,
});
