/**
 * A network that fails, between the Functions host and Service Bus: connections break, at times after the broker has
 * taken what was sent and before its answer arrives.
 */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { Random } from '../random.js';
import type { FaultyLink } from './http-proxy.js';

export interface TcpProxyOptions {
  readonly port: number;
  readonly target: number;
  readonly random: Random;
  /** How long a connection holds, in milliseconds: from half as long to twice as long; Infinity for ever. */
  readonly lifetimeMs: number;
}

/** For so long the broker takes what it is sent while its answers are lost, before the connection breaks. */
const deafMs = 250;

/** Starts the proxy on 127.0.0.1. */
export async function startTcpProxy({
  port,
  target,
  random,
  lifetimeMs,
}: TcpProxyOptions): Promise<FaultyLink> {
  const counts: Record<string, number> = { connections: 0, broken: 0 };
  const open = new Set<() => void>();
  let frozen = false;
  let calm = false;
  const server = createServer((client) => {
    counts['connections'] = (counts['connections'] ?? 0) + 1;
    let deaf = false;
    const broker = connect(target, '127.0.0.1');
    const end = join(client, broker, () => deaf || frozen);
    const timer = setTimeout(
      () => {
        if (calm || !Number.isFinite(lifetimeMs)) return;
        counts['broken'] = (counts['broken'] ?? 0) + 1;
        deaf = true;
        setTimeout(end, deafMs).unref();
      },
      Number.isFinite(lifetimeMs) ? random.between(lifetimeMs / 2, lifetimeMs * 2) : 0,
    );
    open.add(end);
    client.once('close', () => {
      clearTimeout(timer);
      open.delete(end);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    counts,
    freeze: () => {
      frozen = true;
    },
    thaw: () => {
      // What was held back is lost, and with it the connection.
      for (const end of open) end();
      frozen = false;
    },
    calm: () => {
      calm = true;
    },
    close: () =>
      new Promise((resolve) => {
        for (const end of open) end();
        server.close(() => {
          resolve();
        });
      }),
  };
}

/** Lets bytes pass both ways, from the broker only while it may be heard; answers how to break the connection. */
function join(client: Socket, broker: Socket, isDeaf: () => boolean): () => void {
  const end = (): void => {
    client.destroy();
    broker.destroy();
  };
  for (const socket of [client, broker]) {
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.once('close', end);
  }
  client.pipe(broker);
  broker.on('data', (bytes) => {
    if (!isDeaf()) client.write(bytes);
  });
  return end;
}
