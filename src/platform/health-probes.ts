import { databaseOf } from '../adapters/cosmos/connect.js';
import { blobContainerOf } from '../adapters/blob/raw-archive.js';
import { entities, openServiceBus, type ServiceBusConnection } from '../adapters/service-bus/messaging.js';
import type { HealthProbe } from '../ports/health.js';
import type { Clients } from './container.js';

/** One cheap request to each dependency that the exchange cannot work without. */
export function createHealthProbes(
  clients: Clients,
  serviceBus: ServiceBusConnection,
): readonly HealthProbe[] {
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
        // A connection of its own tells how things are now; opening the send link needs no more rights than sending.
        const client = await openServiceBus(serviceBus);
        try {
          await client.createSender(entities.inbound).createMessageBatch({ abortSignal });
        } finally {
          void client.close().catch(() => undefined);
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
