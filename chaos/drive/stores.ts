/** What the checker reads straight from the stores, past the exchange. */
import { CosmosClient, type Container } from '@azure/cosmos';
import { ServiceBusClient } from '@azure/service-bus';
import { textAt, type Json } from '../json.js';

export interface Stores {
  /** How many messages are accepted and not finished. */
  countUnfinished(): Promise<number>;
  /** Documents of `records`: what the checks need of them, and events whole. */
  readDocuments(): Promise<Json[]>;
  /** Documents of `messages`: what the checks need of them. */
  readReceipts(): Promise<Json[]>;
  /** Takes events from the topic until so many different ones have come, or none comes for a while. */
  takeEvents(wanted: number): Promise<Json[]>;
  close(): Promise<void>;
}

const recordsQuery =
  'SELECT c.id, c.kind, c["partition"], c.resourceType, c.fhirId, c.versionId, c.source, c.changes, ' +
  '{"code": c.resource.code} AS resource FROM c WHERE c.kind != "event"';
const receiptsQuery = 'SELECT c.id, c.status, c.errorCode, c.duplicates, c.changes FROM c';

/** @param direct connection strings past the faulty network */
export function openStores(direct: { readonly cosmos: string; readonly serviceBus: string }): Stores {
  const [, endpoint = '', key = ''] = /AccountEndpoint=([^;]+);AccountKey=([^;]+);/.exec(direct.cosmos) ?? [];
  const cosmos = new CosmosClient({ endpoint, key });
  const container = (name: string): Container => cosmos.database('hde').container(name);
  const serviceBus = new ServiceBusClient(direct.serviceBus);
  const query = async <T>(name: string, text: string): Promise<T[]> => {
    const { resources } = await container(name).items.query<T>(text, { maxItemCount: 2000 }).fetchAll();
    return resources;
  };
  return {
    async countUnfinished() {
      const [count = 0] = await query<number>(
        'messages',
        "SELECT VALUE COUNT(1) FROM c WHERE c.status = 'accepted'",
      );
      return count;
    },
    readDocuments: async () => [
      ...(await query<Json>('records', recordsQuery)),
      ...(await query<Json>('records', "SELECT * FROM c WHERE c.kind = 'event'")),
    ],
    readReceipts: () => query('messages', receiptsQuery),
    takeEvents: (wanted) => takeEvents(serviceBus, wanted),
    async close() {
      cosmos.dispose();
      await serviceBus.close();
    },
  };
}

/** Longer than a lock and than the pauses of the publisher: what was lost on its way comes again after them. */
const idleLimitMs = 120_000;

async function takeEvents(client: ServiceBusClient, wanted: number): Promise<Json[]> {
  // Not receiveAndDelete: when the service is slow to answer, the SDK closes its link and drops what was under way.
  const receiver = client.createReceiver('events', 'all-events', { skipParsingBodyAsJson: true });
  const events: Json[] = [];
  const names = new Set<string>();
  let last = performance.now();
  while (names.size < wanted && performance.now() - last < idleLimitMs) {
    const messages = await receiver.receiveMessages(500, { maxWaitTimeInMs: 2000 });
    for (const { body } of messages) {
      const event = JSON.parse((body as Buffer).toString('utf8')) as Json;
      names.add(`${textAt(event, 'messageId')}.${textAt(event, 'partition')}`);
      events.push(event);
    }
    // One whose lock was lost comes again, and is known by its name.
    await Promise.allSettled(messages.map((message) => receiver.completeMessage(message)));
    if (messages.length > 0) last = performance.now();
  }
  await receiver.close();
  return events;
}
