/** Two messages at the same moment: their calls of the record store are done in an order that a test chooses. */
import { expect } from '@jest/globals';
import { normaliseMessage } from '../../src/app/normalise-message.js';
import type { MessageEnvelope } from '../../src/ports/message-queue.js';
import type { RecordStore } from '../../src/ports/record-store.js';
import type { MemoryExchange } from './exchange.js';

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
