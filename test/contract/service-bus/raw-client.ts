/** A plain rhea client: it shows what the SDK hides, and that others than the SDK are served. */
import { createHmac } from 'node:crypto';
import type { EventEmitter } from 'node:events';
import rhea from 'rhea';
import type { ServiceBusBroker } from '../../../local/service-bus/server.js';

/** A link as these tests look at it. */
export interface RawLink extends EventEmitter {
  readonly credit: number;
  readonly snd_settle_mode: number;
  readonly rcv_settle_mode: number;
  readonly error?: { readonly condition: string };
  readonly session: never;
  add_credit(count: number): void;
  drain_credit(): void;
  send(message: object): void;
  close(): void;
}

/** A connection that may touch the whole namespace. */
export interface RawClient {
  openReceiver(options: object): RawLink;
  openSender(address: string): RawLink;
  close(): Promise<void>;
}

/** Connects without showing a token. */
export function connectRaw(broker: ServiceBusBroker): RawClient {
  const container = rhea.create_container();
  const connection = container.connect({
    port: broker.port,
    host: '127.0.0.1',
    username: 'raw',
    reconnect: false,
  });
  container.on('error', () => undefined);
  return {
    openReceiver: (options) => connection.open_receiver(options) as unknown as RawLink,
    openSender: (address) => connection.open_sender(address) as unknown as RawLink,
    close: async () => {
      const closed = happens(container, 'connection_close');
      connection.close();
      await closed;
    },
  };
}

/** Connects and shows a token for the whole namespace. */
export async function connectAuthorised(broker: ServiceBusBroker): Promise<RawClient> {
  const client = connectRaw(broker);
  const status = await putToken(client, broker, '');
  if (status !== 202) throw new Error(`the token was refused with ${status}`);
  return client;
}

/** Shows a token for a path and returns the status of the answer. */
export async function putToken(client: RawClient, broker: ServiceBusBroker, path: string): Promise<number> {
  const key = /SharedAccessKey=([^;]+)/.exec(broker.connectionString)?.[1] ?? '';
  const audience = `sb://127.0.0.1:${broker.port}/${path}`;
  const expires = Math.floor(Date.now() / 1000) + 600;
  const resource = encodeURIComponent(audience);
  const signature = createHmac('sha256', key).update(`${resource}\n${expires}`).digest('base64');
  const answers = client.openReceiver({ name: 'cbs-answers', source: '$cbs', target: 'cbs-answers' });
  const requests = client.openSender('$cbs');
  await happens(requests, 'sendable');
  const answered = happens(answers, 'message');
  requests.send({
    message_id: '1',
    reply_to: 'cbs-answers',
    application_properties: {
      operation: 'put-token',
      type: 'servicebus.windows.net:sastoken',
      name: audience,
    },
    body: `SharedAccessSignature sr=${resource}&sig=${encodeURIComponent(signature)}&se=${expires}&skn=RootManageSharedAccessKey`,
  });
  const { message } = (await answered) as { message: { application_properties: { statusCode: number } } };
  return message.application_properties.statusCode;
}

/** Resolves with what comes with the next event of a name. */
export function happens(emitter: EventEmitter, event: string): Promise<unknown> {
  return new Promise((resolve) => emitter.once(event, resolve));
}
