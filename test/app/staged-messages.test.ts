/** What readers see of messages that no atomic batch holds, when something happens between any two steps of the store. */
import { describe, expect, jest, test } from '@jest/globals';
import { normaliseMessage } from '../../src/app/normalise-message.js';
import { ExchangeError } from '../../src/core/errors.js';
import type { MessageEnvelope } from '../../src/ports/message-queue.js';
import type { RecordStore } from '../../src/ports/record-store.js';
import { acceptBytes, createMemoryExchange, type MemoryExchange } from '../support/exchange.js';
import { aMessage } from '../support/messages.js';
import { watched as watchedPort } from '../support/watched.js';

/** Each test delivers the same message dozens of times. */
jest.setTimeout(180_000);

interface ReportParts {
  readonly controlId: string;
  readonly hour: number;
  readonly values: readonly number[];
}

async function accept(exchange: MemoryExchange, { controlId, hour, values }: ReportParts) {
  const at = `20260330${String(hour).padStart(2, '0')}0000`;
  const results = values.map((value, index) => `OBX|${index + 1}|NM|T${index}^Test||${value}|||||F|||${at}`);
  const more = [`OBR|1||F1|PANEL|||${at}`, ...results];
  return acceptBytes(exchange, aMessage({ type: 'ORU^R01', controlId, at, more }));
}

const count = 105;
const valuesFrom = (first: number, length = count) => Array.from({ length }, (_, index) => first + index);
const created = { controlId: 'C1', hour: 9, values: valuesFrom(1) };
const corrected = { controlId: 'C2', hour: 11, values: valuesFrom(1001) };
const correctedAgain = { controlId: 'C3', hour: 12, values: valuesFrom(2001) };
/** Older than the large message that it meets: what that one states must not be lost. */
const olderSmall = { controlId: 'C5', hour: 10, values: [8] };
const small = { controlId: 'C4', hour: 12, values: [7] };

/** Stands for a process that ends: no code of the exchange catches it. */
class Killed extends Error {}

/** The store, with something done before each of its calls. */
const watched = (store: RecordStore, before: (call: number, name: string) => Promise<void>): RecordStore => {
  let calls = 0;
  return watchedPort(store, (name) => before(calls++, name));
};

/** Between two writes readers see the same. */
const onWrite = (observe: () => Promise<void>) => (_: number, name: string) =>
  name === 'commit' ? observe() : Promise.resolve();

const over = (exchange: MemoryExchange, records: RecordStore) => ({ ...exchange, records });

async function partitionOf(exchange: MemoryExchange): Promise<string> {
  const token = { limit: 1 };
  const { documents } = await exchange.records.findByIdentifier('Patient', '|M1', token);
  return documents[0]?.partition ?? '';
}

/** What a reader sees of the reports, in one request; `''` for nothing. */
async function look({ records }: MemoryExchange, partition: string): Promise<string> {
  const { documents } = await records.listPartition(partition, undefined, { limit: 1000 });
  return documents
    .filter(({ resourceType }) => resourceType === 'Observation' || resourceType === 'DiagnosticReport')
    .map(({ fhirId, versionId, resource }) => {
      const { valueQuantity, result } = resource as {
        valueQuantity?: { value: number };
        result?: unknown[];
      };
      return `${fhirId.slice(-4)} v${versionId} ${valueQuantity?.value ?? result?.length ?? ''}`;
    })
    .join('\n');
}

/** Everything that is visible, with its history and receipts; without what tells when it was written, or how. */
async function dump({ records }: MemoryExchange, partition: string): Promise<unknown> {
  const { documents } = await records.listPartition(partition, undefined, { limit: 1000 });
  const history = [];
  for (const { resourceType, fhirId, versionId } of documents)
    for (let version = 1; version < versionId; version++)
      history.push(await records.readVersion(resourceType, fhirId, version));
  const { receipts } = await records.listReceipts(partition, { limit: 100 });
  const stored = await records.load(
    partition,
    receipts.flatMap(({ source: { messageId } }) => [`event:${messageId}`, `stage:${messageId}`]),
  );
  const rest = [...stored.values()].map(({ document }) => document);
  const text = JSON.stringify({ documents, history, receipts, rest }, (key, value: unknown) =>
    key === 'lastUpdated' || key === 'stage' ? undefined : value,
  );
  return JSON.parse(text);
}

async function countStaged({ records }: MemoryExchange, partition: string, envelope: MessageEnvelope) {
  return (await records.listStaged(partition, envelope.messageId, 1000)).length;
}

/** What is seen after each of some messages without disturbance, and all that is there in the end. */
async function undisturbed(...messages: readonly ReportParts[]) {
  const exchange = createMemoryExchange();
  const seen = [''];
  for (const message of messages) {
    await normaliseMessage(exchange, await accept(exchange, message));
    seen.push(await look(exchange, await partitionOf(exchange)));
  }
  const partition = await partitionOf(exchange);
  return { partition, seen, last: seen.at(-1), end: await dump(exchange, partition) };
}

