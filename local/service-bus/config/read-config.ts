import type { z } from 'zod';
import type { CorrelationFilter } from '../filters/correlation.js';
import type { RuleDefinition } from '../filters/rule.js';
import { compileRule, DEFAULT_RULE } from '../filters/rule.js';
import { parseDuration } from './duration.js';
import type { EmulatorConfig, EmulatorRule } from './emulator-config.js';
import { emulatorConfigSchema } from './emulator-config.js';
import { checkForwarding } from './forwarding.js';
import { parseJsonc } from './jsonc.js';
import { limitWarnings } from './limits.js';
import type {
  NamespaceConfig,
  QueueConfig,
  ReceivingConfig,
  SubscriptionConfig,
  TopicConfig,
} from './namespace-config.js';

/** A configuration that the broker refuses; the message names every faulty entry, one a line. */
export class ConfigError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(
      `The Service Bus configuration is not valid:\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
    );
    this.name = 'ConfigError';
  }
}

/** A configuration that was read, and what in it Microsoft's emulator would refuse. */
export interface ReadConfig {
  readonly namespace: NamespaceConfig;
  readonly warnings: readonly string[];
}

const DEFAULTS = { lockDuration: 60_000, maxDeliveryCount: 10, duplicateWindow: 600_000 };

/**
 * Parses the text of a `Config.json`; comments and trailing commas are allowed. What it says is checked later,
 * by {@link readConfig}.
 *
 * @throws ConfigError when the text is not JSON
 */
export function parseConfigText(text: string): EmulatorConfig {
  try {
    return parseJsonc(text) as EmulatorConfig;
  } catch (error) {
    throw new ConfigError([
      `the file is not JSON: ${error instanceof Error ? error.message : String(error)}`,
    ]);
  }
}

/**
 * Checks a parsed `Config.json` and resolves its defaults.
 *
 * @throws ConfigError naming the faulty entries
 */
export function readConfig(config: unknown): ReadConfig {
  const result = emulatorConfigSchema.safeParse(config);
  if (!result.success)
    throw new ConfigError(result.error.issues.map((issue) => describeIssue(issue, config)));
  const reader = new Reader();
  const [declared = { Name: '' }] = result.data.UserConfig.Namespaces;
  const namespace: NamespaceConfig = {
    queues: (declared.Queues ?? []).map((queue) => reader.queue(queue)),
    topics: (declared.Topics ?? []).map((topic) => reader.topic(topic)),
  };
  checkNames(namespace, reader.problems);
  checkForwarding(namespace, reader.problems);
  if (reader.problems.length > 0) throw new ConfigError(reader.problems);
  return { namespace, warnings: limitWarnings(namespace) };
}

type DeclaredNamespace = EmulatorConfig['UserConfig']['Namespaces'][number];
type DeclaredQueue = NonNullable<DeclaredNamespace['Queues']>[number];
type DeclaredTopic = NonNullable<DeclaredNamespace['Topics']>[number];
type DeclaredSubscription = NonNullable<DeclaredTopic['Subscriptions']>[number];

/** Turns declared entries into resolved ones and collects what is wrong with them. */
class Reader {
  readonly problems: string[] = [];

  queue({ Name: name, Properties: declared = {} }: DeclaredQueue): QueueConfig {
    const place = `queue '${name}'`;
    return {
      name,
      ...this.receiving(declared, place),
      duplicateWindow: this.duplicateWindow(declared, place),
    };
  }

  topic({
    Name: name,
    Properties: declared = {},
    Subscriptions: subscriptions = [],
  }: DeclaredTopic): TopicConfig {
    const place = `topic '${name}'`;
    return {
      name,
      timeToLive: this.duration(
        declared.DefaultMessageTimeToLive,
        Infinity,
        `${place}: DefaultMessageTimeToLive`,
      ),
      duplicateWindow: this.duplicateWindow(declared, place),
      subscriptions: subscriptions.map((subscription) => this.subscription(subscription, name)),
    };
  }

  private subscription(declared: DeclaredSubscription, topic: string): SubscriptionConfig {
    const place = `subscription '${topic}/${declared.Name}'`;
    const rules = (declared.Rules ?? []).map((rule) => this.rule(rule, place));
    return {
      name: declared.Name,
      ...this.receiving(declared.Properties ?? {}, place),
      rules: rules.length === 0 ? [DEFAULT_RULE] : rules,
    };
  }

  private receiving(
    declared: NonNullable<DeclaredSubscription['Properties']>,
    place: string,
  ): ReceivingConfig {
    const lockDuration = this.duration(
      declared.LockDuration,
      DEFAULTS.lockDuration,
      `${place}: LockDuration`,
    );
    if (lockDuration < 1_000) this.problems.push(`${place}: LockDuration must be at least PT1S`);
    return {
      lockDuration,
      maxDeliveryCount: declared.MaxDeliveryCount ?? DEFAULTS.maxDeliveryCount,
      timeToLive: this.duration(
        declared.DefaultMessageTimeToLive,
        Infinity,
        `${place}: DefaultMessageTimeToLive`,
      ),
      deadLetterOnExpiration: declared.DeadLetteringOnMessageExpiration ?? false,
      requiresSession: declared.RequiresSession ?? false,
      ...(declared.ForwardTo ? { forwardTo: declared.ForwardTo } : {}),
      ...(declared.ForwardDeadLetteredMessagesTo
        ? { forwardDeadLettersTo: declared.ForwardDeadLetteredMessagesTo }
        : {}),
    };
  }

  private duplicateWindow(
    declared: {
      RequiresDuplicateDetection?: boolean | undefined;
      DuplicateDetectionHistoryTimeWindow?: string | undefined;
    },
    place: string,
  ): number {
    const window = this.duration(
      declared.DuplicateDetectionHistoryTimeWindow,
      DEFAULTS.duplicateWindow,
      `${place}: DuplicateDetectionHistoryTimeWindow`,
    );
    return declared.RequiresDuplicateDetection === true ? window : 0;
  }

  private rule({ Name: name, Properties: declared }: EmulatorRule, place: string): RuleDefinition {
    const definition: RuleDefinition = {
      name,
      filter: this.filter(declared, `${place}, rule '${name}'`),
      ...(declared.Action === undefined ? {} : { action: declared.Action.SqlExpression }),
    };
    try {
      compileRule(definition);
    } catch (error) {
      this.problems.push(
        `${place}, rule '${name}': ${error instanceof Error ? error.message : String(error)}`,
      );
    }
    return definition;
  }

  private filter(declared: EmulatorRule['Properties'], place: string): RuleDefinition['filter'] {
    if (declared.FilterType === 'Sql') {
      if (declared.SqlFilter === undefined) this.problems.push(`${place}: FilterType Sql needs a SqlFilter`);
      return { kind: 'sql', expression: declared.SqlFilter?.SqlExpression ?? 'FALSE' };
    }
    if (declared.CorrelationFilter === undefined) {
      this.problems.push(`${place}: FilterType Correlation needs a CorrelationFilter`);
    }
    return { kind: 'correlation', correlation: correlationOf(declared.CorrelationFilter ?? {}) };
  }

  private duration(text: string | undefined, missing: number, place: string): number {
    if (text === undefined || text === '') return missing;
    const duration = parseDuration(text);
    if (duration !== undefined && duration > 0) return duration;
    this.problems.push(`${place}: '${text}' is no ISO 8601 duration greater than zero`);
    return missing;
  }
}

type DeclaredCorrelation = NonNullable<EmulatorRule['Properties']['CorrelationFilter']>;

function correlationOf(declared: DeclaredCorrelation): CorrelationFilter {
  const fields = {
    contentType: declared.ContentType,
    correlationId: declared.CorrelationId,
    messageId: declared.MessageId,
    replyTo: declared.ReplyTo,
    replyToSessionId: declared.ReplyToSessionId,
    sessionId: declared.SessionId,
    subject: declared.Label,
    to: declared.To,
  };
  const given = Object.entries(fields).filter(([, value]) => value !== undefined && value !== '');
  return { ...Object.fromEntries(given), applicationProperties: declared.Properties ?? {} };
}

/** Entity names are compared without regard to case; queues and topics share one room. */
function checkNames({ queues, topics }: NamespaceConfig, problems: string[]): void {
  const rooms = [
    { place: 'the namespace', names: [...queues, ...topics].map((entity) => entity.name) },
    ...topics.map((topic) => ({
      place: `topic '${topic.name}'`,
      names: topic.subscriptions.map((subscription) => subscription.name),
    })),
  ];
  for (const { place, names } of rooms) {
    const seen = new Set<string>();
    for (const name of names) {
      if (seen.has(name.toLowerCase())) problems.push(`${place} has two entries named '${name}'`);
      seen.add(name.toLowerCase());
    }
  }
}

/** Says where the problem is by path and, where entries on the way have names, by name. */
function describeIssue(issue: z.core.$ZodIssue, config: unknown): string {
  let place = '';
  let at: unknown = config;
  for (const step of issue.path) {
    at = isRecord(at) ? at[String(step)] : undefined;
    place += typeof step === 'number' ? `[${step}]` : `${place === '' ? '' : '.'}${String(step)}`;
    const label = isRecord(at) ? at['Name'] : undefined;
    if (typeof step === 'number' && typeof label === 'string') place += ` '${label}'`;
  }
  return `${place === '' ? 'the file' : place}: ${issue.message}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
