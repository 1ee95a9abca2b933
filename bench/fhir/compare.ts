/** Measures operations against the servers in turns, so that what else the machine does meets all of them alike. */
import { percentile } from '../load/percentile.js';
import { type RequestParts, requestText } from './connection.js';
import type { Contender } from './contenders.js';
import { isEcho } from './echo.js';
import { keepBusy, type Load } from './load.js';

export interface Operation {
  readonly name: string;
  readonly status: number;
  /** The request number `n` to a contender. */
  readonly request: (contender: string, n: number) => RequestParts;
}

export interface Figures {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  /** Of the server's process, all threads; absent where it is not one. */
  readonly cpuMicroseconds?: number;
}

export interface Turns {
  readonly rounds: number;
  readonly milliseconds: number;
}

const warmUpMs = 3_000;

interface Measured extends Load {
  readonly cpuMs: number;
}

/** Medians over the rounds, by the name of the contender. */
export async function compare(
  operation: Operation,
  contenders: readonly Contender[],
  { rounds, milliseconds }: Turns,
): Promise<Readonly<Record<string, Figures>>> {
  const measured = new Map<string, Measured[]>();
  let number = 0;
  // The first round warms up: what runs for the first time is compiled, of which large programs have more.
  for (let round = 0; round <= rounds; round++) {
    for (const contender of contenders) {
      const before = await contender.cpuMs();
      const load = await keepBusy(
        contender.connections,
        () => requestText(operation.request(contender.name, number++)),
        {
          status: isEcho(contender.name) ? 200 : operation.status,
          milliseconds: round === 0 ? Math.max(milliseconds, warmUpMs) : milliseconds,
        },
      );
      if (load.unexpected > 0)
        throw new Error(`${contender.name}, ${operation.name}: ${load.unexpected} refused`);
      const cpuMs = (await contender.cpuMs()) - before;
      if (round > 0)
        measured.set(contender.name, [...(measured.get(contender.name) ?? []), { ...load, cpuMs }]);
    }
  }
  return Object.fromEntries([...measured].map(([name, loads]) => [name, summarise(loads)]));
}

function summarise(loads: readonly Measured[]): Figures {
  const median = (of: (load: Measured) => number) => percentile(loads.map(of), 0.5);
  const cpu = median(({ cpuMs, requests }) => (cpuMs * 1000) / requests);
  return {
    perSecond: Math.round(median(({ perSecond }) => perSecond)),
    p50Ms: round(median(({ p50Ms }) => p50Ms)),
    p95Ms: round(median(({ p95Ms }) => p95Ms)),
    ...(Number.isNaN(cpu) ? {} : { cpuMicroseconds: Math.round(cpu) }),
  };
}

/** Three digits. */
export const round = (value: number): number => Number(value.toPrecision(3));
