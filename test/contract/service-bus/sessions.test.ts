import { describe, expect, test } from '@jest/globals';
import { bodiesOf, consume, isEmpty, receive, receiveOne, until, useNamespace } from './namespace.js';

const namespace = useNamespace();

/** Each test works with session ids of its own, so that none meets what another left. */
function open() {
  const client = namespace.client();
  return { client, sender: client.createSender('sessions') };
}

describe('sessions', () => {
  test('hand over the messages of one session in order, to one receiver', async () => {
    const { client, sender } = open();
    await sender.sendMessages([
      { body: 1, sessionId: 'A' },
      { body: 1, sessionId: 'B' },
      { body: 2, sessionId: 'A' },
      { body: 3, sessionId: 'A' },
    ]);
    const first = await client.acceptSession('sessions', 'A');
    expect(first.sessionId).toBe('A');
    expect(first.sessionLockedUntilUtc.getTime()).toBeGreaterThan(Date.now());
    await expect(client.acceptSession('sessions', 'A')).rejects.toMatchObject({
      code: 'SessionCannotBeLocked',
    });
    const next = await client.acceptNextSession('sessions');
    expect(next.sessionId).toBe('B');
    const messages = await receive(first, 3);
    expect(messages.map((message) => [message.body as unknown, message.sessionId])).toEqual([
      [1, 'A'],
      [2, 'A'],
      [3, 'A'],
    ]);
    for (const message of messages) await first.completeMessage(message);
    await consume(next, 1);
  });

  test('go on in order after an abandon, with the delivery counted', async () => {
    const { client, sender } = open();
    await sender.sendMessages([1, 2, 3].map((body) => ({ body, sessionId: 'again' })));
    const first = await client.acceptSession('sessions', 'again');
    const messages = await receive(first, 3);
    await first.completeMessage(messages[0]!);
    await first.abandonMessage(messages[1]!);
    await first.close();
    const second = await client.acceptSession('sessions', 'again');
    const rest = await consume(second, 2);
    expect(rest.map((message) => [message.body as unknown, message.deliveryCount])).toEqual([
      [2, 1],
      [3, 0],
    ]);
    await second.close();
  });

  test('are free at once when their receiver goes away, with nothing counted', async () => {
    const { client, sender } = open();
    await sender.sendMessages({ body: 1, sessionId: 'free' });
    const first = await client.acceptSession('sessions', 'free');
    await receiveOne(first);
    await first.close();
    const second = await client.acceptSession('sessions', 'free');
    expect((await consume(second, 1))[0]).toMatchObject({ body: 1, deliveryCount: 0 });
    await second.close();
  });

  test('keep a state until it is cleared', async () => {
    const { client } = open();
    const first = await client.acceptSession('sessions', 'stateful');
    expect(await first.getSessionState()).toBeNull();
    await first.setSessionState({ step: 1 });
    await first.close();
    const second = await client.acceptSession('sessions', 'stateful');
    expect(await second.getSessionState()).toEqual({ step: 1 });
    await second.setSessionState(null);
    expect(await second.getSessionState()).toBeNull();
    await second.close();
  });

  test('stay locked, with their messages, when renewed', async () => {
    const { client, sender } = open();
    await sender.sendMessages({ body: 1, sessionId: 'renewed' });
    const session = await client.acceptSession('sessions', 'renewed');
    const message = await receiveOne(session);
    await namespace.passTime(3_000);
    const until = await session.renewSessionLock();
    await namespace.passTime(3_000);
    await session.completeMessage(message);
    expect(until).toBeInstanceOf(Date);
    expect(await isEmpty(session)).toBe(true);
    await session.close();
  });

  test('are lost when their lock runs out, and the delivery is counted', async () => {
    const { client, sender } = open();
    await sender.sendMessages({ body: 1, sessionId: 'lost' });
    const session = await client.acceptSession('sessions', 'lost', { maxAutoLockRenewalDurationInMs: 0 });
    const message = await receiveOne(session);
    await namespace.passTime(6_000);
    await until(() => session.isClosed);
    await expect(session.completeMessage(message)).rejects.toMatchObject({ code: 'SessionLockLost' });
    const again = await client.acceptSession('sessions', 'lost');
    expect((await consume(again, 1))[0]).toMatchObject({ body: 1, deliveryCount: 1 });
    await again.close();
  });

  test('defer and receive again by number only while held', async () => {
    const { client, sender } = open();
    await sender.sendMessages({ body: 'later', sessionId: 'deferring' });
    const session = await client.acceptSession('sessions', 'deferring');
    const message = await receiveOne(session);
    await session.deferMessage(message);
    const [deferred] = await session.receiveDeferredMessages(message.sequenceNumber!);
    expect(deferred).toMatchObject({ body: 'later', sessionId: 'deferring' });
    await session.completeMessage(deferred!);
    await session.close();
  });

  test('peek only their own messages', async () => {
    const { client, sender } = open();
    await sender.sendMessages([
      { body: 'mine', sessionId: 'peek-1' },
      { body: 'theirs', sessionId: 'peek-2' },
    ]);
    const session = await client.acceptSession('sessions', 'peek-1');
    expect(bodiesOf(await session.peekMessages(10))).toEqual(['mine']);
    await consume(session, 1);
    await session.close();
    const other = await client.acceptSession('sessions', 'peek-2');
    await consume(other, 1);
    await other.close();
  });
});

