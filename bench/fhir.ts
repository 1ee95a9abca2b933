/**
 * `npm run bench:fhir`: reads, searches by patient, creates and transactions of the FHIR API, beside a bare echo of the
 * same bodies and the FHIR router of Medplum over its repository in memory, in turns on one machine; then the same on
 * the whole local stack; then a search by identifier among 1,000 and 100,000 patients. Adds to bench/results/fhir.json.
 */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { cpus, loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Patient } from 'fhir/r4.js';
import { mintDevelopmentToken, startDevelopmentIssuer } from '../local/development-issuer.js';
import { startStack } from '../local/stack/stack.js';
import { compare, type Figures, type Operation, round } from './fhir/compare.js';
import { requestText } from './fhir/connection.js';
import { type Contender, openContender, startContender } from './fhir/contenders.js';
import { isEcho } from './fhir/echo.js';
import { measureIdentifiers } from './fhir/identifiers.js';
import { operations } from './fhir/operations.js';
import { aPatient } from './fhir/population.js';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    milliseconds: { type: 'string', default: '1500' },
    connections: { type: 'string', default: '8' },
    'port-offset': { type: 'string', default: '22000' },
    only: { type: 'string', multiple: true, default: ['process', 'stack', 'identifiers'] },
    sizes: { type: 'string', default: '1000,100000' },
    operations: { type: 'string', default: 'read,search,create,transaction' },
    out: { type: 'string' },
  },
});

const rootDir = join(import.meta.dirname, '../..');
const server = join(rootDir, '.build/bench/fhir/server.js');
const turns = { rounds: Number(options.rounds), milliseconds: Number(options.milliseconds) };
const connections = Number(options.connections);

type Table = Readonly<Record<string, Readonly<Record<string, Figures>>>>;

const ask = ({ connections: [first] }: Contender, request: Buffer) => {
  if (first === undefined) throw new Error('there is no connection');
  return first.ask(request);
};

/** Each operation in turns; the echo answers with a body that the exchange gave. Those that are not served are left out. */
async function compareAll(
  all: readonly Operation[],
  exchange: Contender,
  others: readonly Contender[],
): Promise<Table> {
  const table: Record<string, Readonly<Record<string, Figures>>> = {};
  for (const operation of all.filter(({ name }) => options.operations.split(',').includes(name))) {
    const request = operation.request(exchange.name, 0);
    const { status, body } = await ask(exchange, requestText(request));
    if (status !== operation.status) {
      console.log(`${operation.name}: status ${status}, left out`);
      continue;
    }
    for (const echo of others.filter(({ name }) => isEcho(name)))
      await ask(echo, requestText({ method: 'PUT', path: '/', body: body.toString() }));
    const figures = await compare(operation, [exchange, ...others], turns);
    console.log(operation.name, body.length, 'bytes');
    console.table(figures);
    table[operation.name] = figures;
  }
  return table;
}

async function inProcess(settings: Readonly<Record<string, string>>, token: string): Promise<object> {
  const env = settings;
  const exchange = await startContender(server, ['exchange'], { connections, env });
  const others: Contender[] = [];
  try {
    others.push(await startContender(server, ['functions'], { connections, env }));
    others.push(await startContender(server, ['echo'], { connections }));
    others.push(await startContender(server, ['guarded'], { connections, env }));
    others.push(await startContender(server, ['medplum', join(rootDir, 'bench/peers')], { connections }));
    const table = await compareAll(operations(token), exchange, others);
    const { exchange: read, echo } = table['read'] ?? {};
    const shareOfEcho = round((read?.perSecond ?? NaN) / (echo?.perSecond ?? NaN));
    return { ...table, goal: { readShareOfEcho: shareOfEcho, met: shareOfEcho >= 0.5 } };
  } finally {
    for (const each of [exchange, ...others]) each.close();
  }
}

/** Every request through the local Functions host and the Cosmos DB endpoint. */
async function wholeStack(stateDir: string): Promise<object> {
  const log = (line: string) => {
    console.log(line);
  };
  const portOffset = Number(options['port-offset']);
  const stack = await startStack({ rootDir, stateDir, portOffset, withoutHost: false, log });
  const echo = await startContender(server, ['echo'], { connections });
  try {
    const token = await mintDevelopmentToken({ roles: ['reader', 'writer'] }, { stateDir });
    const exchange = await openContender('exchange', stack.ports.functions, connections);
    const ids: string[] = [];
    for (let n = 0; n < 50; n++) ids.push(await createPatient(exchange, token, n));
    const table = await compareAll(
      operations(token, (n) => ids[n % ids.length] ?? ''),
      exchange,
      [echo],
    );
    exchange.close();
    return table;
  } finally {
    echo.close();
    await stack.stop();
  }
}

async function createPatient(exchange: Contender, token: string, n: number): Promise<string> {
  const { id: _id, ...patient } = aPatient(n);
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' };
  const request = { method: 'POST', path: '/fhir/Patient', headers, body: JSON.stringify(patient) };
  const { status, body } = await ask(exchange, requestText(request));
  if (status !== 201) throw new Error(`a patient was refused: ${status}`);
  return (JSON.parse(body.toString()) as Patient).id ?? '';
}

async function localSettings(jwksPort: number): Promise<Readonly<Record<string, string>>> {
  const text = await readFile(join(rootDir, 'local.settings.sample.json'), 'utf8');
  const { Values } = JSON.parse(text) as { Values: Record<string, string> };
  return { ...Values, HDE_TOKEN_JWKS_URI: `http://127.0.0.1:${jwksPort}/jwks` };
}

async function main(): Promise<void> {
  const stateDir = await mkdtemp(join(tmpdir(), 'hde-bench-'));
  const issuer = await startDevelopmentIssuer(stateDir, 0);
  const settings = await localSettings((issuer.address() as AddressInfo).port);
  const token = await mintDevelopmentToken({ roles: ['reader', 'writer'] }, { stateDir });
  const out = options.out ?? join(rootDir, 'bench/results/fhir.json');
  const held = existsSync(out) ? (JSON.parse(await readFile(out, 'utf8')) as object) : {};
  const sizes = options.sizes.split(',').map(Number);
  const parts = {
    process: () => inProcess(settings, token),
    stack: () => wholeStack(stateDir),
    identifiers: () => measureIdentifiers(server, settings, { token, sizes, turns }),
  };
  try {
    let result: object = held;
    for (const [name, measure] of Object.entries(parts)) {
      if (!options.only.includes(name)) continue;
      const load = Number(loadavg()[0]?.toFixed(1));
      const machine = { node: process.version, cores: cpus().length, loadBefore: load };
      const figures = await measure();
      result = { ...result, [name]: { machine, connections, figures } };
      console.log(name, JSON.stringify(figures));
      await mkdir(dirname(out), { recursive: true });
      await writeFile(out, `${JSON.stringify(result, null, 2)}\n`);
    }
  } finally {
    issuer.close();
    await rm(stateDir, { recursive: true, force: true });
  }
}

await main();
