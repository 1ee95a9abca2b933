import { describe, expect, test } from '@jest/globals';
import { createMemoryMessageStore } from '../../src/adapters/memory/message-store.js';
import { checkHealth } from '../../src/app/check-health.js';
import { readReceipt } from '../../src/app/read-receipt.js';
import { recordDeadLetter } from '../../src/app/record-dead-letter.js';
import { aPrincipal } from '../support/principals.js';
import { aReceipt } from '../support/receipts.js';

describe('a receipt', () => {
  const principal = (role: 'sender' | 'reader' | 'operator', feeds: string[] = []) =>
    aPrincipal([role], { feeds });

  async function ask(...who: Parameters<typeof principal>) {
    const messages = createMemoryMessageStore();
    await messages.create(aReceipt({ id: 'r1' }));
    return readReceipt({ messages }, principal(...who), 'r1');
  }

  test('is shown to senders and operators of its feed', async () => {
    expect((await ask('sender', ['rzz-tie'])).id).toBe('r1');
    expect((await ask('operator', ['rzz-tie'])).id).toBe('r1');
  });

  test('does not exist for those of other feeds, and for readers', async () => {
    await expect(ask('operator')).rejects.toMatchObject({ code: 'HDE_RECEIPT_NOT_FOUND' });
    await expect(ask('operator', ['other'])).rejects.toMatchObject({ code: 'HDE_RECEIPT_NOT_FOUND' });
    await expect(ask('sender', ['other'])).rejects.toMatchObject({ code: 'HDE_RECEIPT_NOT_FOUND' });
    await expect(ask('reader', ['rzz-tie'])).rejects.toMatchObject({ code: 'HDE_RECEIPT_NOT_FOUND' });
  });
});

describe('a dead letter', () => {
  const envelope = { messageId: 'r1', feed: 'rzz-tie', archivePath: 'a', sessionKey: 's', receivedAt: 't' };
  const clock = { now: () => new Date('2026-03-29T11:00:00Z') };

  test('becomes a failed message with its reason', async () => {
    const messages = createMemoryMessageStore();
    await messages.create(aReceipt({ id: 'r1' }));
    await recordDeadLetter({ messages, clock }, envelope);
    expect(await messages.get('r1')).toMatchObject({
      status: 'failed',
      errorCode: 'HDE_DELIVERY_EXHAUSTED',
      finishedAt: '2026-03-29T11:00:00.000Z',
    });
  });

  test('is given up where it has no receipt: it would come again for ever', async () => {
    const messages = createMemoryMessageStore();
    expect(await recordDeadLetter({ messages, clock }, envelope)).toBe('unknown');
    expect(await messages.get('r1')).toBeUndefined();
  });

  test('changes nothing when another delivery had succeeded', async () => {
    const messages = createMemoryMessageStore();
    await messages.create(aReceipt({ id: 'r1', status: 'normalised' }));
    expect(await recordDeadLetter({ messages, clock }, envelope)).toBe('done');
    expect(await messages.get('r1')).toEqual(aReceipt({ id: 'r1', status: 'normalised' }));
  });
});

describe('health', () => {
  const up = { name: 'up', check: () => Promise.resolve() };

  test('is ready when every dependency answers', async () => {
    expect(await checkHealth([up], () => 5)).toEqual({
      live: true,
      ready: true,
      dependencies: { up: { status: 'up', durationMs: 0 } },
    });
  });

  test('names the dependency that fails', async () => {
    const down = { name: 'down', check: () => Promise.reject(new Error('secret detail')) };
    const health = await checkHealth([up, down], () => 5);
    expect(health).toMatchObject({
      ready: false,
      dependencies: { up: { status: 'up' }, down: { status: 'down' } },
    });
    expect(JSON.stringify(health)).not.toContain('secret');
  });

  test('does not wait for a dependency that never answers', async () => {
    const hanging = { name: 'hanging', check: () => new Promise<void>(() => undefined) };
    expect((await checkHealth([hanging], Date.now)).ready).toBe(false);
  });
});
