/** What the unit tests of the broker share: messages, a clock that is moved, and receivers that remember. */
import rhea from 'rhea';
import type { ReceivingConfig } from '../../../local/service-bus/config/namespace-config.js';
import type { Consumer, Settlement } from '../../../local/service-bus/entities/consumer.js';
import type { QueueSettings } from '../../../local/service-bus/entities/queue.js';
import { MessageQueue } from '../../../local/service-bus/entities/queue.js';
import type { BrokerMessage } from '../../../local/service-bus/message/broker-message.js';
import { parseMessage } from '../../../local/service-bus/message/parse.js';
import type { Journal, Operation } from '../../../local/service-bus/storage/operations.js';
import { Turn } from '../../../local/service-bus/storage/turn.js';

interface MessageFields {
  readonly id?: string;
  readonly body?: unknown;
  readonly session?: string;
  readonly subject?: string;
  readonly ttl?: number;
  readonly properties?: object;
  readonly annotations?: object;
}

/** The bytes of a message as a client would send them. */
export function messageBytes(fields: MessageFields = {}): Buffer {
  const { id = 'm', body = 'body', session, subject, ttl, properties, annotations } = fields;
  return rhea.message.encode({
    ...(ttl === undefined ? {} : { ttl }),
    message_id: id,
    ...(session === undefined ? {} : { group_id: session }),
    ...(subject === undefined ? {} : { subject }),
    ...(properties === undefined ? {} : { application_properties: properties }),
    ...(annotations === undefined ? {} : { message_annotations: annotations }),
    body,
  });
}

/** A message as the broker sees it. */
export function aMessage(fields: MessageFields = {}): BrokerMessage {
  return parseMessage(messageBytes(fields));
}

/** Settings of a plain queue. */
export const PLAIN: QueueSettings = {
  lockDuration: 60_000,
  maxDeliveryCount: 3,
  timeToLive: Infinity,
  deadLetterOnExpiration: false,
  requiresSession: false,
  duplicateWindow: 0,
  hasDeadLetters: true,
};

/** A journal that keeps its lines. */
export class RecordingJournal implements Journal {
  readonly written: Operation[] = [];
  private pending: Operation[] = [];

  append(operation: Operation): void {
    this.pending.push(operation);
  }

  flush(): void {
    this.written.push(...this.pending);
    this.pending = [];
  }
}

/** A queue outside any broker, with time in the test's hands. */
export function aQueue(
  settings: Partial<QueueSettings & ReceivingConfig> = {},
  journal = new RecordingJournal(),
) {
  const clock = { time: 1_000_000, now: () => clock.time };
  const failures: unknown[] = [];
  const forwarded: { target: string; message: BrokerMessage }[] = [];
  const turn = new Turn(
    journal,
    () => undefined,
    (error) => failures.push(error),
  );
  const context = {
    clock,
    turn,
    maxEntityBytes: 1e9,
    forward: (target: string, message: BrokerMessage) => {
      forwarded.push({ target, message });
    },
  };
  const queue = new MessageQueue('q', { ...PLAIN, ...settings }, context);
  const pass = (milliseconds: number): void => {
    clock.time += milliseconds;
    queue.sweep(clock.time);
    turn.run();
  };
  return { queue, clock, turn, journal, failures, forwarded, pass };
}

/** A receiver that takes so many messages and remembers them. */
export class FakeConsumer implements Consumer {
  readonly taken: { token: string; message: BrokerMessage }[] = [];
  closed: string | undefined;

  constructor(
    public credit = Infinity,
    readonly deletesOnReceipt = false,
    readonly name = 'receiver',
  ) {}

  get ids(): unknown[] {
    return this.taken.map(({ message }) => message.properties.messageId);
  }

  canTake(): boolean {
    return this.credit > 0;
  }

  take(token: string, bytes: Buffer): void {
    this.credit--;
    this.taken.push({ token, message: parseMessage(bytes) });
  }

  close(reason: { condition: string }): void {
    this.closed = reason.condition;
  }
}

export const COMPLETE: Settlement = { kind: 'complete' };
export const ABANDON: Settlement = { kind: 'abandon', properties: new Map() };
export const DEFER: Settlement = { kind: 'defer', properties: new Map() };

/** Sends a message as a sender does. */
export function send(queue: MessageQueue, id: string, session?: string): void {
  const message = aMessage({ id, ...(session === undefined ? {} : { session }) });
  queue.check(message);
  queue.submit(message);
}
