import type { NamespaceConfig } from '../config/namespace-config.js';
import { entityNotFound } from '../errors.js';
import type { BrokerMessage } from '../message/broker-message.js';
import type { Operation } from '../storage/operations.js';
import type { EntityContext } from './entity-context.js';
import { MessageQueue } from './queue.js';
import { Subscription, Topic } from './topic.js';

/** What can be addressed: a queue, a subscription, a dead-letter queue of either, or a topic. */
export type Entity = MessageQueue | Topic;

/** How many messages of an entity are in which state; `active` ones wait to be received. */
export interface EntityCounts {
  readonly active: number;
  readonly locked: number;
  readonly deferred: number;
  readonly scheduled: number;
  readonly deadLetter: number;
}

const DEAD_LETTERS = '/$deadletterqueue';

/** All entities of the broker, by their addresses. */
export class Namespace {
  /** Queues and topics by name in lower case. */
  private readonly entities = new Map<string, Entity>();
  /** Operations of the journal that name no entity of the configuration, counted by entity. */
  readonly orphans = new Map<string, number>();

  constructor(config: NamespaceConfig, context: Omit<EntityContext, 'forward'>) {
    const full: EntityContext = {
      ...context,
      forward: (target, message) => {
        this.forward(target, message);
      },
    };
    for (const queue of config.queues) {
      this.entities.set(
        queue.name.toLowerCase(),
        new MessageQueue(queue.name, { ...queue, hasDeadLetters: true }, full),
      );
    }
    for (const topic of config.topics) this.entities.set(topic.name.toLowerCase(), new Topic(topic, full));
  }

  /** The entity at an address such as `q`, `topic/Subscriptions/s` or `q/$DeadLetterQueue`; case is ignored. */
  find(address: string): Entity | undefined {
    const path = address.toLowerCase();
    if (path.endsWith(DEAD_LETTERS)) {
      const owner = this.find(path.slice(0, -DEAD_LETTERS.length));
      return owner instanceof MessageQueue ? owner.deadLetters : undefined;
    }
    const [, topicName, subscription] = /^(.+)\/subscriptions\/([^/]+)$/.exec(path) ?? [];
    if (topicName === undefined || subscription === undefined) return this.entities.get(path);
    const topic = this.entities.get(topicName);
    return topic instanceof Topic ? topic.subscriptions.get(subscription) : undefined;
  }

  /**
   * The queue or topic that messages can be sent to at an address.
   *
   * @throws BrokerError `amqp:not-found`
   */
  destination(address: string): Entity {
    const entity = this.find(address);
    const isReadOnly =
      entity instanceof Subscription || (entity instanceof MessageQueue && entity.deadLetters === undefined);
    if (entity === undefined || isReadOnly) throw entityNotFound(address);
    return entity;
  }

  /** Does what is due by `now` in every entity. */
  sweep(now: number): void {
    for (const entity of this.entities.values()) entity.sweep(now);
  }

  /** Counts by entity path; topics count what they hold back until its time. */
  counts(): Record<string, EntityCounts> {
    const counts: Record<string, EntityCounts> = {};
    for (const entity of this.entities.values()) {
      counts[entity.path] = countsOf(entity);
      if (entity instanceof MessageQueue) continue;
      for (const subscription of entity.subscriptions.values())
        counts[subscription.path] = countsOf(subscription);
    }
    return counts;
  }

  /** Bytes of all messages, about. */
  bytes(): number {
    let bytes = 0;
    for (const queue of this.queues()) bytes += queue.store.bytes + (queue.deadLetters?.store.bytes ?? 0);
    return bytes;
  }

  /** Takes back a line of the journal. */
  restore(operation: Operation): void {
    const entity = this.find(operation.entity);
    if (entity === undefined)
      this.orphans.set(operation.entity, (this.orphans.get(operation.entity) ?? 0) + 1);
    else entity.restore(operation);
  }

  /** Makes restored messages available; called once, after the journal was replayed. */
  open(): void {
    for (const entity of this.entities.values()) entity.open();
  }

  /** The whole state as operations. */
  *snapshot(): Iterable<Operation> {
    for (const entity of this.entities.values()) yield* entity.snapshot();
  }

  private forward(target: string, message: BrokerMessage): void {
    this.find(target)?.submit(message);
  }

  private *queues(): Iterable<MessageQueue> {
    for (const entity of this.entities.values()) {
      if (entity instanceof MessageQueue) yield entity;
      else yield* entity.subscriptions.values();
    }
  }
}

function countsOf(entity: Entity): EntityCounts {
  const { store } = entity;
  return {
    active: store.count('active'),
    locked: store.count('locked'),
    deferred: store.count('deferred'),
    scheduled: store.count('scheduled'),
    deadLetter: entity instanceof MessageQueue ? (entity.deadLetters?.store.size ?? 0) : 0,
  };
}