/** How many calls the store gets for the last of some messages. */
async function callsOf(...messages: readonly ReportParts[]): Promise<number> {
  const exchange = createMemoryExchange();
  let calls = 0;
  for (const message of messages) {
    calls = 0;
    const counting = watched(exchange.records, () => {
      calls++;
      return Promise.resolve();
    });
    await normaliseMessage(over(exchange, counting), await accept(exchange, message));
  }
  return calls;
}

/** Arranges messages that went well. */
async function after(...messages: readonly ReportParts[]): Promise<MemoryExchange> {
  const exchange = createMemoryExchange();
  for (const message of messages) await normaliseMessage(exchange, await accept(exchange, message));
  return exchange;
}

/** Delivers as the queue does: again, for as long as another delivery is in the way. */
async function deliver(exchange: MemoryExchange, envelope: MessageEnvelope): Promise<void> {
  for (let attempt = 1; attempt <= 5; attempt++) {
    try {
      await normaliseMessage(exchange, envelope);
      return;
    } catch (error) {
      if (!(error instanceof ExchangeError) || error.code !== 'HDE_CONCURRENT_UPDATE') throw error;
    }
  }
  throw new Error('never came through');
}

describe.each([
  ['creates', [created]],
  ['changes', [created, corrected]],
  ['is evidence about', [corrected, created]],
])('a large message that %s its records, killed before any call of the store', (_, messages) => {
  test('is seen whole or not at all, and ends on the next delivery as if nothing had happened', async () => {
    const calm = await undisturbed(...messages);
    const allowed = new Set(calm.seen.slice(-2));
    const calls = await callsOf(...messages);
    expect(calls).toBeGreaterThan(15);
    const seen = new Set<string>();
    for (let kill = 0; kill < calls; kill++) {
      const exchange = await after(...messages.slice(0, -1));
      const observe = async () => void seen.add(await look(exchange, calm.partition));
      const envelope = await accept(exchange, messages.at(-1)!);
      const dying = watched(exchange.records, async (call, name) => {
        if (name === 'commit') await observe();
        if (call === kill) throw new Killed();
      });
      await expect(normaliseMessage(over(exchange, dying), envelope)).rejects.toThrow(Killed);
      await normaliseMessage(over(exchange, watched(exchange.records, onWrite(observe))), envelope);
      await observe();
      expect(await dump(exchange, calm.partition)).toEqual(calm.end);
      expect(await countStaged(exchange, calm.partition, envelope)).toBe(0);
    }
    expect(seen).toEqual(allowed);
  });
});

describe('another message about the same patient, when a large one was killed before any call', () => {
  test.each([
    ['large', correctedAgain],
    ['small', small],
    ['small and older', olderSmall],
  ])('(%s) takes effect, and both are seen whole', async (_, other) => {
    const [inOrder, overtaken, alone] = [
      await undisturbed(created, corrected, other),
      await undisturbed(created, other, corrected),
      await undisturbed(created, other),
    ];
    const allowed = new Set([...inOrder.seen, ...overtaken.seen, ...alone.seen]);
    const calls = await callsOf(created, corrected);
    for (let kill = 0; kill < calls; kill++) {
      const exchange = await after(created);
      const observe = async () => {
        expect(allowed).toContain(await look(exchange, inOrder.partition));
      };
      const dying = watched(exchange.records, async (call, name) => {
        if (name === 'commit') await observe();
        if (call === kill) throw new Killed();
      });
      const first = await accept(exchange, corrected);
      await expect(normaliseMessage(over(exchange, dying), first)).rejects.toThrow(Killed);
      const watching = over(exchange, watched(exchange.records, onWrite(observe)));
      await deliver(watching, await accept(exchange, other));
      await deliver(watching, first);
      await observe();
      const end = await look(exchange, inOrder.partition);
      expect([inOrder.last, overtaken.last]).toContain(end);
      expect(await countStaged(exchange, inOrder.partition, first)).toBe(0);
    }
  });
});

describe('another message about the same patient, in the middle of a large one', () => {
  test.each([
    ['large', correctedAgain],
    ['small', small],
    ['small and older', olderSmall],
  ])('(%s) takes effect before any call, and both are seen whole', async (_, other) => {
    const [inOrder, overtaken] = [
      await undisturbed(created, corrected, other),
      await undisturbed(created, other, corrected),
    ];
    const allowed = new Set([...inOrder.seen, ...overtaken.seen]);
    const calls = await callsOf(created, corrected);
    for (let middle = 0; middle < calls; middle++) {
      const exchange = await after(created);
      const observe = async () => {
        expect(allowed).toContain(await look(exchange, inOrder.partition));
      };
      const watching = over(exchange, watched(exchange.records, onWrite(observe)));
      const first = await accept(exchange, corrected);
      const second = await accept(exchange, other);
      const interrupted = watched(exchange.records, async (call, name) => {
        if (name === 'commit') await observe();
        if (call === middle) await deliver(watching, second);
      });
      await deliver(over(exchange, interrupted), first);
      await observe();
      expect([inOrder.last, overtaken.last]).toContain(await look(exchange, inOrder.partition));
      expect(await countStaged(exchange, inOrder.partition, first)).toBe(0);
      expect(await countStaged(exchange, inOrder.partition, second)).toBe(0);
    }
  });
});

