import { parseArgs } from 'node:util';
import { startCosmosEndpoint } from './server.js';

const usage = 'usage: main --port N [--data DIR] [--ranges 3] [--fsync]';

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        port: { type: 'string', default: '8081' },
        data: { type: 'string' },
        ranges: { type: 'string', default: '3' },
        fsync: { type: 'boolean', default: false },
      },
    });
    const { port, data, ranges, fsync } = values;
    if (!/^\d{1,5}$/.test(port) || !/^\d{1,2}$/.test(ranges)) return fail(usage);
    return { port: Number(port), dataDir: data, ranges: Number(ranges), fsync };
  } catch {
    return fail(usage);
  }
}

const endpoint = await startCosmosEndpoint(readOptions()).catch((error: unknown) =>
  fail(error instanceof Error ? error.message : String(error)),
);

let stopping = false;
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    if (stopping) return;
    stopping = true;
    endpoint.close().then(
      () => process.exit(0),
      (error: unknown) => fail(String(error)),
    );
  });
}

console.log(JSON.stringify({ ready: true, endpoint: endpoint.endpoint }));
