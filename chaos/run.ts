/** One run: the hospital sends, processes die, the network fails, a reader looks, and the checker judges. */
import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { digestFolder } from './certificate/digest.js';
import { checkAll } from './checker/check-all.js';
import type { Evidence, Finding } from './checker/evidence.js';
import { collectEvidence, settle } from './drive/collect.js';
import { createFhirClient } from './drive/fhir-client.js';
import { createGate } from './drive/gate.js';
import { readAccounts } from './drive/ledger.js';
import { startKiller } from './drive/killer.js';
import { startReader, type Reader } from './drive/reader.js';
import { sendAll } from './drive/senders.js';
import { openStores } from './drive/stores.js';
import { expectOf } from './expect/expected.js';
import type { FaultyLink } from './faults/http-proxy.js';
import { planKills } from './faults/plan.js';
import { generateHospital } from './hospital/generate.js';
import { feedIds, type Hospital } from './hospital/model.js';
import { mutants } from './mutants/mutants.js';
import type { RunOptions } from './options.js';
import { createRandom } from './random.js';
import { startExchange, type Exchange } from './stack/exchange.js';

export interface RunResult {
  readonly findings: readonly Finding[];
  readonly figures: Readonly<Record<string, number>>;
  readonly seconds: number;
  /** SHA-256 over the function app that ran. */
  readonly app: string;
}

const inFlight = 64;
const readers = 4;
/** Share of answers that never reach their sender. */
const lossShare = 0.08;
/** Mean lifetime of a connection to Service Bus, in milliseconds. */
const connectionMs = 6_000;

/** @throws Error when the stack does not start or stops answering */
export async function runChaos(
  options: RunOptions,
  rootDir: string,
  log: (line: string) => void,
): Promise<RunResult> {
  const { seed, messages, patients, firstPort, stateDir, faultShare } = options;
  const began = performance.now();
  const random = createRandom(`${seed}/faults`);
  const hospital = generateHospital(seed, { messages, patients });
  await rm(stateDir, { recursive: true, force: true });
  await mkdir(stateDir, { recursive: true });
  const appDir = await buildApp(options, rootDir);
  const app = await digestFolder(appDir);
  const exchange = await startExchange({
    rootDir,
    stateDir,
    appDir,
    firstPort,
    faults: { share: faultShare, connectionMs: faultShare === 0 ? Infinity : connectionMs },
    random: random.fork('network'),
  });
  log(`the stack is up after ${seconds(began)} s`);
  try {
    const { findings, figures } = await storm(options, hospital, exchange, log);
    return { findings, figures, seconds: seconds(began), app };
  } finally {
    await exchange.stop();
    if (!options.keep) await rm(stateDir, { recursive: true, force: true });
  }
}

const seconds = (began: number): number => Math.round((performance.now() - began) / 1000);

/** Builds the function app into the state folder, broken where a mutant is asked for. */
async function buildApp({ stateDir, mutant }: RunOptions, rootDir: string): Promise<string> {
  const edits = join(stateDir, 'edits.json');
  await writeFile(edits, JSON.stringify(mutant === undefined ? [] : mutants[mutant]));
  const appDir = join(stateDir, 'built');
  const build = join(rootDir, 'tools/build.mjs');
  await promisify(execFile)(process.execPath, [build, '--app', appDir, '--edits', edits]);
  return appDir;
}

async function storm(
  options: RunOptions,
  hospital: Hospital,
  exchange: Exchange,
  log: (line: string) => void,
): Promise<Pick<RunResult, 'findings' | 'figures'>> {
  const random = createRandom(`${options.seed}/storm`);
  const expected = expectOf(hospital);
  const sender = await exchange.token({ roles: ['sender'], feeds: feedIds });
  const client = createFhirClient(exchange.url, {
    reader: await exchange.token({ roles: ['reader'] }),
    sender,
  });
  const operator = await exchange.token({ roles: ['operator'], feeds: feedIds, subject: 'chaos' });
  const startedAt = new Date();
  const gate = createGate();
  const killer = startKiller(exchange, planKills(options.kills, random.fork('kills')), gate, random, log);
  const reader = startReader(client, expected, hospital.messages, random.fork('reader'), readers);
  const total = hospital.lanes.reduce((sum, { sends }) => sum + sends.length, 0);
  const sent = await sendAll(hospital, {
    url: exchange.url,
    token: sender,
    random: random.fork('senders'),
    gate,
    lossShare: options.faultShare === 0 ? 0 : lossShare,
    inFlight,
    onSent: (count) => {
      killer.progress(count / total);
      if (count % 200 === 0) log(`${count} of ${total} sent`);
    },
    onLane: ({ name }) => {
      reader.watch(name.replace(/\/.*$/, ''));
    },
  });
  const kills = await killer.finish();
  log(`all ${total} are answered`);
  const stores = openStores(exchange.direct);
  try {
    const unfinished = await settle(stores, log);
    for (const link of Object.values<FaultyLink>({ ...exchange.links })) link.calm();
    const seen = await reader.stop();
    log('checking');
    const evidence = await collectEvidence(hospital, sent, stores, client, () =>
      readAccounts(exchange.url, operator, startedAt),
    );
    return {
      findings: [...findingsOf(seen), ...checkAll(hospital, expected, evidence)],
      figures: {
        sends: total,
        ...figuresOf(hospital, evidence),
        unfinished,
        views: seen.views,
        ...prefixed('killed', kills),
        ...prefixed('cosmos', exchange.links.cosmos.counts),
        ...prefixed('blob', exchange.links.blob.counts),
        ...prefixed('serviceBus', exchange.links.serviceBus.counts),
      },
    };
  } finally {
    await stores.close();
  }
}

/** What the reader found; a run in which nobody looked proves nothing about what can be seen. */
const findingsOf = ({ views, findings }: Awaited<ReturnType<Reader['stop']>>): readonly Finding[] =>
  views > 0 ? findings : [{ kind: 'half-visible', what: 'no reader got to see anything' }];

function figuresOf(hospital: Hospital, { answers, documents, receipts, events }: Evidence) {
  const all = [...answers.values()];
  const sum = (name: 'duplicate' | 'unanswered') => all.reduce((total, each) => total + each[name], 0);
  const count = (status: string) => receipts.filter((receipt) => receipt['status'] === status).length;
  return {
    messages: hospital.messages.length,
    poison: hospital.messages.filter(({ fate }) => fate === 'failed').length,
    normalised: count('normalised'),
    failed: count('failed'),
    duplicateAnswers: sum('duplicate'),
    unanswered: sum('unanswered'),
    documents: documents.length,
    events: events.length,
  };
}

const prefixed = (prefix: string, counts: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(counts).map(([name, value]) => [`${prefix}.${name}`, value]));
