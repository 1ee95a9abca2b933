import {
  ServiceBusError,
  type ServiceBusClient,
  type ServiceBusMessage,
  type ServiceBusSender,
} from '@azure/service-bus';

/** A sender that is replaced whenever its connection may be broken. */
export interface ReopeningSender {
  /** Sends all messages, in as few batches as fit. */
  send(messages: readonly ServiceBusMessage[]): Promise<void>;
}

interface Opened {
  readonly client: ServiceBusClient;
  readonly sender: ServiceBusSender;
}

/** Longest a caller waits for one send, in milliseconds; the SDK's own waits can add up to minutes. */
const longestSend = 10_000;

/**
 * A sender with a connection of its own. When the service goes away at the wrong moment, the SDK waits for a minute
 * on the broken connection for answers that never come; a new connection works at once.
 */
export function createReopeningSender(
  connect: () => Promise<ServiceBusClient>,
  entity: string,
): ReopeningSender {
  let opened: Promise<Opened> | undefined;
  const open = async (): Promise<Opened> => {
    const client = await connect();
    return { client, sender: client.createSender(entity) };
  };
  return {
    async send(messages) {
      opened ??= open();
      const used = opened;
      try {
        const { sender } = await used;
        await withinTime(sendAll(sender, messages));
      } catch (error) {
        if (isAnswer(error)) throw error;
        if (opened === used) opened = undefined;
        void used.then(({ client }) => client.close()).catch(() => undefined);
        throw error;
      }
    },
  };
}

/** What the service says over a connection that works: a new one would only add to its load. */
const answers: ReadonlySet<string> = new Set(['ServiceBusy', 'QuotaExceeded', 'MessageSizeExceeded']);

const isAnswer = (error: unknown): boolean => error instanceof ServiceBusError && answers.has(error.code);

/** Thrown when a send takes too long; whether it took effect is unknown, so it may be sent again with the same id. */
class SendTimeout extends Error {
  override readonly name = 'SendTimeout';
}

async function withinTime(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new SendTimeout('the send was not answered in time'));
    }, longestSend);
  });
  try {
    await Promise.race([work, expired]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}

async function sendAll(sender: ServiceBusSender, messages: readonly ServiceBusMessage[]): Promise<void> {
  const [only, ...others] = messages;
  if (only === undefined) return;
  if (others.length === 0) {
    await sender.sendMessages(only);
    return;
  }
  let pending = messages;
  while (pending.length > 0) pending = await sendOneBatch(sender, pending);
}

/** Sends as many as fit into one batch; answers the rest. */
async function sendOneBatch(
  sender: ServiceBusSender,
  messages: readonly ServiceBusMessage[],
): Promise<readonly ServiceBusMessage[]> {
  const batch = await sender.createMessageBatch();
  const overflow = messages.findIndex((message) => !batch.tryAddMessage(message));
  if (overflow === 0) throw new RangeError('a message exceeds the size limit');
  await sender.sendMessages(batch);
  return overflow === -1 ? [] : messages.slice(overflow);
}