describe('the same large message, delivered a second time in the middle of the first', () => {
  test('takes effect once, whichever of the two comes first', async () => {
    const calm = await undisturbed(created, corrected);
    const calls = await callsOf(created, corrected);
    for (let middle = 0; middle < calls; middle++) {
      const exchange = await after(created);
      const envelope = await accept(exchange, corrected);
      const interrupted = watched(exchange.records, async (call, name) => {
        if (name === 'commit') expect(calm.seen).toContain(await look(exchange, calm.partition));
        if (call === middle) await deliver(exchange, envelope);
      });
      await deliver(over(exchange, interrupted), envelope);
      expect(await dump(exchange, calm.partition)).toEqual(calm.end);
    }
  });
});

/**
 * The store as one that reads what a load asks for one after the other, the last one first: a load of a few documents may
 * show them as they were at different times.
 */
const readingOneByOne = (store: RecordStore, before: () => Promise<void>): RecordStore => ({
  ...watched(store, before),
  load: async (partition, ids) => {
    if (ids.length > mostDivided) return before().then(() => store.load(partition, ids));
    const found = [];
    for (const id of [...ids].reverse()) {
      await before();
      found.push(...(await store.load(partition, [id])));
    }
    return new Map(found);
  },
});
const mostDivided = 4;

/** Something that happens once, for others to wait for. */
function signal() {
  let give: () => void = () => undefined;
  const given = new Promise<void>((resolve) => (give = resolve));
  return { give, given };
}

describe('a large message that becomes visible before any read or write of another one', () => {
  test.each([
    ['large', correctedAgain],
    ['small', small],
    ['small and older', olderSmall],
    ['itself, delivered again', corrected],
  ])('(%s) loses nothing by it', async (_, other) => {
    const isItself = other === corrected;
    const last = await undisturbed(...(isItself ? [created, corrected] : [created, corrected, other]));
    const overtaken = isItself ? last : await undisturbed(created, other, corrected);
    const { partition } = last;
    for (let at = 0, isReached = true; isReached; at++) {
      const exchange = await after(created);
      const first = await accept(exchange, corrected);
      const second = isItself ? first : await accept(exchange, other);
      const [ready, flip, flipped, rest] = [signal(), signal(), signal(), signal()];
      const holding: RecordStore = {
        ...exchange.records,
        commit: async (of, operations) => {
          const isFlip = operations.some(({ document }) => document.kind === 'receipt');
          if (!isFlip) return exchange.records.commit(of, operations);
          ready.give();
          await flip.given;
          const outcome = await exchange.records.commit(of, operations);
          flipped.give();
          await rest.given;
          return outcome;
        },
      };
      const large = deliver(over(exchange, holding), first);
      await ready.given;
      let calls = 0;
      const meeting = readingOneByOne(exchange.records, async () => {
        if (calls++ !== at) return;
        flip.give();
        await flipped.given;
      });
      await deliver(over(exchange, meeting), second);
      isReached = calls > at;
      flip.give();
      rest.give();
      await large;
      expect([last.last, overtaken.last]).toContain(await look(exchange, partition));
      expect(await countStaged(exchange, partition, first)).toBe(0);
      expect(await countStaged(exchange, partition, second)).toBe(0);
      if (isItself) expect(await dump(exchange, partition)).toEqual(last.end);
    }
  });
});

describe('a large message whose last answer says that it lost, when it had won', () => {
  test.each([
    ['changes', [created, corrected]],
    ['is evidence about', [corrected, created]],
  ])('and that %s its records, takes effect once', async (_, messages) => {
    const { end, partition } = await undisturbed(...messages);
    const exchange = await after(...messages.slice(0, -1));
    const records: RecordStore = {
      ...exchange.records,
      commit: async (of, operations) => {
        const outcome = await exchange.records.commit(of, operations);
        return operations.some(({ document }) => document.kind === 'receipt') ? 'conflict' : outcome;
      },
    };
    const envelope = await accept(exchange, messages.at(-1)!);
    await deliver(over(exchange, records), envelope);
    expect(await dump(exchange, partition)).toEqual(end);
    expect(await countStaged(exchange, partition, envelope)).toBe(0);
  });
});
