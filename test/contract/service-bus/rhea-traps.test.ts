/** One test for each correction in local/service-bus/amqp/rhea.ts: they reach into rhea, whose version is pinned. */
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import rhea from 'rhea';
import { decode, itemsOf } from '../../../local/service-bus/amqp/codec.js';
import { keepMessagesRaw, LISTEN_OPTIONS } from '../../../local/service-bus/amqp/rhea.js';
import { MessageQueue } from '../../../local/service-bus/entities/queue.js';
import { OperationLog } from '../../../local/service-bus/storage/log.js';
import type { LocalBroker } from './namespace.js';
import {
  bodiesOf,
  connect,
  consume,
  queuesOnly,
  receive,
  receiveOne,
  startLocal,
  until,
} from './namespace.js';
import type { RawClient } from './raw-client.js';
import { connectAuthorised, connectRaw, happens } from './raw-client.js';

let broker: LocalBroker;
let raw: RawClient | undefined;

beforeEach(async () => {
  broker = await startLocal(queuesOnly({ q: { LockDuration: 'PT1M' }, s: { RequiresSession: true } }));
});

afterEach(async () => {
  jest.restoreAllMocks();
  await raw?.close();
  raw = undefined;
  await broker.close();
});

async function send(count: number, queue = 'q', properties: object = {}): Promise<void> {
  const client = connect(broker.connectionString);
  const sender = client.createSender(queue);
  for (let n = 0; n < count; n += 500) {
    const size = Math.min(500, count - n);
    await sender.sendMessages([...Array(size).keys()].map((k) => ({ body: n + k, ...properties })));
  }
  await client.close();
}

const PEEK_LOCK = { autoaccept: false, credit_window: 0, snd_settle_mode: 0, rcv_settle_mode: 1 };

test('rhea is pinned to the version whose internals are corrected', async () => {
  const manifest = JSON.parse(await readFile('package.json', 'utf8')) as {
    devDependencies: Record<string, string>;
  };
  const installed = JSON.parse(await readFile('node_modules/rhea/package.json', 'utf8')) as {
    version: string;
  };
  expect(manifest.devDependencies['rhea']).toBe('3.0.5');
  expect(installed.version).toBe('3.0.5');
});

describe('listening', () => {
  test('switches Nagle off on accepted sockets', async () => {
    const noDelay = jest.spyOn(Socket.prototype, 'setNoDelay');
    raw = await connectAuthorised(broker);
    expect(LISTEN_OPTIONS.tcp_no_delay).toBe(true);
    const ports = noDelay.mock.contexts.map((socket) => (socket as Socket).localPort);
    expect(ports).toContain(broker.port);
  });

  test('gives credit with the attach, before the client sends anything', async () => {
    raw = await connectAuthorised(broker);
    const sender = raw.openSender('q');
    await happens(sender, 'sendable');
    expect(sender.credit).toBe(1000);
  });

  test('takes an abandon as one settlement, not as a release besides', async () => {
    await send(1);
    const settle = jest.spyOn(MessageQueue.prototype, 'settle');
    const client = connect(broker.connectionString);
    const receiver = client.createReceiver('q');
    await receiver.abandonMessage(await receiveOne(receiver));
    const [again] = await consume(receiver, 1);
    await client.close();
    expect(again!.deliveryCount).toBe(1);
    expect(settle.mock.calls.map(([, settlement]) => settlement.kind)).toEqual(['abandon', 'complete']);
  });

  test('accepts a message only when it is written, and stops when that is impossible', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'hde-service-bus-'));
    const failures: unknown[] = [];
    const onFailure = (error: unknown) => failures.push(error);
    const writing = await startLocal(queuesOnly({ q: {} }), { dataDir, onFailure });
    const client = connect(writing.connectionString, { retryOptions: { maxRetries: 0, timeoutInMs: 1_000 } });
    try {
      const sender = client.createSender('q');
      await sender.sendMessages({ body: 'written' });
      jest.spyOn(OperationLog.prototype, 'flush').mockImplementation(() => {
        throw new Error('no space left');
      });
      await expect(sender.sendMessages({ body: 'not written' })).rejects.toThrow();
      expect(failures).toEqual([new Error('no space left')]);
    } finally {
      jest.restoreAllMocks();
      await client.close();
      await writing.close();
      rmSync(dataDir, { recursive: true, force: true });
    }
  });
});

test('a link goes on after 2,048 settled messages', async () => {
  await send(4_500);
  const client = connect(broker.connectionString);
  const receiver = client.createReceiver('q');
  let received = 0;
  while (received < 4_500) {
    const messages = await receive(receiver, 250);
    await Promise.all(messages.map((message) => receiver.completeMessage(message)));
    received += messages.length;
  }
  await client.close();
  expect(broker.counts()['q']).toMatchObject({ active: 0, locked: 0 });
});

test('answers come settled, so that none takes a slot of its link until its client settles it', async () => {
  raw = connectRaw(broker);
  const answers = raw.openReceiver({ name: 'answers', source: '$cbs', target: 'answers' });
  const requests = raw.openSender('$cbs');
  await happens(requests, 'sendable');
  const answered = happens(answers, 'message');
  requests.send({ message_id: '1', reply_to: 'answers', application_properties: { operation: 'none' } });
  expect(await answered).toMatchObject({
    delivery: { remote_settled: true },
    message: {
      correlation_id: '1',
      application_properties: { statusCode: 501, errorCondition: 'amqp:not-implemented' },
    },
  });
});

