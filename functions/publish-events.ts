/** Publishes the outbox: what changed goes to the events topic, to each consumer what it may know, at least once. */
import { app } from '@azure/functions';
import { publishEventsHandler } from '../src/platform/background-access.js';

app.cosmosDB('publish-events', {
  connection: 'HDE_COSMOS',
  databaseName: 'hde',
  containerName: 'records',
  leaseContainerName: 'leases',
  leaseContainerPrefix: 'publish-events',
  createLeaseContainerIfNotExists: false,
  startFromBeginning: true,
  feedPollDelay: 1000,
  maxItemsPerInvocation: 500,
  // Without a retry policy the host moves on after a failure and the events would be lost.
  retry: {
    strategy: 'exponentialBackoff',
    maxRetryCount: -1,
    minimumInterval: { seconds: 1 },
    maximumInterval: { seconds: 15 },
  },
  handler: publishEventsHandler,
});
