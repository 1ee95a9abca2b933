import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DuplicateHistory } from '../../../local/service-bus/entities/duplicates.js';
import { Heap } from '../../../local/service-bus/entities/heap.js';
import { Namespace } from '../../../local/service-bus/entities/namespace.js';
import { readConfig } from '../../../local/service-bus/config/read-config.js';
import { Turn } from '../../../local/service-bus/storage/turn.js';
import { ABANDON, aQueue, COMPLETE, DEFER, FakeConsumer, RecordingJournal, send } from './fixtures.js';

describe('the heap', () => {
  test('gives its items in order, whatever was dropped in between', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.integer({ min: 1, max: 5 }), (numbers, divisor) => {
        const heap = new Heap<number>((a, b) => a < b);
        for (const number of numbers) heap.push(number);
        heap.retain((number) => number % divisor === 0);
        const out: number[] = [];
        for (let next = heap.pop(); next !== undefined; next = heap.pop()) out.push(next);
        expect(out).toEqual(numbers.filter((number) => number % divisor === 0).sort((a, b) => a - b));
      }),
    );
  });
});

describe('duplicate detection', () => {
  test('remembers an id for the window from its first message, and not longer', () => {
    const history = new DuplicateHistory(100, 'q', new RecordingJournal());
    expect(history.isDuplicate('a', 0)).toBe(false);
    expect(history.isDuplicate('a', 60)).toBe(true);
    expect(history.isDuplicate('a', 99)).toBe(true);
    expect(history.isDuplicate('a', 100)).toBe(false);
    expect([...history.snapshot()]).toEqual([{ kind: 'seen', entity: 'q', key: 'a', time: 100 }]);
  });
});

