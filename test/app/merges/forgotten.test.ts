/** A merge that waits for a message which was accepted and, since its process ended, never queued. */
import { expect, test } from '@jest/globals';
import { recordDeadLetter } from '../../../src/app/record-dead-letter.js';
import { reconcileMessages } from '../../../src/app/reconcile-messages.js';
import { scenarios } from './scenarios.js';
import { createWorld, inOrder, visible, type World } from './world.js';

const [scenario] = scenarios;
const deliveries = 10;

/** The reconciler at a time after the last message was accepted, in minutes; what it queues is delivered as it comes. */
async function reconcile(world: World, minutes: number): Promise<string[]> {
  const { exchange } = world;
  const before = exchange.queue.sent.length;
  const now = new Date(exchange.clock.now().getTime() + minutes * 60_000);
  await reconcileMessages({ ...exchange, clock: { now: () => now }, reconcileAfterSeconds: 600 });
  const envelopes = exchange.queue.sent.slice(before);
  for (const envelope of envelopes) world.send(envelope);
  return envelopes.map(({ messageId }) => messageId);
}

test('is not given up for it: the reconciler queues both, the forgotten one first, and the merge goes through', async () => {
  const world = createWorld();
  const { exchange } = world;
  const [first, forgotten, merge, last] = scenario!.messages;
  const update = await world.accept(first!.bytes);
  world.send(update);
  await world.deliver(update.sessionKey);
  const { messageId } = await world.accept(forgotten!.bytes);
  const waiting = await world.accept(merge!.bytes);
  world.send(waiting);
  for (let count = 0; count < deliveries; count++)
    expect(await world.deliver(waiting.sessionKey)).toBe('waits');
  // The broker gives it up after ten deliveries.
  world.sessions.clear();
  expect(await recordDeadLetter(exchange, waiting, deliveries)).toBe('waits');
  expect(await exchange.messages.get(waiting.messageId)).toMatchObject({ status: 'accepted', attempts: 10 });

  expect(await reconcile(world, 5)).toEqual([]);
  expect(await reconcile(world, 15)).toEqual([messageId, waiting.messageId]);
  for (const session of [...world.sessions.keys()].reverse()) await world.deliver(session);
  await world.deliver(waiting.sessionKey);
  for (const id of [messageId, waiting.messageId])
    expect((await exchange.messages.get(id))?.status).toBe('normalised');
  const end = await world.accept(last!.bytes);
  world.send(end);
  await world.deliver(end.sessionKey);
  expect(await visible(exchange)).toBe(await inOrder(scenario!));
});

test('fails when its deliveries are used up and nothing earlier about its people is unfinished', async () => {
  const world = createWorld();
  const { exchange } = world;
  const alone = await world.accept(scenario!.messages[2]!.bytes);
  await world.accept(scenario!.messages[3]!.bytes);
  expect(await recordDeadLetter(exchange, alone, deliveries)).toBe('failed');
  expect(await exchange.messages.get(alone.messageId)).toMatchObject({
    status: 'failed',
    errorCode: 'HDE_DELIVERY_EXHAUSTED',
  });
});
