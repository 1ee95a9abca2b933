import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createListener } from './http/listener.js';
import type { Clock } from './storage/account.js';
import { sweepExpired } from './storage/expiry.js';
import { openAccount } from './storage/open-account.js';
import { maximumRanges } from './storage/ranges.js';

/** The key that Microsoft's emulator publishes: no secret, for development only. */
export const emulatorKey =
  'C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==';

const sweepIntervalMs = 5_000;

/** How long a closing endpoint waits for requests that are still being answered. */
const drainMs = 2_000;

export interface CosmosEndpointOptions {
  /** TCP port on 127.0.0.1; 0 picks a free one. */
  readonly port: number;
  /** Folder of the log. Without it everything is lost when the endpoint closes. */
  readonly dataDir?: string | undefined;
  /** Partition key ranges of new containers, 1 to 16 (default 3, so that queries really fan out). */
  readonly ranges?: number | undefined;
  /** Base64 master key (default: the well-known key of Microsoft's emulator). */
  readonly key?: string | undefined;
  /** Whether answers wait until the disk has the log (default false: the page cache survives a killed process). */
  readonly fsync?: boolean | undefined;
  /** The present in milliseconds since 1970 (default: the system's clock). */
  readonly clock?: Clock | undefined;
}

export interface CosmosEndpoint {
  /** Such as `http://127.0.0.1:8081/`. */
  readonly endpoint: string;
  readonly key: string;
  readonly connectionString: string;
  /** Lets running requests end, then closes connections and log. */
  readonly close: () => Promise<void>;
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

async function stop(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
  server.closeIdleConnections();
  const cutOff = setTimeout(() => {
    server.closeAllConnections();
  }, drainMs);
  await closed;
  clearTimeout(cutOff);
}

/**
 * Starts a Cosmos DB for NoSQL endpoint on 127.0.0.1 for development and tests.
 *
 * @throws Error when the port is taken, the options make no sense, or the log is damaged in its middle.
 */
export async function startCosmosEndpoint(options: CosmosEndpointOptions): Promise<CosmosEndpoint> {
  const { port, dataDir, ranges = 3, key = emulatorKey, fsync, clock } = options;
  if (!Number.isInteger(ranges) || ranges < 1 || ranges > maximumRanges) {
    throw new Error(`The number of ranges must be 1 to ${maximumRanges}.`);
  }
  const account = openAccount({ dataDir, ranges, fsync, clock });
  const server = createListener(account, key);
  let address: number;
  try {
    address = await listen(server, port);
  } catch (error) {
    await account.close();
    throw error;
  }
  const sweeper = setInterval(() => sweepExpired(account), sweepIntervalMs);
  sweeper.unref();
  const endpoint = `http://127.0.0.1:${address}/`;
  let closing: Promise<void> | undefined;
  return {
    endpoint,
    key,
    connectionString: `AccountEndpoint=${endpoint};AccountKey=${key};`,
    close: () => {
      clearInterval(sweeper);
      closing ??= stop(server).then(() => account.close());
      return closing;
    },
  };
}
