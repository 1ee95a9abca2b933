import { describe, expect, test } from '@jest/globals';
import { createBacklogGate } from '../../src/app/backlog.js';
import { ExchangeError } from '../../src/core/errors.js';
import { acceptBytes, createMemoryExchange } from '../support/exchange.js';
import { sampleFeed } from '../support/feeds.js';
import { acceptMessage } from '../../src/app/accept-message.js';
import { wholeBody } from '../../src/app/receive-body.js';

const ADMISSION = [
  'MSH|^~\\&|PAS|RXX|HDE|RXX|20260105090000||ADT^A01|MSG1|P|2.4',
  'PID|1||A12345^^^RXX^MR||Khan^Amira',
].join('\r');

function gateOver(counts: readonly (number | Error)[]) {
  let now = 0;
  let asked = 0;
  const gate = createBacklogGate(
    {
      messages: {
        countWaiting: () => {
          const next = counts[Math.min(asked++, counts.length - 1)]!;
          return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
        },
      },
      clock: { now: () => new Date(now) },
    },
    10,
  );
  return {
    gate,
    pass: (milliseconds: number) => (now += milliseconds),
    asked: () => asked,
  };
}

describe('the backlog gate', () => {
  test('lets messages in up to the limit', async () => {
    await expect(gateOver([10]).gate.admit()).resolves.toBeUndefined();
  });

  test('tells senders when to come again beyond it', async () => {
    await expect(gateOver([11]).gate.admit()).rejects.toMatchObject({
      code: 'HDE_THROTTLED',
      retryAfterSeconds: 30,
    });
  });

  test('counts once for all requests of some seconds', async () => {
    const { gate, pass, asked } = gateOver([11, 3]);
    await Promise.allSettled(Array.from({ length: 50 }, () => gate.admit()));
    pass(5_000);
    await expect(gate.admit()).rejects.toMatchObject({ code: 'HDE_THROTTLED' });
    expect(asked()).toBe(1);
    pass(1);
    await expect(gate.admit()).resolves.toBeUndefined();
    expect(asked()).toBe(2);
  });

  test('does not close because nobody can count', async () => {
    await expect(gateOver([new Error('down')]).gate.admit()).resolves.toBeUndefined();
  });

  test.each(['HDE_THROTTLED', 'HDE_DEPENDENCY_UNAVAILABLE'] as const)(
    'refuses all who wait for a count that ends in %s, and counts again for the next',
    async (code) => {
      const { gate, asked } = gateOver([new ExchangeError(code, { retryAfterSeconds: 3 }), 3]);
      const answers = await Promise.allSettled([gate.admit(), gate.admit()]);
      expect(answers).toMatchObject([1, 2].map(() => ({ reason: { code, retryAfterSeconds: 3 } })));
      expect(asked()).toBe(1);
      await expect(gate.admit()).resolves.toBeUndefined();
      expect(asked()).toBe(2);
    },
  );

  test('keeps a message out before anything of it is stored', async () => {
    const exchange = createMemoryExchange();
    const { gate } = gateOver([11]);
    const bytes = Buffer.from(`${ADMISSION}\r`);
    await expect(
      acceptMessage(
        { ...exchange, backlog: gate },
        { feed: sampleFeed, body: wholeBody(bytes), contentType: '' },
      ),
    ).rejects.toMatchObject({ code: 'HDE_THROTTLED' });
    expect(await exchange.messages.countWaiting()).toBe(0);
    await acceptBytes(exchange, bytes);
    expect(await exchange.messages.countWaiting()).toBe(1);
  });
});
