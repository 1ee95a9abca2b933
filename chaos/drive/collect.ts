/** Waits for the exchange to come to rest and gathers what it left behind. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Evidence } from '../checker/evidence.js';
import type { Hospital } from '../hospital/model.js';
import type { FhirClient } from './fhir-client.js';
import type { Sent } from './senders.js';
import type { Stores } from './stores.js';

/** So long nothing may be finished before the rest counts as lost, in milliseconds. */
const idleLimitMs = 100_000;
/** Between two words about what is left, in milliseconds. */
const tellEveryMs = 10_000;
const readsAtOnce = 8;
/** Receipts that are also read as their senders do. */
const sampledReceipts = 200;
const readAttempts = 20;

/** @returns how many messages never came to an end */
export async function settle(stores: Stores, log: (line: string) => void): Promise<number> {
  let last = Infinity;
  let progressed = performance.now();
  let told = -Infinity;
  for (;;) {
    const unfinished = await stores.countUnfinished();
    if (unfinished === 0) return 0;
    if (unfinished < last) {
      last = unfinished;
      progressed = performance.now();
    } else if (performance.now() - progressed > idleLimitMs) return unfinished;
    if (performance.now() - told > tellEveryMs) {
      told = performance.now();
      log(`waiting for ${unfinished} messages`);
    }
    await sleep(1000);
  }
}

export async function collectEvidence(
  hospital: Hospital,
  { answers, reusesAccepted }: Sent,
  stores: Stores,
  client: FhirClient,
  askAccounts: () => Promise<Evidence['accounts']>,
): Promise<Evidence> {
  const reading = stores.readDocuments();
  const ids = [...answers.values()].flatMap(({ receiptIds }) => [...receiptIds]);
  const step = Math.max(1, Math.floor(ids.length / sampledReceipts));
  const sample = ids.filter((_, index) => index % step === 0);
  // Side by side: each waits for another process most of the time.
  const [documents, receipts, events, senderReceipts, records, accounts] = await Promise.all([
    reading,
    stores.readReceipts(),
    reading.then((read) => stores.takeEvents(read.filter(({ kind }) => kind === 'event').length)),
    readAll(
      sample,
      (id) => id,
      (id) => client.receipt(id),
    ),
    readAll(
      hospital.people,
      ({ id }) => id,
      (person) => client.everything(person),
    ),
    askAccounts(),
  ]);
  return { answers, reusesAccepted, documents, receipts, events, senderReceipts, records, accounts };
}

/** Reads several things side by side, again where there is no answer. */
async function readAll<T, R>(
  items: readonly T[],
  nameOf: (item: T) => string,
  read: (item: T) => Promise<R | undefined>,
): Promise<Map<string, R>> {
  const found = new Map<string, R>();
  const waiting = [...items];
  const work = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      for (let attempt = 1; attempt <= readAttempts; attempt++) {
        const answer = await read(item);
        if (answer !== undefined) {
          found.set(nameOf(item), answer);
          break;
        }
        await sleep(20 * attempt);
      }
    }
  };
  await Promise.all(Array.from({ length: readsAtOnce }, work));
  return found;
}
