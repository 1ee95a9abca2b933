import { afterEach, describe, expect, test } from '@jest/globals';
import type {
  ServiceBusClient,
  ServiceBusReceivedMessage,
  ServiceBusSessionReceiver,
} from '@azure/service-bus';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BrokerProcess } from './broker-process.js';
import { bodiesOf, connect, consume, queuesOnly, receive, receiveOne, startLocal } from './namespace.js';

let broker: BrokerProcess | undefined;

afterEach(async () => {
  await broker?.remove();
  broker = undefined;
});

describe('kill -9', () => {
  test('in the middle of sends and receives loses no accepted message, returns no settled one, and keeps the order of sessions', async () => {
    broker = new BrokerProcess(
      queuesOnly({
        orders: { RequiresSession: true, RequiresDuplicateDetection: true },
      }),
    );
    await broker.start();
    const traffic = new Traffic(broker);
    const running = traffic.run();
    for (const settledBefore of [60, 180, 300]) {
      await traffic.untilSettled(settledBefore);
      await broker.stop('SIGKILL');
      await broker.start();
    }
    await running;
    expect(traffic.violations).toEqual([]);
    expect(traffic.settled.size).toBe(SESSIONS);
    for (const settled of traffic.settled.values()) expect(settled).toEqual([...Array(PER_SESSION).keys()]);
  }, 120_000);

  test('keeps dead letters, deferred and scheduled messages, delivery counts, session states and the duplicate history', async () => {
    broker = new BrokerProcess(
      queuesOnly({
        q: {
          RequiresDuplicateDetection: true,
          DuplicateDetectionHistoryTimeWindow: 'PT5M',
          LockDuration: 'PT5M',
        },
        s: { RequiresSession: true },
      }),
    );
    await broker.start();
    const before = connect(broker.connectionString);
    const sender = before.createSender('q');
    const receiver = before.createReceiver('q');
    for (const body of ['dead', 'deferred', 'abandoned', 'locked', 'completed']) {
      await sender.sendMessages({ body, messageId: body });
    }
    const [dead, deferred, abandoned, , completed] = await receive(receiver, 5);
    await receiver.deadLetterMessage(dead!, {
      deadLetterReason: 'why',
      deadLetterErrorDescription: 'because',
    });
    await receiver.deferMessage(deferred!);
    await receiver.completeMessage(completed!);
    await receiver.abandonMessage(abandoned!, { note: 'again' });
    const [due] = await sender.scheduleMessages({ body: 'scheduled' }, new Date(Date.now() + 3_600_000));
    const session = await before.acceptSession('s', 'A');
    await session.setSessionState({ step: 3 });
    await broker.stop('SIGKILL');
    await broker.start();
    await before.close();

    const after = connect(broker.connectionString);
    const again = after.createReceiver('q');
    await after.createSender('q').sendMessages({ body: 'twice', messageId: 'completed' });
    const active = await consume(again, 2);
    expect(active.map((message) => [message.body as unknown, message.deliveryCount])).toEqual([
      ['abandoned', 1],
      ['locked', 0],
    ]);
    expect(active[0]!.applicationProperties).toEqual({ note: 'again' });
    const [kept] = await again.receiveDeferredMessages(deferred!.sequenceNumber!);
    expect(kept!.body).toBe('deferred');
    await again.completeMessage(kept!);
    const [letter] = await consume(after.createReceiver('q', { subQueueType: 'deadLetter' }), 1);
    expect(letter).toMatchObject({ body: 'dead', deadLetterReason: 'why', deadLetterSource: 'q' });
    await after.createSender('q').cancelScheduledMessages(due!);
    expect(await again.peekMessages(10)).toEqual([]);
    const held = await after.acceptSession('s', 'A');
    expect(await held.getSessionState()).toEqual({ step: 3 });
    await after.close();
  });

  test('and messages sent after it come after those sent before it', async () => {
    broker = new BrokerProcess(queuesOnly({ s: { RequiresSession: true } }));
    await broker.start();
    const bodies: number[] = [];
    for (let round = 0; round < 3; round++) {
      const client = connect(broker.connectionString);
      const batch = [0, 1, 2].map((n) => ({ body: round * 3 + n, sessionId: 'A' }));
      await client.createSender('s').sendMessages(batch);
      bodies.push(...batch.map((message) => message.body));
      await broker.stop('SIGKILL');
      await broker.start();
      await client.close();
    }
    const client = connect(broker.connectionString);
    const messages = await consume(await client.acceptSession('s', 'A'), 9);
    await client.close();
    expect(bodiesOf(messages)).toEqual(bodies);
    const numbers = messages.map((message) => message.sequenceNumber!.toNumber());
    expect(numbers).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});

describe('the log of a running broker', () => {
  test('stays bounded while messages come and go, and loses none of those that stay', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'hde-service-bus-'));
    const log = join(dataDir, 'service-bus.log');
    const config = queuesOnly({ q: { RequiresDuplicateDetection: true }, kept: {} });
    try {
      const first = await startLocal(config, { dataDir, compactAbove: 100_000 });
      const client = connect(first.connectionString);
      const sender = client.createSender('q');
      const receiver = client.createReceiver('q', { receiveMode: 'receiveAndDelete' });
      await client.createSender('kept').sendMessages([...Array(20).keys()].map((body) => ({ body })));
      let largest = 0;
      let written = 0;
      for (let round = 0; round < 30; round++) {
        await sender.sendMessages(
          [...Array(50)].map((_, n) => ({ body: 'x'.repeat(1_000), messageId: `${round}-${n}` })),
        );
        await receive(receiver, 50);
        written += 50_000;
        largest = Math.max(largest, statSync(log).size);
      }
      await client.close();
      await first.close();
      expect(written).toBeGreaterThan(1_000_000);
      expect(largest).toBeLessThan(600_000);
      const second = await startLocal(config, { dataDir });
      expect(second.counts()).toMatchObject({ q: { active: 0, locked: 0 }, kept: { active: 20 } });
      await second.close();
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
  });
});

