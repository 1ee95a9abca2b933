import { afterEach, describe, expect, test } from '@jest/globals';
import type { ServiceBusClient } from '@azure/service-bus';
import { connect as connectSocket } from 'node:net';
import { once } from 'node:events';
import type { LocalBroker } from './namespace.js';
import { bodiesOf, connect, consume, queuesOnly, receiveOne, startLocal } from './namespace.js';
import { connectRaw, happens, putToken } from './raw-client.js';

const closing: { close(): Promise<void> }[] = [];

async function start(...parameters: Parameters<typeof startLocal>): Promise<LocalBroker> {
  const broker = await startLocal(...parameters);
  closing.push(broker);
  return broker;
}

function open(...parameters: Parameters<typeof connect>): ServiceBusClient {
  const client = connect(...parameters);
  closing.push(client);
  return client;
}

afterEach(async () => {
  for (const resource of closing.splice(0).reverse()) await resource.close();
});

describe('access', () => {
  test('needs a token signed with the key', async () => {
    const broker = await start(queuesOnly({ q: {} }), { key: 'c2VjcmV0' });
    const wrong = open(broker.connectionString.replace('c2VjcmV0', 'd3Jvbmc='));
    await expect(wrong.createSender('q').sendMessages({ body: 1 })).rejects.toMatchObject({
      code: 'UnauthorizedAccess',
    });
    await open(broker.connectionString).createSender('q').sendMessages({ body: 1 });
    expect(broker.counts()['q']).toMatchObject({ active: 1 });
  });

  test('is refused to a link for which no token was put', async () => {
    const broker = await start(queuesOnly({ q: {} }));
    const client = connectRaw(broker);
    closing.push(client);
    const sender = client.openSender('q');
    await happens(sender, 'sender_error');
    expect(sender.error).toMatchObject({ condition: 'amqp:unauthorized-access' });
  });

  test('is not given by a token for another entity', async () => {
    const broker = await start(queuesOnly({ q: {}, other: {} }));
    const client = connectRaw(broker);
    closing.push(client);
    expect(await putToken(client, broker, 'q')).toBe(202);
    const own = client.openSender('q');
    await happens(own, 'sendable');
    const other = client.openSender('other');
    await happens(other, 'sender_error');
    expect(other.error).toMatchObject({ condition: 'amqp:unauthorized-access' });
  });

  test('to an unknown entity is answered at once, for senders, receivers and sessions', async () => {
    const broker = await start(queuesOnly({ q: {} }));
    const client = open(broker.connectionString);
    const notFound = { code: 'MessagingEntityNotFound' };
    await expect(client.createSender('nope').sendMessages({ body: 1 })).rejects.toMatchObject(notFound);
    await expect(client.createReceiver('nope').receiveMessages(1)).rejects.toMatchObject(notFound);
    await expect(client.createReceiver('nope').peekMessages(1)).rejects.toMatchObject(notFound);
    await expect(client.acceptNextSession('nope')).rejects.toMatchObject(notFound);
    await expect(client.createReceiver('q', 'sub').receiveMessages(1)).rejects.toMatchObject(notFound);
  });

  test('finds entities whatever the case of their name', async () => {
    const broker = await start(queuesOnly({ Mixed: {} }));
    const client = open(broker.connectionString);
    await client.createSender('mIXED').sendMessages({ body: 1 });
    await consume(client.createReceiver('MIXED'), 1);
    expect(broker.counts()).toHaveProperty('Mixed');
  });
});

