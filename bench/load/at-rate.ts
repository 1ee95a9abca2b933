import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Begins one piece of work after the other at a fixed rate, whether earlier ones have ended or not, and waits for all.
 *
 * @returns their results in order, and by how many milliseconds each began late because this process was busy
 */
export async function atRate<T, R>(
  items: readonly T[],
  perSecond: number,
  work: (item: T) => Promise<R>,
): Promise<{ readonly results: R[]; readonly lateMs: number[] }> {
  const running: Promise<R>[] = [];
  const lateMs: number[] = [];
  const began = performance.now();
  for (const [i, item] of items.entries()) {
    const due = began + (i * 1000) / perSecond;
    await sleep(Math.max(0, due - performance.now()));
    lateMs.push(Math.max(0, performance.now() - due));
    running.push(work(item));
  }
  return { results: await Promise.all(running), lateMs };
}