describe('SIGTERM', () => {
  test('ends the process cleanly, and what was there is there again', async () => {
    broker = new BrokerProcess(queuesOnly({ q: {} }));
    await broker.start();
    const before = connect(broker.connectionString);
    await before.createSender('q').sendMessages({ body: 'kept' });
    await receiveOne(before.createReceiver('q'));
    expect(await broker.stop('SIGTERM')).toBe(0);
    await broker.start();
    await before.close();
    const after = connect(broker.connectionString);
    const [message] = await consume(after.createReceiver('q'), 1);
    expect(message).toMatchObject({ body: 'kept', deliveryCount: 0 });
    await after.close();
  });
});

const SESSIONS = 6;
const PER_SESSION = 80;

/** Numbered messages in sessions, sent and consumed by clients that go on until the broker confirms. */
class Traffic {
  /** Numbers in the order in which their completion was confirmed, by session. */
  readonly settled = new Map<string, number[]>();
  readonly violations: string[] = [];
  private readonly attempted = new Map<string, Set<number>>();

  private allSent = false;

  constructor(private readonly broker: BrokerProcess) {}

  async run(): Promise<void> {
    const senders = [...Array(SESSIONS).keys()].map((session) => this.send(`session-${session}`));
    const consumers = [...Array(3)].map(() => this.consume());
    await Promise.all(senders);
    this.allSent = true;
    await Promise.all(consumers);
    for (const sessionId of this.settled.keys()) this.onDelivery(sessionId, PER_SESSION);
  }

  async untilSettled(count: number): Promise<void> {
    while (this.settledCount() < count) await sleep(2);
  }

  private settledCount(): number {
    return [...this.settled.values()].reduce((sum, numbers) => sum + numbers.length, 0);
  }

  /** Sends one after the other; one that was not confirmed is sent again under the same id. */
  private async send(sessionId: string): Promise<void> {
    let client = this.connect();
    let sender = client.createSender('orders');
    for (let n = 0; n < PER_SESSION;) {
      try {
        const message = { body: n, sessionId, messageId: `${sessionId}-${n}` };
        await soon(sender.sendMessages(message));
        n++;
      } catch {
        client = await this.reconnect(client);
        sender = client.createSender('orders');
      }
    }
    await client.close();
  }

  /** Completes what comes, one after the other, until all was sent and nothing comes any more. */
  private async consume(): Promise<void> {
    let client = this.connect();
    for (;;) {
      try {
        const session = await soon(client.acceptNextSession('orders'));
        for (const message of await soon(session.receiveMessages(10, { maxWaitTimeInMs: 200 }))) {
          this.onDelivery(session.sessionId, message.body as number);
          await complete(session, message);
          this.settledIn(session.sessionId).push(message.body as number);
        }
        await soon(session.close());
      } catch (error) {
        if (this.allSent && (error as { code?: string }).code === 'ServiceTimeout') break;
        client = await this.reconnect(client);
      }
    }
    await client.close();
  }

  /**
   * A completion whose confirmation was lost may have happened or not: the number comes again, or the next
   * one does, and then it counts as settled. Nothing else may come.
   */
  private onDelivery(sessionId: string, n: number): void {
    const settled = this.settledIn(sessionId);
    const attempted = this.attempted.get(sessionId) ?? new Set<number>();
    this.attempted.set(sessionId, attempted);
    while (settled.length < n && attempted.has(settled.length)) settled.push(settled.length);
    if (settled.length !== n) this.violations.push(`${sessionId}: ${n} came when ${settled.length} was due`);
    attempted.add(n);
  }

  private settledIn(sessionId: string): number[] {
    const settled = this.settled.get(sessionId) ?? [];
    this.settled.set(sessionId, settled);
    return settled;
  }

  private connect(): ServiceBusClient {
    return connect(this.broker.connectionString, { retryOptions: { maxRetries: 0, timeoutInMs: 1_000 } });
  }

  private async reconnect(client: ServiceBusClient): Promise<ServiceBusClient> {
    await soon(client.close()).catch(() => undefined);
    await sleep(20);
    return this.connect();
  }
}

/** Completes a message, or gives up: in a session the SDK waits a minute for a confirmation that is lost. */
async function complete(
  session: ServiceBusSessionReceiver,
  message: ServiceBusReceivedMessage,
): Promise<void> {
  await soon(session.completeMessage(message)).catch((error: unknown) => {
    // The SDK's timers would keep the process alive.
    const { _messageSession } = session as unknown as SdkSession;
    for (const { timer } of _messageSession._deliveryDispositionMap.values()) clearTimeout(timer);
    throw error;
  });
}

interface SdkSession {
  readonly _messageSession: { readonly _deliveryDispositionMap: Map<number, { timer: NodeJS.Timeout }> };
}

/** Rejects when an operation takes too long; some of the SDK's never end when their connection is lost. */
async function soon<Result>(operation: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error('the operation did not end'));
    }, 2_000);
  });
  try {
    return await Promise.race([operation, patience]);
  } finally {
    clearTimeout(timer);
  }
}
