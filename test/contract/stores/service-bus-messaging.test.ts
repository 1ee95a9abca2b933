/** The queue and the events topic on Service Bus, over the wire with the real SDK. */
import type { ServiceBusClient, ServiceBusReceivedMessage } from '@azure/service-bus';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import topology from '../../../infra/topology/service-bus.json' with { type: 'json' };
import { configFromTopology } from '../../../local/service-bus/config-from-topology.js';
import { startServiceBusBroker } from '../../../local/service-bus/server.js';
import {
  createServiceBusEventPublisher,
  createServiceBusMessageQueue,
  entities,
  openServiceBus,
} from '../../../src/adapters/service-bus/messaging.js';
import {
  createReopeningSender,
  type ReopeningSender,
} from '../../../src/adapters/service-bus/reopening-sender.js';
import { createServiceBusQueueView } from '../../../src/adapters/service-bus/queue-view.js';
import { createGuard } from '../../../src/adapters/throttling/guard.js';
import type { EventDocument } from '../../../src/core/records/types.js';

const start = (port: number) => startServiceBusBroker({ port, config: configFromTopology(topology) });

let broker: Awaited<ReturnType<typeof start>>;
let client: ServiceBusClient;
const opened: ServiceBusClient[] = [];

const connect = async () => {
  const made = await openServiceBus({ kind: 'connection-string', connectionString: broker.connectionString });
  opened.push(made);
  return made;
};
const senderTo = (entity: string): ReopeningSender => createReopeningSender(connect, entity);

beforeAll(async () => {
  broker = await start(0);
  client = await connect();
});

afterAll(async () => {
  await Promise.all(opened.map((each) => each.close()));
  await broker.close();
});

const bodyOf = ({ body }: ServiceBusReceivedMessage): unknown =>
  JSON.parse(Buffer.from(body as Uint8Array).toString('utf8'));

describe('the inbound queue', () => {
  const envelope = (messageId: string) => ({
    messageId,
    feed: 'rzz-tie',
    archivePath: `rzz-tie/${messageId}/a`,
    sessionKey: 's1',
    receivedAt: '2026-03-29T10:00:00.000Z',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  });

  test('keeps the order of a session and drops what is sent twice', async () => {
    const queue = createServiceBusMessageQueue(senderTo(entities.inbound));
    for (const id of ['m1', 'm2', 'm1', 'm3']) await queue.send(envelope(id));
    const receiver = await client.acceptSession('inbound', 's1', { skipParsingBodyAsJson: true });
    const messages = await receiver.receiveMessages(10, { maxWaitTimeInMs: 1000 });
    expect(messages.map(bodyOf)).toEqual([envelope('m1'), envelope('m2'), envelope('m3')]);
    expect(messages[0]).toMatchObject({
      messageId: 'm1',
      sessionId: 's1',
      contentType: 'application/json',
      applicationProperties: { feed: 'rzz-tie', traceparent: envelope('m1').traceparent },
    });
    await receiver.close();
  });

  test('takes a message that is resubmitted for a new one, once for each time', async () => {
    const queue = createServiceBusMessageQueue(senderTo(entities.inbound));
    const again = (resubmitted: number) => ({ ...envelope('r1'), sessionKey: 's2', resubmitted });
    await queue.send({ ...envelope('r1'), sessionKey: 's2' });
    for (const times of [1, 1, 2]) await queue.send(again(times));
    const receiver = await client.acceptSession('inbound', 's2', { skipParsingBodyAsJson: true });
    const messages = await receiver.receiveMessages(10, { maxWaitTimeInMs: 1000 });
    expect(messages.slice(1).map(bodyOf)).toEqual([again(1), again(2)]);
    await receiver.close();
  });
});

test('shows what is on the queue, whoever has it, and what was given up on; and takes nothing', async () => {
  const queue = createServiceBusMessageQueue(senderTo(entities.inbound));
  const ids = Array.from({ length: 300 }, (_, n) => `q${n}`);
  const envelopeOf = (messageId: string) => ({
    ...{ messageId, feed: 'rzz-tie', archivePath: `rzz-tie/${messageId}/a` },
    ...{ sessionKey: `view-${messageId}`, receivedAt: '2026-03-29T10:00:00.000Z' },
  });
  await Promise.all(
    ids.map((id) => queue.send({ ...envelopeOf(id), ...(id === 'q2' && { resubmitted: 1 }) })),
  );
  const held = await client.acceptSession('inbound', 'view-q0');
  await held.receiveMessages(1, { maxWaitTimeInMs: 1000 });
  const givenUp = await client.acceptSession('inbound', 'view-q1');
  const [poison] = await givenUp.receiveMessages(1, { maxWaitTimeInMs: 1000 });
  await givenUp.deadLetterMessage(poison!);

  const view = createServiceBusQueueView(connect, createGuard('service-bus'));
  const idsSeen = async () => {
    const seen: string[] = [];
    for await (const some of view.waiting()) seen.push(...some);
    return seen.filter((id) => ids.includes(id)).sort();
  };
  expect(await idsSeen()).toEqual([...ids].sort());
  await held.close();
  await givenUp.close();
  expect(await idsSeen()).toEqual([...ids].sort());
});

describe('the events topic', () => {
  const event = (messageId: string): EventDocument => ({
    id: `event:${messageId}`,
    kind: 'event',
    partition: 'p1',
    messageId,
    feed: 'rzz-tie',
    messageType: 'ADT^A01',
    eventTime: '2026-03-29T10:00:00.000Z',
    lastUpdated: '2026-03-29T10:00:01.000Z',
    changes: [{ resourceType: 'Patient', id: 'p1', versionId: 1, change: 'created' }],
  });

  test('carries each event once to its consumer, even when it is published again, and more than fit into one batch', async () => {
    const publisher = createServiceBusEventPublisher(senderTo(entities.events));
    const events = Array.from({ length: 1500 }, (_, i) => ({
      consumer: 'all-events',
      event: event(`m${i}`),
    }));
    await publisher.publish(events);
    await publisher.publish(events.slice(0, 10));
    await publisher.publish([]);
    // Somebody else's, without a subscription here.
    await publisher.publish([{ consumer: 'other', event: event('m-other') }]);
    // One message and partition may have several events: those of what followed from it later.
    const later = { ...event('m7'), id: 'event:m7:Patient:p1:v2' };
    await publisher.publish([{ consumer: 'all-events', event: later }]);
    const receiver = client.createReceiver('events', 'all-events', {
      receiveMode: 'receiveAndDelete',
      skipParsingBodyAsJson: true,
    });
    const received: unknown[] = [];
    for (;;) {
      const messages = await receiver.receiveMessages(500, { maxWaitTimeInMs: 500 });
      if (messages.length === 0) break;
      received.push(...messages.map(bodyOf));
    }
    expect(received).toHaveLength(1501);
    expect(received).toContainEqual(event('m7'));
    expect(received).toContainEqual(later);
  });
});

test('a broken connection fails soon as unavailable, and the next send uses a new one', async () => {
  const queue = createServiceBusMessageQueue(senderTo(entities.inbound));
  const envelope = { messageId: 'r1', feed: 'f', archivePath: 'a', sessionKey: 's2', receivedAt: 't' };
  await queue.send(envelope);
  const { port } = broker;
  await broker.close();
  await expect(queue.send({ ...envelope, messageId: 'r2' })).rejects.toMatchObject({
    code: 'HDE_DEPENDENCY_UNAVAILABLE',
  });
  broker = await start(port);
  await queue.send({ ...envelope, messageId: 'r2' });
});
