/**
 * The namespace that the behaviour suite runs against: a local broker by default, or, when
 * HDE_TEST_SERVICEBUS_CONNECTION is set, the one that it names. That one must have the entities of
 * `BEHAVIOUR_CONFIG` and no messages in them.
 */
import { afterAll, afterEach, beforeAll } from '@jest/globals';
import type {
  ServiceBusClientOptions,
  ServiceBusReceivedMessage,
  ServiceBusReceiver,
} from '@azure/service-bus';
import { ServiceBusClient } from '@azure/service-bus';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EmulatorConfig } from '../../../local/service-bus/config/emulator-config.js';
import type { ServiceBusBroker, ServiceBusBrokerOptions } from '../../../local/service-bus/server.js';
import { startServiceBusBroker } from '../../../local/service-bus/server.js';
import { disableNagle } from '../../../local/service-bus/tcp-no-delay.js';

disableNagle();

const external = process.env['HDE_TEST_SERVICEBUS_CONNECTION'];

/** Whether the suite runs against a namespace that is not ours. */
export const isExternal = external !== undefined && external !== '';

const queue = (name: string, properties: object = {}) => ({
  Name: name,
  Properties: { LockDuration: 'PT5S', MaxDeliveryCount: 3, ...properties },
});

/** The entities that the behaviour suite uses. */
const BEHAVIOUR_CONFIG: EmulatorConfig = {
  UserConfig: {
    Namespaces: [
      {
        Name: 'sbemulatorns',
        Queues: [
          queue('plain'),
          queue('sessions', { RequiresSession: true }),
          queue('unique', { RequiresDuplicateDetection: true, DuplicateDetectionHistoryTimeWindow: 'PT20S' }),
          queue('expiring', { DeadLetteringOnMessageExpiration: true }),
          queue('vanishing', { DefaultMessageTimeToLive: 'PT5M' }),
          queue('entrance', { ForwardTo: 'exit' }),
          queue('exit'),
        ],
        Topics: [
          {
            Name: 'news',
            Properties: {},
            Subscriptions: [
              { Name: 'all', Properties: { LockDuration: 'PT1M', MaxDeliveryCount: 1 } },
              {
                Name: 'by-kind',
                Rules: [
                  {
                    Name: 'kind',
                    Properties: {
                      FilterType: 'Correlation',
                      CorrelationFilter: { Properties: { kind: 'A' } },
                    },
                  },
                ],
              },
              {
                Name: 'by-sql',
                Rules: [
                  {
                    Name: 'large',
                    Properties: {
                      FilterType: 'Sql',
                      SqlFilter: { SqlExpression: "sys.Label = 'x' AND size > 5" },
                      Action: { SqlExpression: "SET tagged = 'yes'; REMOVE size" },
                    },
                  },
                ],
              },
              { Name: 'in-order', Properties: { RequiresSession: true } },
              { Name: 'managed' },
            ],
          },
        ],
      },
    ],
  },
};

/** A namespace under test. */
export interface TestNamespace {
  /** A client that is closed after the test; it does not retry unless told to. */
  client(options?: ServiceBusClientOptions): ServiceBusClient;
  /** Lets time pass: by moving the broker's clock, or by waiting for another namespace. */
  passTime(milliseconds: number): Promise<void>;
  /** A moment by the broker's clock, so many milliseconds from now. */
  inMilliseconds(milliseconds: number): Date;
}

/** Starts the namespace before the tests of a file and closes it after them. */
export function useNamespace(): TestNamespace {
  let broker: LocalBroker | undefined;
  const clients: ServiceBusClient[] = [];
  beforeAll(async () => {
    if (!isExternal) broker = await startLocal(BEHAVIOUR_CONFIG);
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
  });
  afterAll(() => broker?.close());
  return {
    client: (options) => {
      const client = connect(external ?? broker?.connectionString ?? '', options);
      clients.push(client);
      return client;
    },
    inMilliseconds: (milliseconds) => new Date((broker?.now() ?? Date.now()) + milliseconds),
    passTime: async (milliseconds) => {
      if (broker === undefined) await sleep(milliseconds);
      else broker.passTime(milliseconds);
    },
  };
}

/** A broker in this process whose clock can be moved. */
export interface LocalBroker extends ServiceBusBroker {
  now(): number;
  passTime(milliseconds: number): void;
}

/** Starts a broker on free ports. */
export async function startLocal(
  config: EmulatorConfig,
  options: Partial<ServiceBusBrokerOptions> = {},
): Promise<LocalBroker> {
  let ahead = 0;
  const clock = { now: () => Date.now() + ahead };
  const broker = await startServiceBusBroker({ port: 0, config, clock, ...options });
  return {
    ...broker,
    now: () => clock.now(),
    passTime: (milliseconds) => {
      ahead += milliseconds;
      broker.sweep();
    },
  };
}

/** A configuration of queues only. */
export function queuesOnly(queues: Readonly<Record<string, object>>): EmulatorConfig {
  const declared = Object.entries(queues).map(([Name, Properties]) => ({ Name, Properties }));
  return { UserConfig: { Namespaces: [{ Name: 'sbemulatorns', Queues: declared }] } };
}

/** A client that fails at once instead of retrying. */
export function connect(connectionString: string, options: ServiceBusClientOptions = {}): ServiceBusClient {
  return new ServiceBusClient(connectionString, {
    retryOptions: { maxRetries: 0, timeoutInMs: 15_000 },
    ...options,
  });
}

/** Receives exactly `count` messages, or fails. */
export async function receive(
  receiver: ServiceBusReceiver,
  count: number,
): Promise<ServiceBusReceivedMessage[]> {
  const received: ServiceBusReceivedMessage[] = [];
  while (received.length < count) {
    const batch = await receiver.receiveMessages(count - received.length, { maxWaitTimeInMs: 10_000 });
    if (batch.length === 0) throw new Error(`expected ${count} messages, received ${received.length}`);
    received.push(...batch);
  }
  return received;
}

/** Receives one message, or fails. */
export async function receiveOne(receiver: ServiceBusReceiver): Promise<ServiceBusReceivedMessage> {
  const [message] = await receive(receiver, 1);
  if (message === undefined) throw new Error('expected a message');
  return message;
}

/** The bodies of messages, in order. */
export function bodiesOf(messages: readonly ServiceBusReceivedMessage[]): unknown[] {
  return messages.map((message) => message.body as unknown);
}

/** Whether nothing is there to be received. */
export async function isEmpty(receiver: ServiceBusReceiver): Promise<boolean> {
  return (await receiver.receiveMessages(1, { maxWaitTimeInMs: 300 })).length === 0;
}

/** Receives and completes `count` messages. */
export async function consume(
  receiver: ServiceBusReceiver,
  count: number,
): Promise<ServiceBusReceivedMessage[]> {
  const messages = await receive(receiver, count);
  for (const message of messages) await receiver.completeMessage(message);
  return messages;
}

/** Waits until a condition holds; the test's own timeout ends the wait. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(5);
}
