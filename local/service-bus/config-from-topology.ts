import type { EmulatorConfig } from './config/emulator-config.js';

/** Settings that a queue and a subscription share, as `infra/topology/service-bus.json` names them. */
export interface ReceivingTopology {
  readonly name: string;
  readonly description?: string;
  readonly requiresSession?: boolean;
  /** ISO 8601 durations, here and below. */
  readonly lockDuration?: string;
  readonly maxDeliveryCount?: number;
  readonly defaultMessageTimeToLive?: string;
  readonly deadLetteringOnMessageExpiration?: boolean;
  readonly forwardTo?: string;
  readonly forwardDeadLetteredMessagesTo?: string;
}

/** Duplicate detection of a queue or topic. */
export interface DuplicateTopology {
  readonly requiresDuplicateDetection?: boolean;
  readonly duplicateDetectionHistoryTimeWindow?: string;
}

/** A queue of the topology. */
export type QueueTopology = ReceivingTopology & DuplicateTopology;

/** A rule of a subscription: application properties that a message must have, each with its value. */
export interface RuleTopology {
  readonly name: string;
  readonly filterType: string;
  readonly correlationFilter: { readonly properties: Readonly<Record<string, string>> };
}

/** A subscription of the topology; without rules it takes all messages. */
export interface SubscriptionTopology extends ReceivingTopology {
  readonly rules?: readonly RuleTopology[];
}

/** A topic of the topology with its subscriptions. */
export interface TopicTopology extends DuplicateTopology {
  readonly name: string;
  readonly description?: string;
  readonly defaultMessageTimeToLive?: string;
  readonly subscriptions: readonly SubscriptionTopology[];
}

/** The content of `infra/topology/service-bus.json`. */
export interface ServiceBusTopology {
  readonly queues: readonly QueueTopology[];
  readonly topics: readonly TopicTopology[];
}

/** The one namespace name that Microsoft's emulator accepts. */
const EMULATOR_NAMESPACE = 'sbemulatorns';

/** Properties of the topology that say nothing about the entity's behaviour, or are placed elsewhere. */
const NOT_PROPERTIES = new Set(['name', 'description', 'subscriptions', 'rules']);

/** Properties that both formats have; only the first letter's case differs. */
const SHARED = new Set([
  'deadLetteringOnMessageExpiration',
  'defaultMessageTimeToLive',
  'duplicateDetectionHistoryTimeWindow',
  'forwardDeadLetteredMessagesTo',
  'forwardTo',
  'lockDuration',
  'maxDeliveryCount',
  'requiresDuplicateDetection',
  'requiresSession',
]);

/**
 * Writes the topology in the format of Microsoft's emulator, so that one file defines what Bicep deploys,
 * what this broker serves and what the official emulator could serve instead.
 *
 * @throws Error naming the entity, when it has a property that the format has no place for
 */
export function configFromTopology(topology: ServiceBusTopology): EmulatorConfig {
  return {
    UserConfig: {
      Namespaces: [
        {
          Name: EMULATOR_NAMESPACE,
          Queues: topology.queues.map((queue) => ({ Name: queue.name, Properties: propertiesOf(queue) })),
          Topics: topology.topics.map((topic) => ({
            Name: topic.name,
            Properties: propertiesOf(topic),
            Subscriptions: topic.subscriptions.map((subscription) => ({
              Name: subscription.name,
              Properties: propertiesOf(subscription),
              ...(subscription.rules === undefined ? {} : { Rules: subscription.rules.map(ruleOf) }),
            })),
          })),
        },
      ],
      Logging: { Type: 'Console' },
    },
  };
}

/** @throws Error naming the rule, when it is of another kind than those in use */
function ruleOf({ name, filterType, correlationFilter }: RuleTopology) {
  if (filterType !== 'CorrelationFilter')
    throw new Error(
      `The rule '${name}' of the topology is of the type ${filterType}, not CorrelationFilter.`,
    );
  const filter = { Properties: { ...correlationFilter.properties } };
  return { Name: name, Properties: { FilterType: 'Correlation', CorrelationFilter: filter } as const };
}

function propertiesOf(entity: { readonly name: string }): Record<string, unknown> {
  const properties: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(entity)) {
    if (NOT_PROPERTIES.has(key)) continue;
    if (!SHARED.has(key)) {
      throw new Error(
        `The topology entry '${entity.name}' has '${key}', which the emulator's format has no place for.`,
      );
    }
    properties[key.charAt(0).toUpperCase() + key.slice(1)] = value;
  }
  return properties;
}