describe('a queue', () => {
  test('shares its messages among the receivers that ask', () => {
    const { queue, turn } = aQueue();
    const consumers = [new FakeConsumer(3), new FakeConsumer(3), new FakeConsumer(0)];
    for (const consumer of consumers) queue.addConsumer(consumer);
    for (const id of ['1', '2', '3', '4', '5', '6', '7']) send(queue, id);
    turn.run();
    expect(consumers.map((consumer) => consumer.ids)).toEqual([['1', '3', '5'], ['2', '4', '6'], []]);
    expect(queue.store.count('active')).toBe(1);
  });

  test('hands an abandoned message out before those that came after it', () => {
    const { queue, turn } = aQueue();
    const consumer = new FakeConsumer(1);
    queue.addConsumer(consumer);
    for (const id of ['1', '2', '3']) send(queue, id);
    turn.run();
    queue.settle(consumer.taken[0]!.token, ABANDON);
    consumer.credit = 3;
    queue.schedule(queue);
    turn.run();
    expect(consumer.ids).toEqual(['1', '1', '2', '3']);
  });

  test('ends a lock at its time, not before, and renewing moves that', () => {
    const { queue, turn, pass } = aQueue({ lockDuration: 1_000 });
    const consumer = new FakeConsumer(2);
    queue.addConsumer(consumer);
    send(queue, 'renewed');
    send(queue, 'left');
    turn.run();
    pass(999);
    expect(queue.store.count('locked')).toBe(2);
    queue.renewLock(consumer.taken[0]!.token);
    pass(1);
    expect(queue.store.count('locked')).toBe(1);
    pass(998);
    queue.settle(consumer.taken[0]!.token, COMPLETE);
    expect(() => {
      queue.settle(consumer.taken[1]!.token, COMPLETE);
    }).toThrow(expect.objectContaining({ condition: 'com.microsoft:message-lock-lost' }));
    expect([...queue.store.values()].map((stored) => stored.deliveryCount)).toEqual([1]);
  });

  test('refuses to settle a lock that is over even when no sweep has come by', () => {
    const { queue, turn, clock } = aQueue({ lockDuration: 1_000 });
    const consumer = new FakeConsumer(1);
    queue.addConsumer(consumer);
    send(queue, 'late');
    turn.run();
    clock.time += 1_000;
    expect(() => {
      queue.settle(consumer.taken[0]!.token, COMPLETE);
    }).toThrow(/lock supplied is invalid/);
    expect(queue.store.count('active')).toBe(1);
  });

  test('dead-letters at the limit of deliveries and forwards dead letters where it is told to', () => {
    const { queue, turn, forwarded } = aQueue({ maxDeliveryCount: 1, forwardDeadLettersTo: 'elsewhere' });
    const consumer = new FakeConsumer();
    queue.addConsumer(consumer);
    send(queue, 'poison');
    turn.run();
    queue.settle(consumer.taken[0]!.token, ABANDON);
    expect(forwarded).toHaveLength(1);
    expect(forwarded[0]!.target).toBe('elsewhere');
    expect(forwarded[0]!.message.applicationProperties.get('DeadLetterReason')).toBe(
      'MaxDeliveryCountExceeded',
    );
    expect(queue.store.size).toBe(0);
    expect(queue.deadLetters!.store.size).toBe(0);
  });

  test('never loses a message from its dead-letter queue by dead-lettering or abandoning it again', () => {
    const { queue, turn } = aQueue({ maxDeliveryCount: 1 });
    const consumer = new FakeConsumer(1);
    queue.addConsumer(consumer);
    send(queue, 'dead');
    turn.run();
    queue.settle(consumer.taken[0]!.token, { kind: 'dead-letter', properties: new Map() });
    const reader = new FakeConsumer(5);
    queue.deadLetters!.addConsumer(reader);
    for (let round = 0; round < 4; round++) {
      turn.run();
      const { token } = reader.taken[round]!;
      expect(() => {
        queue.deadLetters!.settle(token, { kind: 'dead-letter', properties: new Map() });
      }).toThrow(/already/);
      queue.deadLetters!.settle(token, ABANDON);
    }
    expect(queue.deadLetters!.store.size).toBe(1);
  });

  test('does not expire a message while it is locked, but as soon as it is not', () => {
    const { queue, turn, pass } = aQueue({
      timeToLive: 500,
      lockDuration: 1_000,
      deadLetterOnExpiration: true,
    });
    const consumer = new FakeConsumer(1);
    queue.addConsumer(consumer);
    send(queue, 'held');
    turn.run();
    pass(600);
    expect(queue.store.count('locked')).toBe(1);
    pass(400);
    expect(queue.store.size).toBe(0);
    expect(queue.deadLetters!.store.size).toBe(1);
  });

  test('receives deferred messages all or none', () => {
    const { queue, turn } = aQueue();
    const consumer = new FakeConsumer(1);
    queue.addConsumer(consumer);
    send(queue, 'a');
    turn.run();
    queue.settle(consumer.taken[0]!.token, DEFER);
    expect(() => queue.receiveDeferred([1, 2], false)).toThrow(/sequence number 2/);
    expect(queue.receiveDeferred([1], false)).toHaveLength(1);
  });
});

