import { describe, expect, test } from '@jest/globals';
import type { ServiceBusClient } from '@azure/service-bus';
import { bodiesOf, consume, isEmpty, receiveOne, useNamespace } from './namespace.js';

const namespace = useNamespace();

/** Empties the subscriptions that a test does not look at. */
async function drain(client: ServiceBusClient, subscription: string): Promise<void> {
  const receiver = client.createReceiver('news', subscription, { receiveMode: 'receiveAndDelete' });
  while ((await receiver.receiveMessages(50, { maxWaitTimeInMs: 200 })).length > 0);
  await receiver.close();
}

async function drainAll(client: ServiceBusClient): Promise<void> {
  for (const name of ['all', 'by-kind', 'by-sql', 'managed']) await drain(client, name);
}

describe('topics', () => {
  test('copy a message to every subscription whose filter selects it', async () => {
    const client = namespace.client();
    await client.createSender('news').sendMessages([
      { body: 1, sessionId: 's', applicationProperties: { kind: 'A', size: 1 } },
      { body: 2, sessionId: 's', subject: 'x', applicationProperties: { kind: 'B', size: 9 } },
    ]);
    const bodies = async (name: string, count: number) =>
      (await consume(client.createReceiver('news', name), count)).map((message) => message.body as number);
    expect(await bodies('all', 2)).toEqual([1, 2]);
    expect(await bodies('by-kind', 1)).toEqual([1]);
    const [changed] = await consume(client.createReceiver('news', 'by-sql'), 1);
    expect(changed!.body).toBe(2);
    expect(changed!.applicationProperties).toEqual({ kind: 'B', tagged: 'yes', RuleName: 'large' });
    const ordered = await client.acceptNextSession('news', 'in-order');
    expect(bodiesOf(await consume(ordered, 2))).toEqual([1, 2]);
    await ordered.close();
    await drainAll(client);
  });

  test('dead-letter a message without session in a subscription that needs one', async () => {
    const client = namespace.client();
    await client.createSender('news').sendMessages({ body: 'loose' });
    const deadLetters = client.createReceiver('news', 'in-order', { subQueueType: 'deadLetter' });
    const [dead] = await consume(deadLetters, 1);
    expect(dead).toMatchObject({ body: 'loose', deadLetterReason: 'Session ID is null' });
    await drainAll(client);
  });

  test('keep a scheduled message back, and let it be cancelled', async () => {
    const client = namespace.client();
    const sender = client.createSender('news');
    const receiver = client.createReceiver('news', 'all');
    const at = namespace.inMilliseconds(5_000);
    const [kept, cancelled] = await sender.scheduleMessages([{ body: 'kept' }, { body: 'cancelled' }], at);
    await sender.cancelScheduledMessages(cancelled!);
    expect(await isEmpty(receiver)).toBe(true);
    await namespace.passTime(6_000);
    const [message] = await consume(receiver, 1);
    expect(message).toMatchObject({ body: 'kept', enqueuedSequenceNumber: kept!.toNumber() });
    expect(await isEmpty(receiver)).toBe(true);
    await drainAll(client);
  });

  test('give a subscription a dead-letter queue from which messages can be sent again', async () => {
    const client = namespace.client();
    const sender = client.createSender('news');
    const receiver = client.createReceiver('news', 'all');
    await sender.sendMessages({ body: { z: 1 }, messageId: 'original', applicationProperties: { h: 'v' } });
    await receiver.abandonMessage(await receiveOne(receiver));
    const deadLetters = client.createReceiver('news', 'all', { subQueueType: 'deadLetter' });
    const [dead] = await consume(deadLetters, 1);
    expect(dead).toMatchObject({
      messageId: 'original',
      deadLetterSource: 'news/Subscriptions/all',
      deadLetterReason: 'MaxDeliveryCountExceeded',
    });
    await sender.sendMessages({ body: dead!.body as unknown, messageId: 'original' });
    expect((await consume(receiver, 1))[0]!.body).toEqual({ z: 1 });
    await drainAll(client);
  });
});

describe('rules', () => {
  test('can be added, listed and removed, and select from then on', async () => {
    const client = namespace.client();
    const manager = client.createRuleManager('news', 'managed');
    await manager.createRule(
      'late',
      { sqlExpression: "kind = 'late'" },
      { sqlExpression: "SET seen = 'late'" },
    );
    await manager.createRule('labelled', { subject: 'label', applicationProperties: { q: 1 } });
    await expect(manager.createRule('late', { sqlExpression: '1 = 1' })).rejects.toThrow(/already exists/);
    await expect(manager.createRule('broken', { sqlExpression: 'kind ~ 1' })).rejects.toThrow(/position 6/);
    const rules = [];
    for await (const rule of manager.listRules()) rules.push(rule);
    expect(rules).toEqual([
      {
        name: '$Default',
        filter: expect.objectContaining({ sqlExpression: '1=1' }),
        action: expect.anything(),
      },
      {
        name: 'late',
        filter: expect.objectContaining({ sqlExpression: "kind = 'late'" }),
        action: expect.objectContaining({ sqlExpression: "SET seen = 'late'" }),
      },
      {
        name: 'labelled',
        filter: expect.objectContaining({ subject: 'label', applicationProperties: { q: 1 } }),
        action: expect.anything(),
      },
    ]);
    await manager.deleteRule('$Default');
    const sender = client.createSender('news');
    await sender.sendMessages([
      { body: 'unselected' },
      { body: 'selected', applicationProperties: { kind: 'late' } },
    ]);
    const receiver = client.createReceiver('news', 'managed');
    const [message] = await consume(receiver, 1);
    expect(message).toMatchObject({ body: 'selected', applicationProperties: { seen: 'late' } });
    expect(await isEmpty(receiver)).toBe(true);
    await manager.deleteRule('late');
    await manager.deleteRule('labelled');
    await manager.createRule('$Default', { sqlExpression: '1=1' });
    await drainAll(client);
  });
});
