/** Queues through random histories. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Settlement } from '../../../local/service-bus/entities/consumer.js';
import type { MessageQueue } from '../../../local/service-bus/entities/queue.js';
import {
  ABANDON,
  aMessage,
  aQueue,
  COMPLETE,
  DEFER,
  FakeConsumer,
  type RecordingJournal,
} from './fixtures.js';

describe('whatever happens', () => {
  /** Commands of a random history; numbers pick among what is there. */
  const command = fc.record({
    what: fc.constantFrom(
      'send',
      'schedule',
      'complete',
      'abandon',
      'defer',
      'deadLetter',
      'undefer',
      'pass',
      'state',
    ),
    pick: fc.nat(50),
  });

  test('the journal brings back every message where it was, in order, with its count', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 60 }), fc.boolean(), (commands, requiresSession) => {
        const settings = {
          lockDuration: 1_000,
          requiresSession,
          duplicateWindow: 5_000,
          maxDeliveryCount: 3,
        };
        const life = aQueue(settings);
        const consumers = live(life, requiresSession, commands);
        life.turn.run();
        // An id that is older may still stand in the journal; whoever asks for it next forgets it.
        const remembered = life.clock.time - settings.duplicateWindow;
        const again = aQueue(settings);
        for (const operation of life.journal.written) restoreInto(again.queue, operation);
        expect(stateOf(again.queue, remembered)).toEqual(stateOf(life.queue, remembered));

        const compacted = aQueue(settings);
        for (const operation of life.queue.snapshot()) restoreInto(compacted.queue, operation);
        expect(stateOf(compacted.queue, remembered)).toEqual(stateOf(life.queue, remembered));
        expect(consumers.length).toBeGreaterThan(0);
      }),
      { numRuns: 200 },
    );
  });

  test('each message is in exactly one place: waiting, locked, deferred, dead, or completed', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 60 }), fc.boolean(), (commands, requiresSession) => {
        const life = aQueue({ lockDuration: 1_000, requiresSession, maxDeliveryCount: 3 });
        const [tally] = live(life, requiresSession, commands);
        const { queue } = life;
        expect(queue.store.size + queue.deadLetters!.store.size + tally!.completed).toBe(tally!.sent);
        const counted = (['active', 'locked', 'deferred', 'scheduled'] as const).map((status) =>
          queue.store.count(status),
        );
        expect(counted.reduce((sum, count) => sum + count, 0)).toBe(queue.store.size);
        expect(life.failures).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});

/** Lets a queue live through a history; returns how many messages were sent and completed. */
function live(
  { queue, turn, clock, pass }: ReturnType<typeof aQueue>,
  requiresSession: boolean,
  commands: readonly { what: string; pick: number }[],
): { sent: number; completed: number }[] {
  const tally = { sent: 0, completed: 0 };
  const consumer = new FakeConsumer();
  const ids = ['a', 'b', 'c'];
  const hold = (): void => {
    if (!requiresSession) return;
    for (const id of ids) {
      if (queue.sessions!.get(id)?.owner === undefined) queue.sessions!.accept(id, consumer);
      queue.schedule(queue.sessions!.get(id)!);
    }
  };
  if (!requiresSession) queue.addConsumer(consumer);
  for (const { what, pick } of commands) {
    hold();
    turn.run();
    const held = consumer.taken[pick % Math.max(1, consumer.taken.length)];
    const settle = (settlement: Settlement): void => {
      try {
        if (held !== undefined) queue.settle(held.token, settlement);
        if (held !== undefined && settlement.kind === 'complete') tally.completed++;
      } catch {
        // The lock is over, or the message was settled before.
      }
    };
    const session = requiresSession ? { session: ids[pick % 3]! } : {};
    switch (what) {
      case 'send':
        queue.submit(aMessage({ id: `m${tally.sent++}`, ...session }));
        break;
      case 'schedule': {
        const at = new Date(clock.time + pick * 50 + 1);
        queue.submit(
          aMessage({
            id: `m${tally.sent++}`,
            ...session,
            annotations: { 'x-opt-scheduled-enqueue-time': at },
          }),
        );
        break;
      }
      case 'complete':
        settle(COMPLETE);
        break;
      case 'abandon':
        settle({ kind: 'abandon', properties: new Map([['note', pick]]) });
        break;
      case 'defer':
        settle(DEFER);
        break;
      case 'deadLetter':
        settle({ kind: 'dead-letter', properties: new Map([['DeadLetterReason', 'r']]) });
        break;
      case 'undefer': {
        const deferred = [...queue.store.values()].find((stored) => stored.status === 'deferred');
        if (deferred === undefined) break;
        const sessionId = deferred.message.properties.groupId as string | undefined;
        const [received] = queue.receiveDeferred([deferred.sequenceNumber], false, sessionId);
        // A third of them stays locked.
        if (pick % 3 === 0) queue.settle(received!.token, ABANDON);
        if (pick % 3 === 1) queue.settle(received!.token, COMPLETE);
        if (pick % 3 === 1) tally.completed++;
        break;
      }
      case 'pass':
        pass(pick * 40);
        break;
      default:
        if (requiresSession) queue.sessions!.setState('a', pick % 2 === 0 ? undefined : Buffer.from([pick]));
    }
  }
  return [tally];
}

type Lines = RecordingJournal['written'][number];

function restoreInto(queue: MessageQueue, operation: Lines): void {
  const target = operation.entity === 'q' ? queue : queue.deadLetters!;
  target.restore(operation);
}

/** What must survive: locks do not, so a locked message counts as waiting, or as deferred if it was. */
function stateOf(queue: MessageQueue, remembered: number): unknown {
  const messages = [...queue.store.values()].map((stored) => ({
    sequence: stored.sequenceNumber,
    id: stored.message.properties.messageId,
    properties: [...stored.message.applicationProperties],
    count: stored.deliveryCount,
    status:
      stored.status !== 'locked' ? stored.status : stored.lock?.ofDeferred === true ? 'deferred' : 'active',
    expiresAt: stored.expiresAt,
    enqueued: stored.enqueuedTime,
    source: stored.deadLetterSource,
  }));
  const others = [...queue.snapshot()].filter(
    (operation) =>
      operation.kind === 'session' ||
      operation.kind === 'sequence' ||
      (operation.kind === 'seen' && operation.time > remembered),
  );
  return {
    messages,
    others,
    dead: queue.deadLetters === undefined ? [] : stateOf(queue.deadLetters, remembered),
  };
}
