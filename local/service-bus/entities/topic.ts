import type { TopicConfig } from '../config/namespace-config.js';
import { BrokerError, entityNotFound, messageNotFound } from '../errors.js';
import type { Rule, RuleDefinition } from '../filters/rule.js';
import { compileRule, copiesFor } from '../filters/rule.js';
import type { BrokerMessage } from '../message/broker-message.js';
import { messageIdKey } from '../message/broker-message.js';
import type { Operation } from '../storage/operations.js';
import { DuplicateHistory } from './duplicates.js';
import { MessageStore } from './message-store.js';
import type { EntityContext } from './entity-context.js';
import { MessageQueue } from './queue.js';

/** A subscription: a queue that its topic fills through rules. */
export class Subscription extends MessageQueue {
  private readonly rules = new Map<string, Rule>();

  /** The rules as configured or added since. */
  ruleDefinitions(): RuleDefinition[] {
    return [...this.rules.values()].map((rule) => rule.definition);
  }

  /**
   * Adds a rule. Rules added over the wire last as long as the process: the configuration is what a restart
   * comes back to.
   *
   * @throws BrokerError `com.microsoft:entity-already-exists`
   * @throws SqlSyntaxError when its filter or action cannot be read
   */
  addRule(definition: RuleDefinition): void {
    if (this.rules.has(definition.name)) {
      throw new BrokerError(
        'com.microsoft:entity-already-exists',
        `The messaging entity '${this.path}/rules/${definition.name}' already exists.`,
      );
    }
    this.rules.set(definition.name, compileRule(definition));
  }

  /** @throws BrokerError `amqp:not-found` */
  removeRule(name: string): void {
    if (!this.rules.delete(name)) throw entityNotFound(`${this.path}/rules/${name}`);
  }

  /** Takes the copies that the rules make of a published message. */
  publish(message: BrokerMessage, enqueuedSequenceNumber: number): void {
    for (const copy of copiesFor(this.rules.values(), message)) this.arrive(copy, { enqueuedSequenceNumber });
  }
}

/** A topic: keeps only scheduled messages itself, and copies all others to its subscriptions. */
export class Topic {
  readonly path: string;
  readonly store: MessageStore;
  readonly subscriptions = new Map<string, Subscription>();
  private readonly duplicates: DuplicateHistory | undefined;
  private readonly timeToLive: number;

  constructor(
    config: TopicConfig,
    private readonly context: EntityContext,
  ) {
    this.path = config.name;
    this.timeToLive = config.timeToLive;
    const entity = config.name.toLowerCase();
    this.store = new MessageStore(entity, context.turn, context.maxEntityBytes);
    if (config.duplicateWindow > 0) {
      this.duplicates = new DuplicateHistory(config.duplicateWindow, entity, context.turn);
    }
    for (const declared of config.subscriptions) {
      const path = `${config.name}/Subscriptions/${declared.name}`;
      const settings = { ...declared, duplicateWindow: 0, hasDeadLetters: true };
      const subscription = new Subscription(path, settings, context);
      for (const rule of declared.rules) subscription.addRule(rule);
      this.subscriptions.set(declared.name.toLowerCase(), subscription);
    }
  }

  /**
   * Refuses when a subscription has no room.
   *
   * @throws BrokerError `amqp:resource-limit-exceeded`
   */
  check(): void {
    this.store.checkRoom();
    for (const subscription of this.subscriptions.values()) subscription.store.checkRoom();
  }

  /**
   * Takes a checked message from a sender.
   *
   * @returns its sequence number in the topic; 0 for a duplicate
   */
  submit(message: BrokerMessage): number {
    const now = this.context.clock.now();
    if (this.duplicates?.isDuplicate(messageIdKey(message), now) === true) return 0;
    const sequenceNumber = this.store.nextSequence();
    const due = message.annotations.scheduledEnqueueTime;
    if (due !== undefined && due > now) {
      this.store.add({ message, enqueuedTime: now, expiresAt: Infinity, scheduledFor: due }, sequenceNumber);
    } else this.fanOut(message, sequenceNumber);
    return sequenceNumber;
  }

  /** @throws BrokerError `com.microsoft:message-not-found` */
  cancelScheduled(sequenceNumber: number): void {
    const stored = this.store.get(sequenceNumber);
    if (stored === undefined) throw messageNotFound(sequenceNumber);
    this.store.remove(stored);
  }

  /** Publishes scheduled messages whose time has come, then does what is due in the subscriptions. */
  sweep(now: number): void {
    for (const stored of this.store.due(now)) {
      this.store.remove(stored);
      this.fanOut(stored.message, stored.sequenceNumber);
    }
    this.duplicates?.forget(now);
    for (const subscription of this.subscriptions.values()) subscription.sweep(now);
  }

  /** Takes back a line of the journal that names this topic. */
  restore(operation: Operation): void {
    if (operation.kind === 'seen') this.duplicates?.restore(operation.key, operation.time);
    else if (operation.kind === 'sequence') this.store.reserve(operation.last);
    else if (operation.kind !== 'session') this.store.restore(operation);
  }

  /** Makes the restored messages of the subscriptions available. */
  open(): void {
    for (const subscription of this.subscriptions.values()) {
      // The subscriptions' messages tell which of the topic's numbers were given out.
      for (const stored of subscription.store.values())
        this.store.reserve(stored.enqueuedSequenceNumber ?? 0);
      subscription.open();
    }
  }

  /** The state as operations. */
  *snapshot(): Iterable<Operation> {
    yield* this.store.snapshot();
    if (this.duplicates !== undefined) yield* this.duplicates.snapshot();
    for (const subscription of this.subscriptions.values()) yield* subscription.snapshot();
  }

  private fanOut(message: BrokerMessage, sequenceNumber: number): void {
    const ttl = Math.min(message.header.ttl ?? Infinity, this.timeToLive);
    const limited = ttl === Infinity ? message : { ...message, header: { ...message.header, ttl } };
    for (const subscription of this.subscriptions.values()) subscription.publish(limited, sequenceNumber);
  }
}