test('a drain is answered when no credit is left', async () => {
  await send(2);
  raw = await connectAuthorised(broker);
  const receiver = raw.openReceiver({ source: 'q', ...PEEK_LOCK });
  let received = 0;
  receiver.on('message', () => received++);
  receiver.add_credit(2);
  await until(() => received === 2);
  const drained = happens(receiver, 'receiver_drained');
  receiver.drain_credit();
  await drained;
});

test('messages keep the AMQP types that their sender chose', async () => {
  raw = await connectAuthorised(broker);
  const sender = raw.openSender('q');
  await happens(sender, 'sendable');
  const { types } = rhea;
  const typed: Record<string, { type: { typecode: number } }> = {
    ubyte: types.wrap_ubyte(5),
    short: types.wrap_short(-7),
    symbol: types.wrap_symbol('s'),
    float: types.wrap_float(0.5),
    long: types.wrap_long(3_000_000_000),
    instant: types.wrap_timestamp(1_700_000_000_000),
  };
  sender.send({ message_id: types.wrap_ulong(7), application_properties: typed, body: types.wrap_ubyte(9) });
  await until(() => broker.counts()['q']?.active === 1);
  const receiver = raw.openReceiver({ source: 'q', ...PEEK_LOCK });
  await happens(receiver, 'receiver_open');
  keepMessagesRaw(receiver.session, Infinity, () => undefined);
  const delivered = happens(receiver, 'message');
  receiver.add_credit(1);
  const { message } = (await delivered) as { message: Buffer };
  const marker = Buffer.from([0x00, 0x53, 0x74]);
  const items = itemsOf(decode(message.subarray(message.indexOf(marker))));
  const codes: Record<string, number> = {};
  for (let at = 0; at < items.length; at += 2) codes[String(items[at]!.value)] = items[at + 1]!.type.typecode;
  const sentCodes = Object.entries(typed).map(([name, value]) => [name, value.type.typecode]);
  expect(codes).toEqual(Object.fromEntries(sentCodes));
  expect(message.subarray(-5)).toEqual(Buffer.from([0x00, 0x53, 0x77, 0x50, 9]));
});

describe('an attach that waits for a session', () => {
  const next = { source: { address: 's', filter: { 'com.microsoft:session-filter': null } }, ...PEEK_LOCK };

  test('is answered when there is one, and not before', async () => {
    raw = await connectAuthorised(broker);
    const receiver = raw.openReceiver(next);
    let isOpen = false;
    receiver.on('receiver_open', () => (isOpen = true));
    // Another link on the same connection is answered meanwhile.
    await happens(raw.openSender('q'), 'sendable');
    expect(isOpen).toBe(false);
    await send(1, 's', { sessionId: 'awaited' });
    await until(() => isOpen);
    expect(receiver).toMatchObject({ source: { filter: { 'com.microsoft:session-filter': 'awaited' } } });
  });

  test('is given up when the client detaches first, and takes no session after that', async () => {
    raw = await connectAuthorised(broker);
    const receiver = raw.openReceiver(next);
    await happens(raw.openSender('q'), 'sendable');
    const closed = happens(receiver, 'receiver_close');
    receiver.close();
    await closed;
    await send(1, 's', { sessionId: 'later' });
    const client = connect(broker.connectionString);
    const session = await client.acceptNextSession('s');
    expect(session.sessionId).toBe('later');
    await client.close();
  });
});

test('no more messages are handed to a link than it has credit for, however many come at once', async () => {
  raw = await connectAuthorised(broker);
  const receiver = raw.openReceiver({ source: 'q', ...PEEK_LOCK });
  const received: unknown[] = [];
  receiver.on('message', () => received.push(1));
  receiver.add_credit(1);
  await happens(receiver, 'receiver_open');
  await send(5);
  await until(() => received.length > 0);
  expect(broker.counts()['q']).toMatchObject({ active: 4, locked: 1 });
});

test('the settlement modes that the client asks for are the ones it gets', async () => {
  raw = await connectAuthorised(broker);
  const locking = raw.openReceiver({ source: 'q', ...PEEK_LOCK });
  await happens(locking, 'receiver_open');
  expect([locking.snd_settle_mode, locking.rcv_settle_mode]).toEqual([0, 1]);
  const deleting = raw.openReceiver({ source: 'q', ...PEEK_LOCK, snd_settle_mode: 1, rcv_settle_mode: 0 });
  await happens(deleting, 'receiver_open');
  expect([deleting.snd_settle_mode, deleting.rcv_settle_mode]).toEqual([1, 0]);
});

test('arrays in answers carry the type of their elements, also when they are empty', async () => {
  const client = connect(broker.connectionString);
  const sender = client.createSender('q');
  const numbers = await sender.scheduleMessages([{ body: 1 }, { body: 2 }], new Date(Date.now() + 60_000));
  expect(bodiesOf(await client.createReceiver('q').peekMessages(2))).toEqual([1, 2]);
  await sender.cancelScheduledMessages(numbers);
  expect(broker.counts()['q']).toMatchObject({ scheduled: 0 });
  await client.close();
});
