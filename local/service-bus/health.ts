import { createServer } from 'node:http';
import type { EntityCounts } from './entities/namespace.js';

/** The HTTP side of a running broker. */
export interface HealthEndpoint {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Serves `GET /health` (like Microsoft's emulator) and `GET /queues` (messages per entity by state) on
 * 127.0.0.1.
 *
 * @param port 0 for any free one
 */
export async function serveHealth(
  port: number,
  counts: () => Record<string, EntityCounts>,
): Promise<HealthEndpoint> {
  const routes: Readonly<Record<string, () => unknown>> = {
    '/health': () => ({ status: 'healthy' }),
    '/queues': counts,
  };
  const server = createServer((request, response) => {
    const route = routes[(request.url ?? '').replace(/\?.*$/, '')];
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    const status = route === undefined ? 404 : isRead ? 200 : 405;
    const body = status === 200 ? route?.() : { error: status === 404 ? 'not found' : 'method not allowed' };
    response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
