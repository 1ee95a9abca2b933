/** What a busy namespace answers, over the wire with the real SDK. */
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import topology from '../../../infra/topology/service-bus.json' with { type: 'json' };
import { configFromTopology } from '../../../local/service-bus/config-from-topology.js';
import { MessageQueue } from '../../../local/service-bus/entities/queue.js';
import { BrokerError } from '../../../local/service-bus/errors.js';
import { startServiceBusBroker } from '../../../local/service-bus/server.js';
import {
  createServiceBusMessageQueue,
  entities,
  openServiceBus,
} from '../../../src/adapters/service-bus/messaging.js';
import { createReopeningSender } from '../../../src/adapters/service-bus/reopening-sender.js';
import { createGuard } from '../../../src/adapters/throttling/guard.js';
import { createFakeTiming, type FakeTiming } from '../../support/fake-timing.js';

type Client = Awaited<ReturnType<typeof openServiceBus>>;

const limits = { mostInFlight: 8, mostWaiting: 8, longestWaitMs: 5_000 };
const envelope = { messageId: 'b1', feed: 'f', archivePath: 'a', sessionKey: 's1', receivedAt: 't' };

let broker: Awaited<ReturnType<typeof startServiceBusBroker>>;
let opened: Client[];
let timing: FakeTiming;

beforeEach(async () => {
  broker = await startServiceBusBroker({ port: 0, config: configFromTopology(topology) });
  opened = [];
  timing = createFakeTiming();
});

afterEach(async () => {
  jest.restoreAllMocks();
  await Promise.all(opened.map((client) => client.close()));
  await broker.close();
});

async function connect(): Promise<Client> {
  const { connectionString } = broker;
  const client = await openServiceBus({ kind: 'connection-string', connectionString });
  opened.push(client);
  return client;
}

/** The namespace refuses so many messages, each under this condition. */
function refuse(count: number, condition: string) {
  const check = jest.spyOn(MessageQueue.prototype, 'check');
  for (let n = 0; n < count; n++) {
    check.mockImplementationOnce(() => {
      throw new BrokerError(condition, 'The request was terminated.');
    });
  }
  return check;
}

const queueOf = () => {
  const sender = createReopeningSender(connect, entities.inbound);
  const guard = createGuard('Service Bus', limits, timing);
  return { queue: createServiceBusMessageQueue(sender, guard), guard };
};

/** How many messages the session of the envelope holds. */
const received = async (): Promise<number> => {
  const client = await connect();
  const receiver = await client.acceptSession('inbound', envelope.sessionKey);
  const messages = await receiver.receiveMessages(10, { maxWaitTimeInMs: 300 });
  await receiver.close();
  return messages.length;
};

describe('a busy namespace', () => {
  test('is given the ten seconds that it asks for, each time, and then gets the message once', async () => {
    refuse(1, 'com.microsoft:server-busy');
    const { queue, guard } = queueOf();
    await queue.send(envelope);
    expect(opened).toHaveLength(1);
    expect(timing.slept).toHaveLength(1);
    expect(timing.slept[0]).toBeGreaterThanOrEqual(10_000);
    expect(guard.pressure()).toMatchObject({ setBacks: 1, inFlight: 0, waiting: 0, refused: 0 });
    expect(await received()).toBe(1);
  });

  test('that stays so refuses the sender, who is told when to come again', async () => {
    const check = refuse(10, 'com.microsoft:server-busy');
    const { queue } = queueOf();
    await expect(queue.send(envelope)).rejects.toMatchObject({
      code: 'HDE_THROTTLED',
      retryAfterSeconds: 10,
    });
    // A third attempt would begin later than 15 seconds after the first.
    expect(check).toHaveBeenCalledTimes(2);
  });
});

test('a queue that is full is not asked again: it will be for longer than a sender waits', async () => {
  const check = refuse(1, 'amqp:resource-limit-exceeded');
  await expect(queueOf().queue.send(envelope)).rejects.toMatchObject({ code: 'HDE_THROTTLED' });
  expect(check).toHaveBeenCalledTimes(1);
});
