/** Measures CPU time of several contenders in turn, so that whatever else the machine does meets all of them alike. */
import { cpuUsage } from 'node:process';

export interface Contender {
  readonly name: string;
  /** One operation; the result is kept so that nothing is optimised away. */
  readonly run: () => number;
}

export interface Timing {
  /** CPU microseconds of one operation: the median of all rounds. */
  readonly microseconds: number;
  /** The middle half of the rounds. */
  readonly quartiles: readonly [number, number];
}

/** Keeps results alive. */
let sink = 0;

/**
 * @param rounds how often each contender gets its turn
 * @param milliseconds CPU time of one turn, about
 */
export function measureInTurns(
  contenders: readonly Contender[],
  { rounds, milliseconds }: { readonly rounds: number; readonly milliseconds: number },
): ReadonlyMap<string, Timing> {
  const counts = contenders.map((contender) => countFor(contender, milliseconds));
  const samples = contenders.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, contender] of contenders.entries()) {
      samples[index]?.push(timeOf(contender, counts[index] ?? 1));
    }
  }
  return new Map(contenders.map(({ name }, index) => [name, summarise(samples[index] ?? [])]));
}

/** How many operations fill a turn, found while the code warms up. */
function countFor(contender: Contender, milliseconds: number): number {
  for (let warm = 0; warm < 3; warm++) timeOf(contender, 500);
  return Math.max(1, Math.round((milliseconds * 1000) / timeOf(contender, 500)));
}

/**
 * CPU microseconds of one operation, with its share of garbage collection. A third as many operations go before, so that
 * the garbage of whoever had the turn before is gone.
 */
function timeOf({ run }: Contender, count: number): number {
  for (let i = 0; i < count / 3; i++) sink += run();
  const before = cpuUsage();
  for (let i = 0; i < count; i++) sink += run();
  const { user, system } = cpuUsage(before);
  return (user + system) / count;
}

function summarise(values: readonly number[]): Timing {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;
  return { microseconds: at(0.5), quartiles: [at(0.25), at(0.75)] };
}

/** What all operations together returned. */
export const checksum = (): number => sink;
