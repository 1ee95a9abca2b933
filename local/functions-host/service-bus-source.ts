import type {
  ServiceBusClient,
  ServiceBusReceivedMessage,
  ServiceBusReceiver,
  ServiceBusReceiverOptions,
  ServiceBusSessionReceiver,
} from '@azure/service-bus';
import { numberOption, requiredOption, textOption } from './bindings.js';
import type { LoadedFunction } from './bindings.js';
import { describeError } from './log.js';
import { toServiceBusBatchInput, toServiceBusInput } from './rpc-request.js';
import type { TriggerInput } from './rpc-request.js';
import type { TriggerHost } from './trigger.js';

/** Where a Service Bus trigger receives from, and how it settles. */
export type ServiceBusSource = {
  readonly target: LoadedFunction;
  readonly host: TriggerHost;
  readonly connectionString: string;
  /** `[queue]` or `[topic, subscription]`. */
  readonly entity: readonly [string] | readonly [string, string];
  readonly isDeadLetter: boolean;
  readonly isSession: boolean;
  readonly isBatch: boolean;
  readonly maxBatchSize: number;
  readonly autoComplete: boolean;
};

const deadLetterSuffix = /\/\$deadletterqueue$/i;

/**
 * Reads the options of a Service Bus trigger. `…/$DeadLetterQueue` after the queue or subscription name means its dead letters.
 *
 * @throws Error naming the function when an option or the connection is missing
 */
export function toServiceBusSource(target: LoadedFunction, host: TriggerHost): ServiceBusSource {
  const { trigger, name } = target;
  const { serviceBus } = host.options;
  const queue = textOption(trigger, 'queueName');
  const last = queue ?? requiredOption(name, trigger, 'subscriptionName');
  const entityName = last.replace(deadLetterSuffix, '');
  const connection = textOption(trigger, 'connection') ?? 'ServiceBus';
  const connectionString = host.settings.connectionString(connection, `Function '${name}'`);
  if (!/(^|;)\s*Endpoint=sb:\/\//i.test(connectionString)) {
    throw new Error(`Function '${name}': the setting '${connection}' is no Service Bus connection string`);
  }
  const ownAutoComplete = trigger.options['autoCompleteMessages'];
  return {
    target,
    host,
    connectionString,
    entity: queue === undefined ? [requiredOption(name, trigger, 'topicName'), entityName] : [entityName],
    isDeadLetter: entityName !== last,
    isSession: trigger.options['isSessionsEnabled'] === true,
    isBatch: trigger.options['cardinality'] === 'many',
    maxBatchSize: numberOption(trigger, 'maxMessageBatchSize', serviceBus.maxMessageBatchSize),
    autoComplete: typeof ownAutoComplete === 'boolean' ? ownAutoComplete : serviceBus.autoCompleteMessages,
  };
}

/** A receiver on the source (for sessions see the accept loop). */
export function createReceiver(source: ServiceBusSource, client: ServiceBusClient): ServiceBusReceiver {
  const [first, second] = source.entity;
  const options: ServiceBusReceiverOptions = {
    ...receiverOptions(source),
    ...(source.isDeadLetter ? { subQueueType: 'deadLetter' } : {}),
  };
  return second === undefined
    ? client.createReceiver(first, options)
    : client.createReceiver(first, second, options);
}

/** Options of every receiver: the body stays bytes, locks are renewed while the function runs. */
export function receiverOptions(source: ServiceBusSource): {
  skipParsingBodyAsJson: boolean;
  maxAutoLockRenewalDurationInMs: number;
} {
  return {
    skipParsingBodyAsJson: true,
    maxAutoLockRenewalDurationInMs: source.host.options.serviceBus.maxAutoLockRenewalDuration,
  };
}

/**
 * Runs the function on messages and settles them: complete after success, abandon after a throw, so that the delivery count
 * rises and the broker dead-letters what never succeeds. A batch is one unit. Never throws.
 */
export async function processMessages(
  source: ServiceBusSource,
  receiver: ServiceBusReceiver | ServiceBusSessionReceiver,
  messages: readonly ServiceBusReceivedMessage[],
): Promise<void> {
  const succeeded = await invoke(source, messages);
  if (succeeded && !source.autoComplete) return;
  await Promise.all(
    messages.map(async (message) => {
      try {
        if (succeeded) await receiver.completeMessage(message);
        else await receiver.abandonMessage(message);
      } catch (error) {
        // The lock is lost or the broker has gone: the message comes again, which every handler must bear.
        warn(source, `${succeeded ? 'Completing' : 'Abandoning'} a message failed: ${describeError(error)}`);
      }
    }),
  );
}

/** Names the source in logs. */
export function describeSource(source: ServiceBusSource): string {
  return source.entity.join('/') + (source.isDeadLetter ? '/$DeadLetterQueue' : '');
}

function toInput(source: ServiceBusSource, messages: readonly ServiceBusReceivedMessage[]): TriggerInput {
  const { name, options } = source.target.trigger;
  const isBinary = options['dataType'] === 'binary';
  const [first] = messages;
  if (source.isBatch || first === undefined) return toServiceBusBatchInput(name, messages, isBinary);
  return toServiceBusInput(name, first, isBinary);
}

async function invoke(
  source: ServiceBusSource,
  messages: readonly ServiceBusReceivedMessage[],
): Promise<boolean> {
  let input: TriggerInput;
  try {
    input = toInput(source, messages);
  } catch (error) {
    warn(source, describeError(error));
    return false;
  }
  try {
    await source.host.invoker.invoke(source.target, input);
    return true;
  } catch {
    return false; // logged by the invoker
  }
}

function warn(source: ServiceBusSource, message: string): void {
  const category = `Function.${source.target.name}`;
  source.host.log({ level: 'warning', category, message: `${describeSource(source)}: ${message}` });
}
