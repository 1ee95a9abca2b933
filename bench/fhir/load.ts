/** Keeps a server at work over some connections for a time, and counts. */
import { percentile } from '../load/percentile.js';
import type { Connection } from './connection.js';

export interface Load {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  /** Answers with another status than the one that was expected. */
  readonly unexpected: number;
  readonly requests: number;
}

/**
 * Each connection sends its next request when the last one was answered.
 *
 * @param next the request number `n`, from 0
 */
export async function keepBusy(
  connections: readonly Connection[],
  next: (n: number) => Buffer,
  { status, milliseconds }: { readonly status: number; readonly milliseconds: number },
): Promise<Load> {
  const times: number[] = [];
  let sent = 0;
  let unexpected = 0;
  const began = performance.now();
  await Promise.all(
    connections.map(async (connection) => {
      for (let at = performance.now(); at - began < milliseconds;) {
        const answer = await connection.ask(next(sent++));
        const now = performance.now();
        times.push(now - at);
        if (answer.status !== status) unexpected += 1;
        at = now;
      }
    }),
  );
  const seconds = (performance.now() - began) / 1000;
  return {
    perSecond: times.length / seconds,
    p50Ms: percentile(times, 0.5),
    p95Ms: percentile(times, 0.95),
    unexpected,
    requests: times.length,
  };
}
