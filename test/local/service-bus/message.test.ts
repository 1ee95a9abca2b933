import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import rhea from 'rhea';
import { tagOf, ticksOf, tokenOf, uuidBytes, uuidText } from '../../../local/service-bus/amqp/lock-token.js';
import { BrokerError } from '../../../local/service-bus/errors.js';
import { messageIdKey } from '../../../local/service-bus/message/broker-message.js';
import { encodeForDelivery, encodeForStorage } from '../../../local/service-bus/message/encode.js';
import { parseBatch, parseMessage } from '../../../local/service-bus/message/parse.js';
import { withApplicationProperties, withProperties } from '../../../local/service-bus/message/rewrite.js';
import { aMessage, messageBytes } from './fixtures.js';

const FACTS = {
  sequenceNumber: 5,
  enqueuedTime: 1_000,
  expiresAt: Infinity,
  deliveryCount: 2,
  state: 0,
} as const;

describe('parsing', () => {
  test('keeps the sections of the bare message byte for byte', () => {
    const bytes = messageBytes({ id: 'x', properties: { a: 1 }, body: { deep: [1, 2] } });
    const { sections } = parseMessage(bytes);
    const bare = Buffer.concat([sections.properties, sections.applicationProperties, sections.body]);
    expect(bytes.subarray(bytes.length - bare.length)).toEqual(bare);
    expect(encodeForDelivery(parseMessage(bytes), FACTS).includes(bare)).toBe(true);
  });

  test('does not keep the network buffer that the message came in', () => {
    const chunk = Buffer.alloc(100_000);
    const bytes = messageBytes();
    bytes.copy(chunk, 500);
    const { sections } = parseMessage(chunk.subarray(500, 500 + bytes.length));
    expect(sections.body.buffer.byteLength).toBeLessThan(1_000);
  });

  test('gives a message without id one, and leaves its other properties', () => {
    const bytes = rhea.message.encode({ subject: 'kept', content_type: 'text/plain', body: 1 });
    const { properties } = parseMessage(bytes);
    expect(properties).toEqual({
      subject: 'kept',
      contentType: 'text/plain',
      messageId: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
  });

  test('tells message ids of different types apart', () => {
    const keyOf = (id: unknown) =>
      messageIdKey(parseMessage(rhea.message.encode({ message_id: id, body: 1 })));
    expect(keyOf('7')).not.toBe(keyOf(7));
    expect(keyOf(Buffer.alloc(16, 1))).not.toBe(keyOf(Buffer.alloc(16, 2)));
    expect(keyOf(Buffer.alloc(16, 1))).toBe(keyOf(Buffer.alloc(16, 1)));
  });

  test('no bytes make it throw anything but a refusal', () => {
    const valid = messageBytes({ properties: { a: 'b' }, annotations: { 'x-opt-partition-key': 'p' } });
    const damaged = fc.tuple(fc.nat(valid.length - 1), fc.nat(255)).map(([at, byte]) => {
      const copy = Buffer.from(valid);
      copy[at] = byte;
      return copy;
    });
    const cut = fc.nat(valid.length).map((length) => valid.subarray(0, length));
    const noise = fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(fc.oneof(damaged, cut, noise), (bytes) => {
        for (const parse of [parseMessage, parseBatch]) {
          try {
            parse(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(BrokerError);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  test('takes the messages out of a batch', () => {
    const inner = [messageBytes({ id: 'a' }), messageBytes({ id: 'b' })];
    const batch = rhea.message.encode({ message_id: 'envelope', body: rhea.message.data_sections(inner) });
    expect(parseBatch(batch).map((message) => message.properties.messageId)).toEqual(['a', 'b']);
  });
});

describe('storing', () => {
  test('brings back what was parsed', () => {
    const at = 1_700_000_000_000;
    const annotations = {
      'x-opt-partition-key': 'p',
      'x-opt-scheduled-enqueue-time': new Date(at),
      'x-opt-sequence-number': 99,
      foreign: 'kept',
    };
    const message = aMessage({ session: 's', ttl: 5_000, properties: { a: 1 }, annotations });
    const back = parseMessage(encodeForStorage(message));
    expect(back.header).toEqual({ durable: true, priority: 4, ttl: 5_000 });
    expect(back.annotations).toMatchObject({ partitionKey: 'p', scheduledEnqueueTime: at });
    expect(back.annotations.foreign.map((typed) => typed.value)).toEqual(['foreign', 'kept']);
    expect(back.sections).toEqual(message.sections);
    expect(back.properties).toEqual(message.properties);
  });
});

describe('delivering', () => {
  test('puts the broker’s facts into header and annotations', () => {
    const delivered = rhea.message.decode(
      encodeForDelivery(aMessage(), {
        ...FACTS,
        expiresAt: 61_000,
        lockedUntil: 2_000,
        enqueuedSequenceNumber: 3,
        deadLetterSource: 'q',
      }),
    );
    expect(delivered).toMatchObject({ delivery_count: 2, ttl: 60_000, durable: true, priority: 4 });
    expect(delivered['message_annotations']).toEqual({
      'x-opt-enqueued-time': new Date(1_000),
      'x-opt-sequence-number': 5,
      'x-opt-message-state': 0,
      'x-opt-enqueue-sequence-number': 3,
      'x-opt-locked-until': new Date(2_000),
      'x-opt-deadletter-source': 'q',
    });
  });
});

describe('rewriting', () => {
  test('changes the named properties only', () => {
    const message = aMessage({ subject: 'old', properties: { a: 1, b: 2 } });
    const changed = withApplicationProperties(
      withProperties(message, { subject: 'new', replyToGroupId: 'r' }),
      new Map<string, unknown>([
        ['b', 'two'],
        ['c', null],
      ]),
      ['a'],
    );
    const back = parseMessage(encodeForStorage(changed));
    expect(back.properties).toEqual({ messageId: 'm', subject: 'new', replyToGroupId: 'r' });
    expect(Object.fromEntries(back.applicationProperties)).toEqual({ b: 'two' });
    expect(back.sections.body).toEqual(message.sections.body);
  });
});

describe('lock tokens', () => {
  test('survive both byte orders', () => {
    fc.assert(
      fc.property(fc.uuid(), (token) => {
        expect(uuidText(uuidBytes(token))).toBe(token);
        expect(tokenOf(tagOf(token))).toBe(token);
      }),
    );
  });

  test('are .NET Guids in delivery tags: the first three groups are reversed', () => {
    expect(tagOf('00112233-4455-6677-8899-aabbccddeeff').toString('hex')).toBe(
      '33221100554477668899aabbccddeeff',
    );
  });

  test('a session’s time is told in .NET ticks, as eight bytes', () => {
    const { value } = ticksOf(0);
    expect((value as Buffer).readBigInt64BE()).toBe(621_355_968_000_000_000n);
  });
});
