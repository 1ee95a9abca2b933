import { databaseOf } from '../adapters/cosmos/connect.js';
import { blobContainerOf } from '../adapters/blob/raw-archive.js';
import { entities } from '../adapters/service-bus/messaging.js';
import type { HealthProbe } from '../ports/health.js';
import type { Clients } from './container.js';

/** One cheap request to each dependency that the exchange cannot work without. */
export function createHealthProbes(clients: Clients): readonly HealthProbe[] {
  return [
    {
      name: 'cosmos',
      check: async (abortSignal) => {
        await databaseOf(await clients.cosmos()).read({ abortSignal });
      },
    },
    {
      name: 'serviceBus',
      check: async (abortSignal) => {
        // Opening the send link needs no more rights than sending does.
        const sender = (await clients.serviceBus()).createSender(entities.inbound);
        try {
          await sender.createMessageBatch({ abortSignal });
        } finally {
          await sender.close();
        }
      },
    },
    {
      name: 'storage',
      check: async (abortSignal) => {
        await blobContainerOf(await clients.blobs(), 'raw-messages').getProperties({ abortSignal });
      },
    },
  ];
}
