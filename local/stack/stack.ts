/** The local stack as a whole: Azurite, Cosmos DB, Service Bus, token issuer and Functions hosts, in that order. */
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { createServer } from 'node:net';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import topology from '../../infra/topology/service-bus.json' with { type: 'json' };
import { openBlobService, provisionBlobs } from '../../src/adapters/blob/raw-archive.js';
import { openCosmos } from '../../src/adapters/cosmos/connect.js';
import { provisionCosmos } from '../../src/adapters/cosmos/provision.js';
import { startDevelopmentIssuer } from '../development-issuer.js';
import { developmentKey } from '../issuer/keys.js';
import type { ScaleGroup } from '../functions-host/scale-group.js';
import { configFromTopology } from '../service-bus/config-from-topology.js';
import { portsFrom, type StackPorts } from './ports.js';
import { requireValidSettings, writeLocalSettings } from './settings.js';
import { createSupervisor, type PartOptions } from './supervisor.js';
import { isRunning } from './is-running.js';

const SAMPLE_SETTINGS = 'local.settings.sample.json';

export interface StackOptions {
  /** Folder of the repository: holds `dist/`, `.build/` and the sample settings. */
  readonly rootDir: string;
  readonly stateDir: string;
  readonly portOffset: number;
  /** Takes the place of the customary ports and their offset. */
  readonly ports?: StackPorts;
  /** The function app to run; default `dist/` of the repository. */
  readonly appDir?: string;
  /** Settings that the Functions hosts alone get. */
  readonly hostSettings?: Readonly<Record<string, string>>;
  /** Leaves out the Functions hosts, for `func start`. */
  readonly withoutHost: boolean;
  readonly log: (line: string) => void;
}

