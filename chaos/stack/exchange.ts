/** The exchange under test: the local stack as processes of their own, behind a network that fails. */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { mintDevelopmentToken, type DevelopmentClaims } from '../../local/development-issuer.js';
import { portsInRow, type StackPorts } from '../../local/stack/ports.js';
import { chaosAccessPolicy, chaosFeeds } from '../feeds.js';
import { startHttpProxy, type FaultyLink } from '../faults/http-proxy.js';
import { refuseAsBlob, refuseAsCosmos } from '../faults/refusals.js';
import { startTcpProxy } from '../faults/tcp-proxy.js';
import type { Random } from '../random.js';

export interface ExchangeOptions {
  readonly rootDir: string;
  readonly stateDir: string;
  /** The function app to run. */
  readonly appDir: string;
  /** Nine ports in a row. */
  readonly firstPort: number;
  readonly faults: FaultRates;
  readonly random: Random;
}

export interface FaultRates {
  /** Share of requests to the stores that meet a fault. */
  readonly share: number;
  /** How long a connection to Service Bus holds, in milliseconds; Infinity for ever. */
  readonly connectionMs: number;
}

export interface Links {
  readonly cosmos: FaultyLink;
  readonly blob: FaultyLink;
  readonly serviceBus: FaultyLink;
}

export interface Exchange {
  readonly url: string;
  readonly stateDir: string;
  readonly links: Links;
  /** Connections past the proxies, for the checker. */
  readonly direct: { readonly cosmos: string; readonly serviceBus: string };
  token(claims: DevelopmentClaims): Promise<string>;
  pidOf(part: string): number | undefined;
  /** Kills the supervisor (`kill -9`) and starts the stack anew. */
  killSupervisor(): Promise<void>;
  stop(): Promise<void>;
}

const startAttempts = 5;

/** Starts proxies and stack; the settings of the host alone lead through the proxies. */
export async function startExchange(options: ExchangeOptions): Promise<Exchange> {
  const { stateDir, firstPort } = options;
  const ports = portsInRow(firstPort);
  await mkdir(stateDir, { recursive: true });
  const links = await startLinks(options, ports);
  const direct = await directConnections(options.rootDir, ports);
  const settingsFile = join(stateDir, 'host-settings.json');
  await writeFile(settingsFile, JSON.stringify(await hostSettings(options, links)));
  let supervisor = await startSupervisor(options, settingsFile);
  // Whoever breaks a run off leaves nothing behind that holds ports: the parts end with their supervisor.
  process.once('exit', () => supervisor.kill('SIGKILL'));
  return {
    url: `http://127.0.0.1:${ports.functions}`,
    stateDir,
    links,
    direct,
    token: (claims) => mintDevelopmentToken(claims, { stateDir }),
    pidOf: (part) => pidOf(stateDir, part),
    async killSupervisor() {
      await end(supervisor, 'SIGKILL');
      supervisor = await startSupervisor(options, settingsFile);
    },
    async stop() {
      await end(supervisor, 'SIGINT');
      await Promise.all(Object.values<FaultyLink>({ ...links }).map((link) => link.close()));
    },
  };
}

async function startLinks({ firstPort, faults, random }: ExchangeOptions, ports: StackPorts): Promise<Links> {
  const http = (name: string, port: number, target: number, refuse: typeof refuseAsCosmos) =>
    startHttpProxy({ port, target, random: random.fork(name), faultShare: faults.share, refuse });
  const lifetimeMs = faults.connectionMs;
  return {
    cosmos: await http('cosmos', firstPort + 6, ports.cosmos, refuseAsCosmos),
    blob: await http('blob', firstPort + 7, ports.blob, refuseAsBlob),
    serviceBus: await startTcpProxy({
      port: firstPort + 8,
      target: ports.serviceBus,
      random: random.fork('service-bus'),
      lifetimeMs,
    }),
  };
}

type Settings = Readonly<
  Record<'HDE_COSMOS' | 'HDE_SERVICEBUS' | 'HDE_STORAGE' | 'HDE_ACCESS_POLICY', string>
>;

/** The committed sample settings, whose keys the local parts accept. */
async function sampleSettings(rootDir: string): Promise<Settings> {
  const text = await readFile(join(rootDir, 'local.settings.sample.json'), 'utf8');
  return (JSON.parse(text) as { Values: Settings }).Values;
}

/** A connection string of the sample, led to another port. */
const at = (connection: string, port: number): string =>
  connection.replace(/(127\.0\.0\.1:)\d+/, `$1${port}`);

async function directConnections(rootDir: string, ports: StackPorts): Promise<Exchange['direct']> {
  const { HDE_COSMOS, HDE_SERVICEBUS } = await sampleSettings(rootDir);
  return { cosmos: at(HDE_COSMOS, ports.cosmos), serviceBus: at(HDE_SERVICEBUS, ports.serviceBus) };
}

async function hostSettings({ rootDir }: ExchangeOptions, links: Links): Promise<Record<string, string>> {
  const { HDE_COSMOS, HDE_SERVICEBUS, HDE_STORAGE, HDE_ACCESS_POLICY } = await sampleSettings(rootDir);
  return {
    HDE_COSMOS: at(HDE_COSMOS, links.cosmos.port),
    HDE_SERVICEBUS: at(HDE_SERVICEBUS, links.serviceBus.port),
    HDE_STORAGE: at(HDE_STORAGE, links.blob.port),
    HDE_FEEDS: JSON.stringify(chaosFeeds),
    HDE_ACCESS_POLICY: chaosAccessPolicy(HDE_ACCESS_POLICY),
    HDE_RECONCILE_AFTER_SECONDS: '30',
    HDE_RECONCILE_SCHEDULE: '*/10 * * * * *',
  };
}

async function startSupervisor(options: ExchangeOptions, settingsFile: string): Promise<ChildProcess> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await spawnSupervisor(options, settingsFile);
    } catch (error) {
      if (attempt === startAttempts) throw error;
      await sleep(2000);
    }
  }
}

async function spawnSupervisor(
  { rootDir, stateDir, appDir, firstPort }: ExchangeOptions,
  settingsFile: string,
): Promise<ChildProcess> {
  const args = [
    join(rootDir, '.build/local/start.js'),
    ...['--empty', '--state', stateDir, '--first-port', String(firstPort)],
    ...['--app', appDir, '--host-settings', settingsFile],
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const output: string[] = [];
  child.stderr.on('data', (text: Buffer) => output.push(text.toString()));
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      output.push(line);
      if (line.includes('The exchange is up')) resolve();
    });
    child.once('exit', () => {
      reject(new Error(`the stack ended before it was up:\n${output.join('\n')}`));
    });
  });
  return child;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await ended;
}

function pidOf(stateDir: string, part: string): number | undefined {
  try {
    return (JSON.parse(readFileSync(join(stateDir, 'pids.json'), 'utf8')) as Record<string, number>)[part];
  } catch {
    // The supervisor was killed while it wrote the file.
    return undefined;
  }
}
