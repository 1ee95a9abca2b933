import type { Receipt } from './exchange-client.js';
import type { DemoClock } from './patience.js';

export interface SettleOptions {
  readonly readReceipt: (id: string) => Promise<Receipt | undefined>;
  readonly clock: DemoClock;
  /** How many receipts are read at once. */
  readonly concurrency: number;
  /** How long nothing may settle before the rest is given up, in milliseconds. */
  readonly idleLimit: number;
  readonly signal?: AbortSignal | undefined;
  /** Called after each receipt that has settled. */
  readonly onSettled?: (settled: number) => void;
}

const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 2_000;

const hasSettled = (receipt: Receipt | undefined): receipt is Receipt =>
  receipt !== undefined && receipt.status !== 'accepted';

/**
 * Reads receipts until all have settled, in rounds with a pause between them that grows while nothing settles.
 *
 * @returns the receipts that have settled, by id; those that are missing did not within the limit
 */
export async function settleReceipts(
  ids: Iterable<string>,
  { readReceipt, clock, concurrency, idleLimit, signal, onSettled }: SettleOptions,
): Promise<ReadonlyMap<string, Receipt>> {
  const settled = new Map<string, Receipt>();
  let pending = [...new Set(ids)];
  let pause = FIRST_PAUSE;
  let lastProgress = clock.now();
  while (pending.length > 0) {
    const before = settled.size;
    await forEachOf(pending, concurrency, async (id) => {
      const receipt = await readReceipt(id);
      if (!hasSettled(receipt)) return;
      settled.set(id, receipt);
      onSettled?.(settled.size);
    });
    pending = pending.filter((id) => !settled.has(id));
    const progressed = settled.size > before;
    if (progressed) lastProgress = clock.now();
    if (pending.length === 0 || clock.now() - lastProgress >= idleLimit) break;
    pause = progressed ? FIRST_PAUSE : Math.min(pause * 2, LONGEST_PAUSE);
    await clock.sleep(pause, signal);
  }
  return settled;
}

async function forEachOf<T>(
  items: readonly T[],
  concurrency: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  const worker = async (): Promise<void> => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, worker));
}
