/** Two messages at the same moment: their calls of the record store are done in an order that a test chooses. */
import { expect } from '@jest/globals';
import fc from 'fast-check';
import { normaliseMessage } from '../../src/app/normalise-message.js';
import type { MessageEnvelope } from '../../src/ports/message-queue.js';
import type { RecordStore } from '../../src/ports/record-store.js';
import { createMemoryExchange, type MemoryExchange } from './exchange.js';
import { createReplicas } from './replicas.js';

/**
 * Lets two messages do their calls of the store in an order that is chosen call by call.
 *
 * @param stores what the process of each sees; default: both see everything at once
 */
export async function interleave(
  exchange: MemoryExchange,
  envelopes: readonly [MessageEnvelope, MessageEnvelope],
  choose: () => number,
  stores: readonly RecordStore[] = [exchange.records, exchange.records],
): Promise<void> {
  /** A message may have several calls waiting; they are done in the order in which it made them. */
  const waiting: (() => void)[][] = envelopes.map(() => []);
  const running = new Set(envelopes.keys());
  const goOn = () => {
    const all = [...running].filter((who) => waiting[who]?.length);
    if (all.length === running.size) waiting[all[choose() % all.length] ?? 0]?.shift()?.();
  };
  const gated = (who: number): RecordStore =>
    Object.fromEntries(
      Object.entries(stores[who] ?? exchange.records).map(([name, method]) => [
        name,
        async (...args: unknown[]) => {
          await new Promise<void>((resolve) => {
            waiting[who]?.push(resolve);
            goOn();
          });
          const answer = await (method as (...args: unknown[]) => Promise<unknown>)(...args);
          if (waiting[who]?.length) goOn();
          return answer;
        },
      ]),
    ) as unknown as RecordStore;
  await Promise.all(
    envelopes.map(async (envelope, who) => {
      try {
        const { status } = await normaliseMessage({ ...exchange, records: gated(who) }, envelope);
        expect(status).toBe('normalised');
      } finally {
        running.delete(who);
        goOn();
      }
    }),
  );
}

/**
 * All that comes before, then two messages at once: in one process, or in two, each of which sees of the other one no more
 * than it must.
 */
export interface Race<Said> {
  readonly accept: (exchange: MemoryExchange, said: Said) => Promise<MessageEnvelope>;
  readonly before: readonly Said[];
  readonly both: readonly [Said, Said];
  readonly processes?: 1 | 2;
}

export async function runRace<Said>(
  { accept, before, both, processes = 1 }: Race<Said>,
  choose: () => number,
): Promise<MemoryExchange> {
  const replicas = createReplicas();
  const { records } = replicas;
  const exchange = { ...createMemoryExchange(), records };
  for (const said of before) {
    const { status } = await normaliseMessage(exchange, await accept(exchange, said));
    expect(status).toBe('normalised');
  }
  const envelopes = [await accept(exchange, both[0]), await accept(exchange, both[1])] as const;
  const stores = processes === 1 ? [records, records] : [replicas.begin(), replicas.begin()];
  await interleave(exchange, envelopes, choose, stores);
  return exchange;
}

/** Lets one message do some calls of the store, then the other all of its own. @returns how many calls there were */
export async function runWithin<Said>(
  race: Race<Said>,
  one: number,
  calls: number,
): Promise<[MemoryExchange, number]> {
  let made = 0;
  const exchange = await runRace(race, () => (made++ < calls ? one : 1 - one));
  return [exchange, made];
}

/** Every way in which one goes between two calls of the other, and some in which both go by turns. */
export async function inEveryOrder<Said>(
  race: Race<Said>,
  check: (exchange: MemoryExchange) => Promise<void>,
): Promise<void> {
  for (const one of [0, 1]) {
    for (let calls = 0, made = 1; calls <= made; calls++) {
      const [exchange, all] = await runWithin(race, one, calls);
      made = all;
      await check(exchange);
    }
  }
  const turns = fc.array(fc.nat({ max: 1 }), { minLength: 40, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(turns, async (order) => {
      let made = 0;
      await check(await runRace(race, () => order[made++] ?? 0));
    }),
    { numRuns: 40 },
  );
}