describe('limits', () => {
  test('tell the client the largest message, and refuse a larger one on a link that then works again', async () => {
    const broker = await start(queuesOnly({ q: {} }), { maxMessageSize: 100_000 });
    const sender = open(broker.connectionString).createSender('q');
    expect((await sender.createMessageBatch()).maxSizeInBytes).toBe(100_000);
    await expect(sender.sendMessages({ body: Buffer.alloc(300_000) })).rejects.toMatchObject({
      code: 'MessageSizeExceeded',
      retryable: false,
    });
    await sender.sendMessages({ body: Buffer.alloc(90_000) });
    expect(broker.counts()['q']).toMatchObject({ active: 1 });
  });

  test('refuse what an entity has no room for, until there is', async () => {
    const broker = await start(queuesOnly({ q: {} }), { maxEntityBytes: 10_000 });
    const client = open(broker.connectionString);
    const sender = client.createSender('q');
    await sender.sendMessages({ body: Buffer.alloc(12_000) });
    await expect(sender.sendMessages({ body: 'more' })).rejects.toMatchObject({ code: 'QuotaExceeded' });
    await consume(client.createReceiver('q'), 1);
    await sender.sendMessages({ body: 'more' });
  });

  test('survive a client that does not speak AMQP', async () => {
    const broker = await start(queuesOnly({ q: {} }));
    for (const nonsense of ['GET / HTTP/1.1\r\n\r\n', 'AMQP\x00\x01\x00\x00\xff\xff\xff\xff', '\x00\x00']) {
      const socket = connectSocket(broker.port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.resume();
      socket.end(Buffer.from(nonsense, 'latin1'));
      await once(socket, 'close');
    }
    await open(broker.connectionString).createSender('q').sendMessages({ body: 1 });
  });

  test('refuse a message that cannot be decoded, and only that', async () => {
    const broker = await start(queuesOnly({ q: {} }));
    const client = open(broker.connectionString);
    const sender = client.createSender('q');
    await sender.sendMessages({ body: 'before' });
    // The SDK checks what it is given, so the damage is done to the bytes that its link sends.
    const internals = sender as unknown as { _sender: { link: { session: { _session: RheaSession } } } };
    const session = internals._sender.link.session._session;
    const send = session.send.bind(session);
    session.send = (link, tag, _data, format) =>
      send(link, tag, Buffer.from([0x00, 0x53, 0x75, 0xb0, 0xff]), format);
    await expect(sender.sendMessages({ body: 'damaged' })).rejects.toThrow(/could not be decoded/);
    session.send = send;
    await sender.sendMessages({ body: 'after' });
    const messages = await consume(client.createReceiver('q'), 2);
    expect(bodiesOf(messages)).toEqual(['before', 'after']);
  });
});

interface RheaSession {
  send(link: unknown, tag: unknown, data: Buffer, format: number): unknown;
}

describe('reconnecting', () => {
  test('a sender and a streaming receiver go on after the broker was restarted', async () => {
    const config = queuesOnly({ q: {} });
    const first = await startLocal(config);
    const client = open(first.connectionString, {
      retryOptions: { maxRetries: 20, retryDelayInMs: 100, maxRetryDelayInMs: 200, timeoutInMs: 1_500 },
    });
    const received: unknown[] = [];
    let arrived: () => void = () => undefined;
    client.createReceiver('q').subscribe({
      processMessage: (message) => {
        received.push(message.body);
        arrived();
        return Promise.resolve();
      },
      processError: () => Promise.resolve(),
    });
    const arrival = () => new Promise<void>((resolve) => (arrived = resolve));
    const sender = client.createSender('q');
    const one = arrival();
    await sender.sendMessages({ body: 'one' });
    await one;
    await first.close();
    await start(config, { port: first.port });
    const two = arrival();
    await sender.sendMessages({ body: 'two' });
    await two;
    await client.close();
    expect(received).toEqual(['one', 'two']);
  });
});

describe('health', () => {
  test('is answered over HTTP, with the messages of each entity by state', async () => {
    const broker = await start(queuesOnly({ q: { MaxDeliveryCount: 1 } }), { healthPort: 0 });
    const client = open(broker.connectionString);
    const receiver = client.createReceiver('q');
    const sender = client.createSender('q');
    await sender.sendMessages([{ body: 1 }, { body: 2 }, { body: 3 }]);
    await sender.scheduleMessages({ body: 4 }, new Date(Date.now() + 60_000));
    await receiver.abandonMessage(await receiveOne(receiver));
    await receiveOne(receiver);
    const get = async (path: string, method = 'GET') => {
      const response = await fetch(`http://127.0.0.1:${broker.healthPort}${path}`, { method });
      return [response.status, await response.json()];
    };
    expect(await get('/health')).toEqual([200, { status: 'healthy' }]);
    expect(await get('/queues')).toEqual([
      200,
      { q: { active: 1, locked: 1, deferred: 0, scheduled: 1, deadLetter: 1 } },
    ]);
    expect(await get('/elsewhere')).toEqual([404, { error: 'not found' }]);
    expect(await get('/queues', 'POST')).toEqual([405, { error: 'method not allowed' }]);
  });
});
