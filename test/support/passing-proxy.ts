/** Stands between a client and an endpoint on this machine. */
import { createServer, request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface PassingProxy {
  readonly port: number;
  close(): void;
}

/**
 * Passes requests on to a port, but for those that it is told to answer otherwise.
 *
 * @param answered sees each request, and says whether it has answered it itself
 */
export async function startPassingProxy(
  port: number,
  answered: (incoming: IncomingMessage, outgoing: ServerResponse) => boolean,
): Promise<PassingProxy> {
  const server = createServer((incoming, outgoing) => {
    if (answered(incoming, outgoing)) {
      incoming.resume();
      return;
    }
    const { url, method, headers } = incoming;
    const passed = ask({ port, host: '127.0.0.1', path: url, method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(passed);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** The connection string of a proxy before an endpoint. */
export const throughProxy = (connectionString: string, { port }: PassingProxy): string =>
  connectionString.replace(/:\d+\//, `:${port}/`);

/** The port of an endpoint. */
export const portOf = (connectionString: string): number => Number(/:(\d+)\//.exec(connectionString)?.[1]);
