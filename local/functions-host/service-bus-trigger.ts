import type { ServiceBusReceiver } from '@azure/service-bus';
import type { LoadedFunction } from './bindings.js';
import { describeError } from './log.js';
import { createSessionListener } from './service-bus-sessions.js';
import { createReceiver, describeSource, processMessages, toServiceBusSource } from './service-bus-source.js';
import type { ServiceBusSource } from './service-bus-source.js';
import { Activity, atMost, createWarning, keepAlive, pause } from './trigger.js';
import type { TriggerHost, TriggerListener } from './trigger.js';

const reconnectDelay = 500;

/** How long a batch receive waits for messages, and so a stopping host for it. */
const batchWait = 1000;

/** A stopping host waits no longer for links to close: they cannot while their connection is being restored. */
const stopWait = 3000;

/**
 * Listens to a queue or subscription: single messages side by side, batches one after another, or sessions.
 *
 * @throws Error when an option or the connection string is missing
 */
export function createServiceBusTrigger(target: LoadedFunction, host: TriggerHost): TriggerListener {
  const source = toServiceBusSource(target, host);
  if (source.isSession) return createSessionListener(source);
  return source.isBatch ? createBatchListener(source) : createMessageListener(source);
}

/** Up to `maxConcurrentCalls` messages at once. The SDK's subscription reconnects by itself, for ever. */
function createMessageListener(source: ServiceBusSource): TriggerListener {
  const { host } = source;
  const activity = new Activity();
  const warn = createWarning(host.log, 'Host.ServiceBus');
  const stopping = new AbortController();
  let receiver: ServiceBusReceiver | undefined;
  let subscription: { close(): Promise<void> } | undefined;

  const subscribe = async (): Promise<void> => {
    const client = await host.clients.receiving(source.connectionString);
    if (stopping.signal.aborted) return;
    const current = createReceiver(source, client);
    receiver = current;
    subscription = current.subscribe(
      {
        processMessage: (message) => activity.track(() => processMessages(source, current, [message])),
        processError: (failure) => {
          if (!stopping.signal.aborted)
            warn(`${describeSource(source)}: ${failure.errorSource} failed: ${describeError(failure.error)}`);
          return Promise.resolve();
        },
      },
      { autoCompleteMessages: false, maxConcurrentCalls: host.options.serviceBus.maxConcurrentCalls },
    );
  };

  return {
    start: () => {
      void keepAlive(subscribe, host.log, 'Host.ServiceBus');
    },
    stop: async () => {
      stopping.abort();
      if (subscription) await atMost(stopWait, subscription.close());
      await activity.idle();
    },
    dispose: async () => {
      await receiver?.close().catch(() => undefined);
    },
  };
}

/** Batches of up to `maxMessageBatchSize`, one after another. */
function createBatchListener(source: ServiceBusSource): TriggerListener {
  const { host } = source;
  const activity = new Activity();
  const warn = createWarning(host.log, 'Host.ServiceBus');
  const stopping = new AbortController();
  let receiver: ServiceBusReceiver | undefined;
  let running = Promise.resolve();

  const receiveForEver = async (): Promise<void> => {
    const client = await host.clients.receiving(source.connectionString);
    const current = createReceiver(source, client);
    receiver = current;
    while (!stopping.signal.aborted) {
      try {
        // No abort signal here: aborting a receive would leave what it has already got locked until the lock expires.
        const messages = await current.receiveMessages(source.maxBatchSize, { maxWaitTimeInMs: batchWait });
        if (messages.length > 0) await activity.track(() => processMessages(source, current, messages));
      } catch (error) {
        warn(`${describeSource(source)}: receiving failed: ${describeError(error)}`);
        await pause(reconnectDelay, stopping.signal);
      }
    }
  };

  return {
    start: () => {
      running = keepAlive(receiveForEver, host.log, 'Host.ServiceBus');
    },
    stop: async () => {
      stopping.abort();
      await atMost(stopWait, running);
      await activity.idle();
    },
    dispose: async () => {
      await receiver?.close().catch(() => undefined);
    },
  };
}
