/** The highest rate that the whole path sustains. */
import type { Stack } from '../../local/stack/stack.js';
import { atRate } from './at-rate.js';
import { countWaiting, untilDrained } from './backlog.js';
import { takeMessages } from './messages.js';
import { percentile } from './percentile.js';
import { post, type Target } from './post.js';

/** What one rate did. */
export interface Step {
  readonly messagesPerSecond: number;
  readonly acceptP95Ms: number;
  /** Messages that were accepted and not finished when the last one was answered. */
  readonly waiting: number;
  readonly holds: boolean;
}

/** Where rates are tried. */
export interface Ground {
  readonly target: Target;
  readonly stack: Stack;
  readonly log: (line: string) => void;
}

/** A rate is too high when so many seconds' worth of messages wait at the end of its step. */
const mostSecondsWaiting = 2;

/** Raises the rate by a fifth from step to step, until one does not hold. */
export async function ramp(ground: Ground, seconds: number): Promise<Step[]> {
  const steps: Step[] = [];
  for (let rate = 10; steps.at(-1)?.holds !== false; rate = Math.ceil(rate * 1.2)) {
    steps.push(await tryRate(ground, rate, seconds));
  }
  return steps;
}

/** The highest of some steps that holds for longer too: a queue, and what is compiled and collected later, hide for a while. */
export async function confirm(steps: readonly Step[], ground: Ground, seconds: number): Promise<number> {
  for (const { messagesPerSecond } of steps.filter(({ holds }) => holds).reverse()) {
    const { holds } = await tryRate(ground, messagesPerSecond, seconds);
    if (holds) return messagesPerSecond;
  }
  return 0;
}

async function tryRate({ target, stack, log }: Ground, rate: number, seconds: number): Promise<Step> {
  const messages = takeMessages(`R${rate}x${seconds}x`, rate * seconds);
  const { results } = await atRate(messages, rate, ({ text }) => post(target, text));
  const waiting = await countWaiting(stack);
  const refused = results.filter(([, isAccepted]) => !isAccepted).length;
  const times = results.map(([milliseconds]) => milliseconds);
  log(`${rate}/s for ${seconds} s: ${waiting} waiting`);
  await untilDrained(stack);
  return {
    messagesPerSecond: rate,
    acceptP95Ms: Number(percentile(times, 0.95).toFixed(1)),
    waiting,
    holds: refused === 0 && waiting <= rate * mostSecondsWaiting,
  };
}

/** The highest rate that held; 0 when none did. */
export const highestOf = (steps: readonly Step[]): number =>
  Math.max(0, ...steps.filter(({ holds }) => holds).map(({ messagesPerSecond }) => messagesPerSecond));