export interface Stack {
  readonly url: string;
  readonly ports: StackPorts;
  readonly settings: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** Starts everything, each part in its own process and restarted when it dies, and waits until all are ready. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { rootDir, stateDir, log } = options;
  const ports = options.ports ?? portsFrom(options.portOffset);
  await requireValidSettings(join(rootDir, SAMPLE_SETTINGS), process.env);
  await untilPredecessorsEnded(stateDir);
  await requireFreePorts(ports, options.withoutHost);
  await mkdir(join(stateDir, 'logs'), { recursive: true });
  const supervisor = createSupervisor(rootDir, stateDir, log);
  let issuer: Server | undefined;
  const stop = async () => {
    await supervisor.stop();
    issuer?.close();
  };
  try {
    await writeServiceBusConfig(stateDir);
    const parts = backingParts(rootDir, stateDir, ports);
    await supervisor.start(parts.azurite, parts.cosmos.part, parts.serviceBus.part);
    issuer = await startDevelopmentIssuer(stateDir, ports.issuer);
    const settingsFile = join(stateDir, 'local.settings.json');
    const settings = await writeLocalSettings(
      join(rootDir, SAMPLE_SETTINGS),
      settingsFile,
      ports,
      {
        cosmos: parts.cosmos.connectionString,
        serviceBus: parts.serviceBus.connectionString,
        signingKey: JSON.stringify(await developmentKey(stateDir, 'exchange')),
      },
      options.hostSettings,
    );
    await provision(settings);
    if (!options.withoutHost) {
      await supervisor.start(...(await hostParts(options, settingsFile, ports)));
    }
    return {
      url: `http://127.0.0.1:${ports.functions}`,
      ports,
      settings,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function backingParts(rootDir: string, stateDir: string, ports: StackPorts) {
  const blobService = createRequire(import.meta.url).resolve('azurite/dist/src/blob/main.js');
  const isReady = (line: string) => line.includes('"ready":true');
  const cosmosKey =
    'C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==';
  return {
    azurite: {
      name: 'azurite',
      args: [
        '--import',
        pathToFileURL(join(rootDir, '.build/local/stack/azurite/keep-index.js')).href,
        blobService,
        ...['--blobHost', '127.0.0.1', '--blobPort', String(ports.blob)],
        ...[
          '--location',
          join(stateDir, 'azurite'),
          '--disableTelemetry',
          '--skipApiVersionCheck',
          '--silent',
        ],
      ],
      isReady: (line: string) => line.includes('successfully listens on'),
    },
    cosmos: {
      part: {
        name: 'cosmos',
        args: [
          // It keeps all that it is given: 38 KB a message about somebody new, 11 GB after an hour's soak at 80 a second.
          '--max-old-space-size=16384',
          join(rootDir, '.build/local/cosmos/main.js'),
          ...['--port', String(ports.cosmos), '--data', join(stateDir, 'cosmos'), '--ranges', '3'],
        ],
        isReady,
      },
      connectionString: `AccountEndpoint=http://127.0.0.1:${ports.cosmos}/;AccountKey=${cosmosKey};`,
    },
    serviceBus: {
      part: {
        name: 'service-bus',
        args: [
          join(rootDir, '.build/local/service-bus/main.js'),
          ...['--port', String(ports.serviceBus), '--health-port', String(ports.serviceBusHealth)],
          ...['--config', join(stateDir, 'service-bus.json'), '--data', join(stateDir, 'service-bus')],
        ],
        isReady,
      },
      connectionString:
        `Endpoint=sb://127.0.0.1:${ports.serviceBus};SharedAccessKeyName=RootManageSharedAccessKey;` +
        'SharedAccessKey=SAS_KEY_VALUE;UseDevelopmentEmulator=true',
    },
  };
}

/**
 * The Functions host once for each scale group, as on Flex Consumption. The one in the background gives way, so that
 * intake goes on while the machine is full; the one that answers requests comes last, and is stopped first.
 *
 * Both run a copy of the deployable folder, so that a build during a running stack changes nothing under their feet.
 */
async function hostParts(
  { rootDir, stateDir, appDir: source = join(rootDir, 'dist') }: StackOptions,
  settingsFile: string,
  ports: StackPorts,
): Promise<PartOptions[]> {
  const appDir = join(stateDir, 'app');
  await rm(appDir, { recursive: true, force: true });
  await cp(source, appDir, { recursive: true });
  const hostPart = (group: ScaleGroup, ...preloads: readonly string[]): PartOptions => ({
    name: `functions-${group}`,
    args: [
      ...preloads.flatMap((file) => ['--import', pathToFileURL(join(rootDir, file)).href]),
      join(rootDir, '.build/local/functions-host/main.js'),
      ...['--app', appDir, '--settings', settingsFile],
      ...['--group', group, '--port', String(ports.functions)],
    ],
    isReady: (line) => line.includes('"ready":true'),
  });
  return [hostPart('background', '.build/local/stack/low-priority.js'), hostPart('http')];
}

async function writeServiceBusConfig(stateDir: string): Promise<void> {
  await writeFile(join(stateDir, 'service-bus.json'), JSON.stringify(configFromTopology(topology), null, 2));
}

async function provision(settings: Readonly<Record<string, string>>): Promise<void> {
  const connection = (name: string) =>
    ({ kind: 'connection-string', connectionString: settings[name] ?? '' }) as const;
  const cosmos = await openCosmos(connection('HDE_COSMOS'));
  await provisionCosmos(cosmos);
  cosmos.dispose();
  await provisionBlobs(await openBlobService(connection('HDE_STORAGE')));
}

/** Parts of a stack that was killed need a moment to notice it; two processes must never write to one folder. */
async function untilPredecessorsEnded(stateDir: string): Promise<void> {
  let pids: number[];
  try {
    pids = Object.values(
      JSON.parse(await readFile(join(stateDir, 'pids.json'), 'utf8')) as Record<string, number>,
    );
  } catch {
    return;
  }
  for (let attempt = 1; attempt <= 28 && pids.some(isRunning); attempt++) await sleep(250);
}

/** Says which port is taken before anything starts, instead of a stack trace from one of the parts. */
async function requireFreePorts(ports: StackPorts, withoutHost: boolean): Promise<void> {
  for (const [name, port] of Object.entries<number>({ ...ports })) {
    if (withoutHost && name === 'functions') continue;
    if (!(await becomesFree(port))) {
      throw new Error(
        `Port ${port} (${name}) is in use. Stop what uses it, or move all ports: npm start -- --port-offset 100`,
      );
    }
  }
}

/** Parts of a stack that was killed need a moment to notice it. */
async function becomesFree(port: number): Promise<boolean> {
  for (let attempt = 1; attempt <= 24; attempt++) {
    if (await isFree(port)) return true;
    await sleep(250);
  }
  return false;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => {
      resolve(false);
    });
    probe.listen(port, '127.0.0.1', () =>
      probe.close(() => {
        resolve(true);
      }),
    );
  });
}

/** True when the state folder holds the marker that an earlier start left. */
export async function readFirstStart(stateDir: string): Promise<string | undefined> {
  try {
    return await readFile(join(stateDir, 'first-start'), 'utf8');
  } catch {
    return undefined;
  }
}

/** Remembers what the first start did, so that the sample day plays by itself only once. */
export async function writeFirstStart(stateDir: string, outcome: 'played' | 'empty'): Promise<void> {
  await writeFile(join(stateDir, 'first-start'), outcome);
}