describe('accepting the next session', () => {
  test('waits for one to have messages', async () => {
    const { client, sender } = open();
    await sender.sendMessages({ body: 'warm-up', sessionId: 'warm-up' });
    const warmUp = await client.acceptNextSession('sessions');
    await consume(warmUp, 1);
    const accepting = client.acceptNextSession('sessions');
    await sender.sendMessages({ body: 'late', sessionId: 'awaited' });
    const session = await accepting;
    expect(session.sessionId).toBe('awaited');
    await consume(session, 1);
    await session.close();
    await warmUp.close();
  });

  test('gives up after the time that the client allows', async () => {
    const client = namespace.client({ retryOptions: { maxRetries: 0, timeoutInMs: 1_500 } });
    await expect(client.acceptNextSession('sessions')).rejects.toMatchObject({ code: 'ServiceTimeout' });
  });

  test('gives each of many receivers a session of its own, and every message once and in order', async () => {
    const { client, sender } = open();
    const sessions = 40;
    const each = 10;
    for (let session = 0; session < sessions; session++) {
      await sender.sendMessages(
        [...Array(each).keys()].map((body) => ({ body, sessionId: `many-${session}` })),
      );
    }
    const seen = new Map<string, number[]>();
    let left = sessions;
    const work = async (): Promise<void> => {
      while (left-- > 0) {
        const session = await client.acceptNextSession('sessions');
        const messages = await consume(session, each);
        seen.set(session.sessionId, [
          ...(seen.get(session.sessionId) ?? []),
          ...messages.map((m) => m.body as number),
        ]);
        await session.close();
      }
    };
    await Promise.all([...Array(8)].map(work));
    expect(seen.size).toBe(sessions);
    for (const bodies of seen.values()) expect(bodies).toEqual([...Array(each).keys()]);
  });
});

describe('entities with and without sessions', () => {
  test('refuse messages and receivers of the other kind', async () => {
    const { client, sender } = open();
    await expect(sender.sendMessages({ body: 'no session' })).rejects.toThrow(/SessionId was not set/);
    const plain = client.createReceiver('sessions');
    await expect(plain.receiveMessages(1, { maxWaitTimeInMs: 500 })).rejects.toThrow(/requires sessions/);
    // The SDK puts its own words in the place of the broker's.
    await expect(client.acceptSession('plain', 'A')).rejects.toMatchObject({ code: 'SessionCannotBeLocked' });
  });

  test('refuse a whole batch for one message without a session', async () => {
    const { client, sender } = open();
    const batch = await sender.createMessageBatch();
    batch.tryAddMessage({ body: 1, sessionId: 'half' });
    batch.tryAddMessage({ body: 2 });
    await expect(sender.sendMessages(batch)).rejects.toThrow(/SessionId was not set/);
    const session = await client.acceptSession('sessions', 'half');
    expect(await session.peekMessages(10)).toEqual([]);
    await session.close();
  });
});
