/**
 * One of the servers that are compared, in a process of its own: `echo`, `guarded` (the echo with authentication and
 * audit trail of the exchange), `exchange`, `functions` (the exchange with the requests of the Functions library) or `medplum`. The parent is told the port, and gets an answer to each message: the
 * processor time that was used.
 */
import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import { createEcho } from './echo.js';

async function create(kind: string | undefined): Promise<Server> {
  switch (kind) {
    case 'echo':
      return createEcho();
    case 'guarded':
      return (await import('./exchange-server.js')).createGuardedEcho();
    case 'exchange':
      return (await import('./exchange-server.js')).createExchange();
    case 'functions':
      return (await import('./exchange-server.js')).createFunctions();
    case 'medplum':
      return (await import('./medplum-server.js')).createMedplum(process.argv[3] ?? '');
    default:
      throw new Error('echo, guarded, exchange, functions or medplum?');
  }
}

const server = await create(process.argv[2]);
// Connections wait for the turns of the others, and for what is loaded in between.
server.keepAliveTimeout = 0;
server.listen(0, '127.0.0.1', () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
});
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuMs: (user + system) / 1000 });
});
process.once('disconnect', () => process.exit(0));
