import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { parseConfigText } from './config/read-config.js';
import { startServiceBusBroker } from './server.js';

const USAGE = 'usage: main --config FILE [--port N] [--health-port N] [--data DIR] [--key KEY]';

/** Starts the broker as a process of its own; prints one line of JSON when it listens. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '5672' },
      'health-port': { type: 'string' },
      config: { type: 'string' },
      data: { type: 'string' },
      key: { type: 'string' },
    },
  });
  const { config, data, key, 'health-port': healthPort } = values;
  if (config === undefined) throw new Error(USAGE);
  const broker = await startServiceBusBroker({
    port: portFrom(values.port),
    config: parseConfigText(readFileSync(config, 'utf8')),
    log: (line) => {
      console.error(line);
    },
    onFailure: () => process.exit(1),
    ...(healthPort === undefined ? {} : { healthPort: portFrom(healthPort) }),
    ...(data === undefined ? {} : { dataDir: data }),
    ...(key === undefined ? {} : { key }),
  });
  const { connectionString } = broker;
  console.log(JSON.stringify({ ready: true, connectionString, healthPort: broker.healthPort }));
  let isStopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (isStopping) return;
      isStopping = true;
      void broker.close().then(() => process.exit(0));
    });
  }
}

function portFrom(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new Error(`'${text}' is no port number; ${USAGE}`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
});
