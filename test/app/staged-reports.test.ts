/** A cancelled report ends all its results, also where no atomic batch holds them. */
import { expect, jest, test } from '@jest/globals';
import { normaliseMessage } from '../../src/app/normalise-message.js';
import { acceptBytes, createMemoryExchange, type MemoryExchange } from '../support/exchange.js';
import { aMessage } from '../support/messages.js';
import { watched } from '../support/watched.js';

/** The same messages are delivered dozens of times. */
jest.setTimeout(180_000);

type Send = (exchange: MemoryExchange) => ReturnType<typeof acceptBytes>;

const panelAt =
  (hour: number, status: string, results: number, name = 'T'): Send =>
  (exchange) => {
    const at = `202603300${hour}0000`;
    const report = `OBR|1||F1|PANEL|||${at}||||||||||||||||||${status}`;
    const more = Array.from(
      { length: results },
      (_, i) => `OBX|${i + 1}|NM|${name}${i}^Test||${i}|||||${status}`,
    );
    const type = 'ORU^R01';
    return acceptBytes(exchange, aMessage({ type, controlId: `C${hour}`, at, more: [report, ...more] }));
  };

const some = panelAt(7, 'P', 1);
/** Too many for one batch, and for the records that are planned together. */
const all = panelAt(8, 'P', 205);
const cancelled = panelAt(9, 'X', 0);

/** Of reports and results how many have which state. */
async function statesIn({ records }: MemoryExchange): Promise<Record<string, number>> {
  const found = await records.findByIdentifier('Patient', '|M1', { limit: 1 });
  const partition = found.documents[0]?.partition ?? '';
  const { documents } = await records.listPartition(partition, undefined, { limit: 1000 });
  const states: Record<string, number> = {};
  for (const { resourceType, resource } of documents) {
    if (resourceType !== 'Observation' && resourceType !== 'DiagnosticReport') continue;
    const name = `${resourceType} ${(resource as { status?: string }).status}`;
    states[name] = (states[name] ?? 0) + 1;
  }
  return states;
}

const ended = { 'DiagnosticReport cancelled': 1, 'Observation cancelled': 205 };

async function after(...messages: readonly Send[]): Promise<MemoryExchange> {
  const exchange = createMemoryExchange();
  for (const send of messages) await normaliseMessage(exchange, await send(exchange));
  return exchange;
}

test.each([
  ['before', [some, all, cancelled]],
  ['after', [some, cancelled, all]],
  ['first of all', [cancelled, all]],
])('which come %s', async (_, messages) => {
  expect(await statesIn(await after(...messages))).toEqual(ended);
});

test('which are written while it is cancelled, before any call of the store', async () => {
  for (let at = 0, isReached = true; isReached; at++) {
    const exchange = await after(some);
    const large = await all(exchange);
    const end = await cancelled(exchange);
    let calls = 0;
    const interrupted = watched(exchange.records, async () => {
      if (calls++ === at) await normaliseMessage(exchange, end);
    });
    await normaliseMessage({ ...exchange, records: interrupted }, large);
    isReached = calls > at;
    if (isReached) expect({ at, ...(await statesIn(exchange)) }).toEqual({ at, ...ended });
  }
});

test('which are written while a large cancellation is processed, before any call of the store', async () => {
  const final = panelAt(8, 'F', 1, 'M');
  for (let at = 0, isReached = true; isReached; at++) {
    const exchange = await after(panelAt(7, 'P', 105));
    const end = await cancelled(exchange);
    const late = await final(exchange);
    let calls = 0;
    const interrupted = watched(exchange.records, async () => {
      if (calls++ === at) await normaliseMessage(exchange, late);
    });
    await normaliseMessage({ ...exchange, records: interrupted }, end);
    isReached = calls > at;
    const all = { 'DiagnosticReport cancelled': 1, 'Observation cancelled': 106 };
    if (isReached) expect({ at, ...(await statesIn(exchange)) }).toEqual({ at, ...all });
  }
});