describe('sessions', () => {
  const settings = { requiresSession: true, lockDuration: 1_000 };

  test('are given out in the order in which they became ready', () => {
    const { queue } = aQueue(settings);
    for (const session of ['b', 'a', 'c', 'b']) send(queue, `${session}1`, session);
    const order: string[] = [];
    for (let next = queue.sessions!.next(); next !== undefined; next = queue.sessions!.next()) {
      order.push(next.id);
      queue.sessions!.accept(next.id, new FakeConsumer(0));
    }
    expect(order).toEqual(['b', 'a', 'c']);
  });

  test('lost to their time give their messages back before anybody else gets them', () => {
    const { queue, turn, pass } = aQueue(settings);
    for (const id of ['1', '2', '3']) send(queue, id, 's');
    const first = new FakeConsumer();
    queue.sessions!.accept('s', first);
    queue.schedule(queue.sessions!.get('s')!);
    turn.run();
    const second = new FakeConsumer(2);
    queue.sessions!.wait({
      deadline: Infinity,
      grant: (session) => {
        queue.sessions!.accept(session.id, second);
        queue.schedule(session);
      },
      timeOut: () => undefined,
    });
    pass(1_000);
    expect(first.closed).toBe('com.microsoft:session-lock-lost');
    expect(second.ids).toEqual(['1', '2']);
    expect(queue.sessions!.next()).toBeUndefined();
    expect([...queue.store.values()].map((stored) => stored.deliveryCount)).toEqual([1, 1, 1]);
  });

  test('expire what they held beyond its time to live, when nobody takes it any more', () => {
    const { queue, turn, pass } = aQueue({ ...settings, timeToLive: 500 });
    send(queue, 'held', 's');
    const consumer = new FakeConsumer();
    const session = queue.sessions!.accept('s', consumer);
    session.pump();
    pass(600);
    expect(queue.store.count('locked')).toBe(1);
    queue.sessions!.release(session, false);
    turn.run();
    pass(1);
    expect(queue.store.size).toBe(0);
  });

  test('let only their holder touch them', () => {
    const { queue } = aQueue(settings);
    queue.sessions!.accept('s', new FakeConsumer(0, false, 'holder'));
    queue.sessions!.setState('s', Buffer.from('1'), 'holder');
    expect(() => queue.sessions!.state('s', 'stranger')).toThrow(/session lock has expired/);
    expect(queue.sessions!.state('s', 'holder')).toEqual(Buffer.from('1'));
  });

  test('are forgotten when nothing is left to remember', () => {
    const { queue, turn, pass } = aQueue({ ...settings, timeToLive: 5_000 });
    for (let n = 0; n < 100; n++) send(queue, 'x', `consumed ${n}`);
    for (let n = 0; n < 100; n++) {
      const consumer = new FakeConsumer();
      const session = queue.sessions!.accept(`consumed ${n}`, consumer);
      session.pump();
      queue.settle(consumer.taken[0]!.token, COMPLETE);
      queue.sessions!.release(session, false);
    }
    expect(queue.sessions!.size).toBe(0);
    for (let n = 0; n < 100; n++) send(queue, 'x', `expired ${n}`);
    turn.run();
    pass(5_000);
    expect(queue.sessions!.size).toBe(0);
    expect(queue.store.size).toBe(0);
  });
});

describe('a namespace', () => {
  const { namespace: config } = readConfig({
    UserConfig: {
      Namespaces: [
        {
          Name: 'n',
          Queues: [{ Name: 'Q' }, { Name: 'a/b' }],
          Topics: [{ Name: 't', Subscriptions: [{ Name: 's' }] }],
        },
      ],
    },
  });

  const build = () => {
    const turn = new Turn(
      new RecordingJournal(),
      () => undefined,
      () => undefined,
    );
    return new Namespace(config, { clock: { now: () => 1 }, turn, maxEntityBytes: 1e9 });
  };

  test('finds entities by address', () => {
    const namespace = build();
    const paths = [
      'q',
      'A/B',
      'T',
      't/Subscriptions/S',
      'Q/$DeadLetterQueue',
      't/subscriptions/s/$deadletterqueue',
    ];
    expect(paths.map((path) => namespace.find(path)?.path)).toEqual([
      'Q',
      'a/b',
      't',
      't/Subscriptions/s',
      'Q/$DeadLetterQueue',
      't/Subscriptions/s/$DeadLetterQueue',
    ]);
    for (const path of [
      '',
      'x',
      't/Subscriptions/x',
      't/$DeadLetterQueue',
      'q/Subscriptions/s',
      'q/$Transfer/$DeadLetterQueue',
    ]) {
      expect(namespace.find(path)).toBeUndefined();
    }
  });

  test('takes messages at queues and topics only', () => {
    const namespace = build();
    expect(namespace.destination('q').path).toBe('Q');
    expect(namespace.destination('t').path).toBe('t');
    for (const path of ['t/Subscriptions/s', 'q/$DeadLetterQueue', 'x']) {
      expect(() => namespace.destination(path)).toThrow(`The messaging entity '${path}' could not be found.`);
    }
  });

  test('counts lines of the journal that name entities it does not have', () => {
    const namespace = build();
    namespace.restore({ kind: 'seen', entity: 'gone', key: 'k', time: 1 });
    namespace.restore({ kind: 'remove', entity: 'gone', sequence: 1 });
    expect([...namespace.orphans]).toEqual([['gone', 2]]);
  });
});
