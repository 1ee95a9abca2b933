import type { RuleDefinition } from '../filters/rule.js';

/** Settings of a queue or a subscription; durations in milliseconds. */
export interface ReceivingConfig {
  readonly lockDuration: number;
  readonly maxDeliveryCount: number;
  /** Infinity when messages do not expire. */
  readonly timeToLive: number;
  readonly deadLetterOnExpiration: boolean;
  readonly requiresSession: boolean;
  readonly forwardTo?: string;
  readonly forwardDeadLettersTo?: string;
}

/** A queue. */
export interface QueueConfig extends ReceivingConfig {
  readonly name: string;
  /** Zero when duplicates are not looked for. */
  readonly duplicateWindow: number;
}

/** A subscription with its rules. */
export interface SubscriptionConfig extends ReceivingConfig {
  readonly name: string;
  readonly rules: readonly RuleDefinition[];
}

/** A topic with its subscriptions. */
export interface TopicConfig {
  readonly name: string;
  readonly timeToLive: number;
  readonly duplicateWindow: number;
  readonly subscriptions: readonly SubscriptionConfig[];
}

/** Everything that the broker serves. */
export interface NamespaceConfig {
  readonly queues: readonly QueueConfig[];
  readonly topics: readonly TopicConfig[];
}
