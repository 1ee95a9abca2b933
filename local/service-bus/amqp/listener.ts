import type { Server, Socket } from 'node:net';
import rhea from 'rhea';
import type { BrokerServices } from './client-connection.js';
import { ClientConnection } from './client-connection.js';
import type { OutcomeName } from './outgoing-link.js';
import type { Connection, EventContext } from './rhea.js';
import { keepMessagesRaw, LISTEN_OPTIONS } from './rhea.js';

/** The AMQP side of a running broker. */
export interface Listener {
  readonly port: number;
  /** Ends every connection and stops listening. */
  close(): Promise<void>;
}

/**
 * Listens for AMQP 1.0 connections on 127.0.0.1.
 *
 * @param port 0 for any free one
 * @param onError told of failures that belong to no request
 * @throws Error when the port is taken
 */
export async function listen(
  services: BrokerServices,
  port: number,
  onError: (error: unknown) => void,
): Promise<Listener> {
  const container = rhea.create_container({ id: 'local-service-bus' });
  offerMechanisms(container.sasl_server_mechanisms as Mechanisms);
  const connections = new Map<Connection, ClientConnection>();
  subscribe(container, services, connections, onError);
  const server = container.listen({ ...LISTEN_OPTIONS, port, host: '127.0.0.1' });
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', reject);
  });
  server.on('error', onError);
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: () => closeAll(server, connections.keys(), sockets),
  };
}

interface Mechanisms {
  enable_anonymous(): void;
  [name: string]: unknown;
}

/** Access is granted through `$cbs`, so these only open the door to it. */
function offerMechanisms(mechanisms: Mechanisms): void {
  mechanisms.enable_anonymous();
  for (const name of ['EXTERNAL', 'MSSBCBS']) {
    mechanisms[name] = () => ({
      outcome: undefined as boolean | undefined,
      start() {
        this.outcome = true;
      },
    });
  }
}

type Subscribable = Pick<NodeJS.EventEmitter, 'on'>;

function subscribe(
  container: Subscribable,
  services: BrokerServices,
  connections: Map<Connection, ClientConnection>,
  onError: (error: unknown) => void,
): void {
  const on = (event: string, handle: (client: ClientConnection, context: EventContext) => void): void => {
    container.on(event, (context: EventContext) => {
      const client = connections.get(context.connection);
      if (client === undefined) return;
      try {
        handle(client, context);
      } catch (error) {
        onError(error);
        context.connection.close({ condition: 'amqp:internal-error', description: 'The broker failed.' });
      }
    });
  };
  container.on('connection_open', ({ connection }: EventContext) => {
    connections.set(connection, new ClientConnection(services));
  });
  on('session_open', (client, { session }) => {
    keepMessagesRaw(session, services.maxMessageSize, (receiver) => {
      client.onTooLarge(receiver);
    });
  });
  subscribeLinks(on);
  const forget = ({ connection }: EventContext): void => {
    connections.get(connection)?.onGone();
    connections.delete(connection);
  };
  container.on('connection_close', forget);
  container.on('disconnected', forget);
  // rhea raises an error when nobody listens; a client that misbehaves or vanishes is its own affair.
  for (const event of [
    'connection_error',
    'session_error',
    'sender_error',
    'receiver_error',
    'protocol_error',
  ]) {
    container.on(event, () => undefined);
  }
  container.on('error', onError);
}

function subscribeLinks(
  on: (event: string, handle: (client: ClientConnection, context: EventContext) => void) => void,
): void {
  on('sender_open', (client, { sender }) => {
    client.onReceiverAttached(sender);
  });
  on('receiver_open', (client, { receiver }) => {
    client.onSenderAttached(receiver);
  });
  on('message', (client, { receiver, delivery, message }) => {
    client.onMessage(receiver, delivery, message);
  });
  on('sender_flow', (client, { sender }) => {
    client.onFlow(sender);
  });
  on('sender_draining', (client, { sender }) => {
    client.onDrain(sender);
  });
  const outcomes: readonly OutcomeName[] = ['accepted', 'rejected', 'modified', 'released'];
  for (const name of outcomes) {
    on(name, (client, { sender, delivery }) => {
      client.onOutcome(name, sender, delivery);
    });
  }
  on('sender_close', (client, { sender }) => {
    client.onReceiverGone(sender);
  });
  on('receiver_close', (client, { receiver }) => {
    client.onSenderGone(receiver);
  });
  on('session_close', (client, { session }) => {
    client.onSessionGone(session);
  });
}

async function closeAll(
  server: Server,
  connections: Iterable<Connection>,
  sockets: Iterable<Socket>,
): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
  for (const connection of connections) {
    connection.close({ condition: 'amqp:connection:forced', description: 'The broker is shutting down.' });
  }
  // Lets the close frames out before the sockets go.
  await new Promise((resolve) => setImmediate(resolve));
  // With an error rhea notices, and stops its timers.
  for (const socket of sockets) socket.destroy(new Error('The broker is shutting down.'));
  await closed;
}
