import { join } from 'node:path';
import { ServiceBusClient } from '@azure/service-bus';
import type { ServiceBusMessage } from '@azure/service-bus';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startServiceBusBroker } from '../../../local/service-bus/server.js';
import type { ServiceBusBroker } from '../../../local/service-bus/server.js';
import { disableNagle } from '../../../local/service-bus/tcp-no-delay.js';
import { bundle, startHostProcess } from './host-process.js';
import type { HostProcess } from './host-process.js';

const appDir = join(import.meta.dirname, 'fixtures/messages');
const queue = (Name: string, properties = {}) => ({
  Name,
  Properties: { LockDuration: 'PT30S', MaxDeliveryCount: 3, ...properties },
});
const config = {
  UserConfig: {
    Namespaces: [
      {
        Name: 'sbemulatorns',
        Queues: [queue('in'), queue('batch'), queue('bytes'), queue('sessions', { RequiresSession: true })],
        Topics: [{ Name: 'events', Subscriptions: [{ Name: 'all' }] }],
      },
    ],
  },
};

let built: Awaited<ReturnType<typeof bundle>>;
let broker: ServiceBusBroker;
let client: ServiceBusClient;

const startHost = () =>
  startHostProcess(built.file, { appDir, env: { SERVICE_BUS: broker.connectionString, QUEUE: 'in' } });
const connectClient = () =>
  new ServiceBusClient(broker.connectionString, { retryOptions: { retryDelayInMs: 100 } });
const named = (events: readonly unknown[][], name: string) => events.filter(([first]) => first === name);

async function send(entity: string, ...messages: readonly ServiceBusMessage[]): Promise<void> {
  const sender = client.createSender(entity);
  await sender.sendMessages([...messages]);
  await sender.close();
}

beforeAll(async () => {
  disableNagle();
  built = await bundle('local/functions-host/main.ts');
  broker = await startServiceBusBroker({ port: 0, config });
  client = connectClient();
});

afterAll(async () => {
  await client.close();
  await broker.close();
  await built.remove();
});

