/** Which processes are killed, and when: part of what a seed decides. */
import type { Random } from '../random.js';

export const victims = [
  'functions-http',
  'functions-background',
  'cosmos',
  'service-bus',
  'azurite',
  'supervisor',
] as const;
export type Victim = (typeof victims)[number];

export interface Kill {
  /** Share of the sends after which it happens, in (0, 1). */
  readonly after: number;
  readonly victim: Victim;
  /** Whether the log of the store is torn as well. */
  readonly tears: boolean;
}

/** Of so many kills in a row each process gets its part. */
const turns: readonly Victim[] = [
  ...Array.from({ length: 3 }, (): Victim => 'functions-http'),
  ...Array.from({ length: 4 }, (): Victim => 'functions-background'),
  ...Array.from({ length: 5 }, (): Victim => 'cosmos'),
  ...Array.from({ length: 5 }, (): Victim => 'service-bus'),
  'azurite',
  'supervisor',
];

/** Kills spread over the run; every process gets at least one from six kills on. */
export function planKills(count: number, random: Random): Kill[] {
  const first = random.shuffle(victims);
  const others = Array.from({ length: Math.ceil(count / turns.length) }, () => random.shuffle(turns)).flat();
  return [...first, ...others].slice(0, count).map((victim, index) => ({
    after: (index + 0.5 + random.next() / 2) / (count + 1),
    victim,
    tears: (victim === 'cosmos' || victim === 'service-bus') && random.chance(0.6),
  }));
}
