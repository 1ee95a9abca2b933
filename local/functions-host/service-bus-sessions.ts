import { setMaxListeners } from 'node:events';
import type { ServiceBusClient, ServiceBusSessionReceiver } from '@azure/service-bus';
import { describeError } from './log.js';
import { describeSource, processMessages, receiverOptions } from './service-bus-source.js';
import type { ServiceBusSource } from './service-bus-source.js';
import { Activity, atMost, createWarning, keepAlive, pause } from './trigger.js';
import type { TriggerListener } from './trigger.js';

const reconnectDelay = 500;

/** A stopping host waits no longer for links to close: they cannot while their connection is being restored. */
const stopWait = 3000;

/**
 * Listens to a session entity: `maxConcurrentSessions` loops, each of which takes the next free session, runs its messages in
 * order, and lets it go when it has been idle for `sessionIdleTimeout`. A session receiver never recovers once its link is
 * lost, so that each loop simply accepts anew.
 */
export function createSessionListener(source: ServiceBusSource): TriggerListener {
  const { clients, log, options } = source.host;
  const activity = new Activity();
  const warn = createWarning(log, 'Host.ServiceBus');
  const stopping = new AbortController();
  setMaxListeners(0, stopping.signal); // each loop listens to it
  const isStopping = (): boolean => stopping.signal.aborted;
  let loops: readonly Promise<void>[] = [];

  const accept = async (client: ServiceBusClient): Promise<ServiceBusSessionReceiver | undefined> => {
    try {
      return await acceptNext(source, client, stopping.signal);
    } catch (error) {
      // ServiceTimeout = no session has messages: ask again. A stopping host aborts the accept.
      if (isStopping() || isCode(error, 'ServiceTimeout')) return undefined;
      warn(`${describeSource(source)}: accepting a session failed: ${describeError(error)}`);
      await pause(reconnectDelay, stopping.signal);
      return undefined;
    }
  };

  const serve = async (): Promise<void> => {
    const client = await clients.accepting(source.connectionString);
    while (!isStopping()) {
      const receiver = await accept(client);
      if (!receiver) continue;
      try {
        await drainSession(source, receiver, activity, stopping.signal);
      } catch (error) {
        if (!isStopping()) warn(`${describeSource(source)}: a session was lost: ${describeError(error)}`);
      } finally {
        await receiver.close().catch(() => undefined);
      }
    }
  };

  return {
    start: () => {
      const count = options.serviceBus.maxConcurrentSessions;
      loops = Array.from({ length: count }, () => keepAlive(serve, log, 'Host.ServiceBus'));
    },
    stop: async () => {
      stopping.abort();
      await atMost(stopWait, Promise.allSettled(loops));
      await activity.idle();
    },
    dispose: () => Promise.resolve(), // each loop has closed its own receiver; the clients belong to the host
  };
}

/** The next free session; undefined when the host stops first. */
async function acceptNext(
  source: ServiceBusSource,
  client: ServiceBusClient,
  signal: AbortSignal,
): Promise<ServiceBusSessionReceiver | undefined> {
  const [first, second] = source.entity;
  const options = receiverOptions(source);
  const accepting =
    second === undefined
      ? client.acceptNextSession(first, options)
      : client.acceptNextSession(first, second, options);
  const leaving = followSignal(signal);
  const aborted = new Promise<undefined>((resolve) => {
    const stop = (): void => {
      resolve(undefined);
    };
    leaving.signal.addEventListener('abort', stop);
    if (leaving.signal.aborted) stop();
  });
  try {
    return await Promise.race([accepting, aborted]);
  } finally {
    leaving.forget();
    // The SDK notices an abort signal only when the broker answers. What is granted after the host has begun to stop is given
    // back at once.
    if (signal.aborted) void accepting.then((late) => late.close()).catch(() => undefined);
  }
}

/** Runs the messages of one session in order until it is idle, its lock is lost, or the host stops. */
async function drainSession(
  source: ServiceBusSource,
  receiver: ServiceBusSessionReceiver,
  activity: Activity,
  stopping: AbortSignal,
): Promise<void> {
  const count = source.isBatch ? source.maxBatchSize : 1;
  const maxWaitTimeInMs = source.host.options.serviceBus.sessionIdleTimeout;
  const leaving = followSignal(stopping);
  try {
    while (!stopping.aborted && !receiver.isClosed) {
      // Aborting loses nothing here: closing the session afterwards frees all its messages at once.
      const messages = await receiver.receiveMessages(count, {
        maxWaitTimeInMs,
        abortSignal: leaving.signal,
      });
      if (messages.length === 0) return;
      await activity.track(() => processMessages(source, receiver, messages));
    }
  } finally {
    leaving.forget();
  }
}

/**
 * A signal of one session. The SDK leaves a listener, and with it the whole session, at a signal for each receive that ends
 * without a message: at that of the host they would be kept for ever, 20 KB each. Node.js forgets to take away some of the
 * listeners that are to go with a signal of their own (`addEventListener(…, { signal })`) where several stand at one signal.
 */
export function followSignal(signal: AbortSignal): { readonly signal: AbortSignal; forget(): void } {
  const own = new AbortController();
  const abort = (): void => {
    own.abort(signal.reason);
  };
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort);
  return {
    signal: own.signal,
    forget: () => {
      signal.removeEventListener('abort', abort);
    },
  };
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