describe('Service Bus functions', () => {
  let host: HostProcess;

  beforeAll(async () => {
    host = await startHost();
  });

  afterAll(async () => {
    expect(await host.stop()).toBe(0);
  });

  test('get a message with its metadata, over which the body is merged', async () => {
    await send('in', {
      body: { n: 1, subject: 'from the body' },
      messageId: 'm1',
      subject: 'from the envelope',
      correlationId: 'c1',
      contentType: 'application/json',
      applicationProperties: { EventType: 'x', 'lower-case': 1 },
    });
    await host.untilEvents((events) => named(events, 'one').length === 1);
    expect(named(host.events, 'one')[0]).toEqual([
      'one',
      { n: 1, subject: 'from the body' },
      expect.objectContaining({
        deliveryCount: 1,
        messageId: 'm1',
        subject: 'from the body',
        label: 'from the envelope',
        correlationId: 'c1',
        contentType: 'application/json',
        n: 1,
        lockToken: expect.stringMatching(/^[\da-f-]{36}$/),
        // The library lowers the first letter of names, also of the sender's own.
        applicationProperties: { eventType: 'x', 'lower-case': 1 },
      }),
    ]);
  });

  test('get text that is no JSON as text, and bytes when they ask for bytes', async () => {
    await send('in', { body: Buffer.from('MSH|^~\\&|') });
    await send('bytes', { body: Buffer.from([1, 2, 255]) });
    await host.untilEvents(
      (events) => named(events, 'bytes').length === 1 && named(events, 'one').length === 2,
    );
    expect(named(host.events, 'one')[1]![1]).toBe('MSH|^~\\&|');
    expect(named(host.events, 'bytes')[0]).toEqual(['bytes', true, '0102ff']);
  });

  test('send what they return, and extra outputs one message per element', async () => {
    await send('in', { body: { announce: 'hello', copies: [{ i: 1 }, { i: 2 }] } });
    await host.untilEvents(
      (events) => named(events, 'subscription').length === 1 && named(events, 'many').length >= 1,
    );
    expect(named(host.events, 'subscription')[0]).toEqual(['subscription', { announced: 'hello' }]);
    const copies = named(host.events, 'many').flatMap(([, messages]) => messages);
    expect(copies).toEqual([{ i: 1 }, { i: 2 }]);
  });

  test('that throw see the message again with a higher delivery count, until it is a dead letter', async () => {
    await send('in', { body: { fail: true }, messageId: 'poison' });
    await host.untilEvents((events) => named(events, 'dead letter').length === 1);
    const deliveries = named(host.events, 'one').filter(([, body]) => (body as { fail?: boolean }).fail);
    expect(deliveries.map(([, , metadata]) => (metadata as { deliveryCount: number }).deliveryCount)).toEqual(
      [1, 2, 3],
    );
    expect(named(host.events, 'dead letter')[0]).toEqual(['dead letter', { fail: true }, 'poison']);
  });

  test('get batches', async () => {
    const before = named(host.events, 'many').length;
    await send('batch', ...[...Array(10).keys()].map((i) => ({ body: { i }, messageId: `b${i}` })));
    await host.untilEvents(
      (events) =>
        named(events, 'many')
          .slice(before)
          .flatMap(([, messages]) => messages).length === 10,
    );
    const [, messages, metadata] = named(host.events, 'many')[before] as [
      string,
      unknown[],
      Record<string, unknown[]>,
    ];
    expect(metadata['messageIdArray']).toHaveLength(messages.length);
    expect(metadata['deliveryCountArray']).toEqual(messages.map(() => 1));
  });

  test('get the messages of each session in order, more sessions than loops', async () => {
    const sessions = ['A', 'B', 'C', 'D', 'E'];
    const messages = [...Array(8).keys()].flatMap((i) =>
      sessions.map((sessionId) => ({ body: { i }, sessionId })),
    );
    for (const message of messages) await send('sessions', message);
    await host.untilEvents((events) => named(events, 'session ended').length === messages.length, 20_000);
    for (const session of sessions) {
      const order = named(host.events, 'session').filter(([, id]) => id === session);
      expect(order.map(([, , i]) => i)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    }
  });

  test('settle what they have done, so that nothing is left', async () => {
    for (const name of ['in', 'batch', 'bytes']) {
      const receiver = client.createReceiver(name);
      expect(await receiver.peekMessages(10)).toEqual([]);
      await receiver.close();
    }
  });
});

describe('a broker that dies', () => {
  test('is waited for at the start, and connected to again after it was killed', async () => {
    const { port } = broker;
    const revive = async () => {
      broker = await startServiceBusBroker({ port, config });
      client = connectClient();
    };
    const kill = async () => {
      await client.close();
      await broker.close();
    };
    const allAnswer = async (host: HostProcess, word: string) => {
      await send('in', { body: word });
      await send('batch', { body: word });
      await send('sessions', { body: { i: word }, sessionId: 'S' });
      await host.untilEvents(
        (events) =>
          named(events, 'one').some(([, body]) => body === word) &&
          named(events, 'many').some(([, bodies]) => (bodies as unknown[]).includes(word)) &&
          named(events, 'session ended').some(([, , i]) => i === word),
        20_000,
      );
    };

    await kill();
    const host = await startHost();
    await host.untilLogs(
      (logs) => logs.filter((line) => /warning Host\.ServiceBus .*ECONNREFUSED/.test(line)).length >= 3,
    );
    await revive();
    await allAnswer(host, 'first');
    await kill();
    await revive();
    await allAnswer(host, 'second');
    expect(await host.stop()).toBe(0);
  }, 90_000);
});

describe('a stopping host', () => {
  test('lets running invocations end and settles their messages, and takes no new ones', async () => {
    const host = await startHost();
    await send('in', { body: { ms: 1000 } });
    await send('sessions', { body: { i: 1, ms: 1000 }, sessionId: 'Q' }, { body: { i: 2 }, sessionId: 'Q' });
    await host.untilEvents(
      (events) => named(events, 'one').length === 1 && named(events, 'session').length === 1,
    );
    expect(await host.stop()).toBe(0);
    expect(named(host.events, 'one ended')).toHaveLength(1);
    expect(named(host.events, 'session')).toEqual([['session', 'Q', 1]]);
    expect(named(host.events, 'session ended')).toEqual([['session ended', 'Q', 1]]);
    const receiver = client.createReceiver('in');
    expect(await receiver.peekMessages(10)).toEqual([]);
    const session = await client.acceptSession('sessions', 'Q');
    expect(
      (await session.peekMessages(10)).map(({ body, deliveryCount }) => [body as unknown, deliveryCount]),
    ).toEqual([[{ i: 2 }, 0]]);
    const [left] = await session.receiveMessages(1);
    await session.completeMessage(left!);
    await session.close();
  });
});
