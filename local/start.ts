/** `npm start`: the whole exchange on one machine, in the foreground until Ctrl-C. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DEFAULT_URL, playSampleDay } from './demo/play.js';
import { mintDevelopmentToken } from './development-issuer.js';
import { portsInRow } from './stack/ports.js';
import { readFirstStart, startStack, writeFirstStart, type Stack, type StackOptions } from './stack/stack.js';
import { startCollector } from './telemetry/collector.js';

const usage = `Usage: npm start -- [--empty] [--without-host] [--port-offset N] [--state DIR]
                    [--first-port N] [--app DIR] [--host-settings FILE] [--telemetry]

  --empty         does not play the sample day on the first start
  --without-host  starts the services only, for use with "func start"
  --port-offset   added to every port (7071, 10000, 8081, 5672, 5300, 7075)
  --state         folder for data and logs (default .local)
  --first-port    six ports in a row from this one, instead of the customary ones
  --app           folder of the function app (default dist)
  --host-settings JSON file of settings that the Functions host alone gets
  --telemetry     writes traces and metrics to the folder telemetry of the state
  --help          prints this`;

const rootDir = join(import.meta.dirname, '../..');
const defaultState = join(rootDir, '.local');

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      empty: { type: 'boolean', default: false },
      'without-host': { type: 'boolean', default: false },
      'port-offset': { type: 'string', default: '0' },
      state: { type: 'string', default: defaultState },
      'first-port': { type: 'string' },
      app: { type: 'string' },
      'host-settings': { type: 'string' },
      telemetry: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return;
  }
  const began = performance.now();
  console.log('Starting Azurite, Cosmos DB, Service Bus and the Functions host ...');
  const stack = await startStack({
    rootDir,
    stateDir: values.state,
    portOffset: portOffsetOf(values['port-offset']),
    withoutHost: values['without-host'],
    ...unusual(values),
    hostSettings: { ...(await settingsFrom(values['host-settings'])), ...(await telemetrySettings(values)) },
    log: (line) => {
      console.log(line);
    },
  });
  stopOnSignal(stack);
  printLinks(stack, values.state, (performance.now() - began) / 1000);
  if (!values['without-host']) await playOnFirstStart(stack, values.state, values.empty);
}

/** What only tests of the stack as a whole ask for. */
function unusual(values: {
  readonly 'first-port'?: string;
  readonly app?: string;
}): Pick<StackOptions, 'ports' | 'appDir'> {
  const { 'first-port': firstPort, app } = values;
  return {
    ...(firstPort === undefined ? {} : { ports: portsInRow(Number(firstPort)) }),
    ...(app === undefined ? {} : { appDir: app }),
  };
}

const settingsFrom = async (file: string | undefined): Promise<Record<string, string>> =>
  file === undefined ? {} : (JSON.parse(await readFile(file, 'utf8')) as Record<string, string>);

/** Where the exchange sends its telemetry to: a collector of this process, as long as it runs. */
async function telemetrySettings(values: {
  readonly telemetry: boolean;
  readonly state: string;
}): Promise<Record<string, string>> {
  if (!values.telemetry) return {};
  const { url } = await startCollector(0, join(values.state, 'telemetry'));
  return { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_METRIC_EXPORT_INTERVAL: '5000' };
}

function portOffsetOf(text: string): number {
  const offset = Number(text);
  if (!/^\d+$/.test(text) || offset > 50_000)
    throw new Error('--port-offset needs a whole number up to 50000');
  return offset;
}

function stopOnSignal(stack: Stack): void {
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    console.log('\nStopping: running work ends first ...');
    void stack.stop().then(() => {
      console.log('Stopped. State is kept; the next start continues from it.');
      process.exit(0);
    });
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

function printLinks({ url, ports }: Stack, stateDir: string, seconds: number): void {
  const state = stateDir === defaultState ? '' : ` --state ${stateDir}`;
  const options = `${url === DEFAULT_URL ? '' : ` --url ${url}`}${state}`;
  console.log(`
The exchange is up (${seconds.toFixed(1)} s).

  Health        ${url}/health
  FHIR API      ${url}/fhir/metadata   (open; records need a token)
  Post messages ${url}/ingest/rzz-tie   (needs a token)
  Queue depths  http://127.0.0.1:${ports.serviceBusHealth}/queues
  Logs          ${join(stateDir, 'logs')}

  A token       npm run --silent token -- --role reader${state}
  The sample day again, with figures: npm run demo${options === '' ? '' : ` --${options}`}

Ctrl-C stops everything.
`);
}

async function playOnFirstStart(stack: Stack, stateDir: string, empty: boolean): Promise<void> {
  const first = await readFirstStart(stateDir);
  if (first !== undefined) {
    console.log(`Continuing from ${stateDir}${first === 'played' ? ' (the sample day was played)' : ''}.`);
    return;
  }
  if (empty) {
    await writeFirstStart(stateDir, 'empty');
    return;
  }
  console.log(
    'First start: playing a day of the sample hospital, about a minute; the exchange is usable meanwhile.',
  );
  const token = await mintDevelopmentToken({ roles: ['sender', 'reader'], feeds: ['rzz-tie'] }, { stateDir });
  await playSampleDay({ url: stack.url, token });
  await writeFirstStart(stateDir, 'played');
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
