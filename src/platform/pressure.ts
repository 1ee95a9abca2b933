/** Tells in the log how the dependencies bear what is asked of them, when they do not. */
import type { Guard } from '../adapters/throttling/guard.js';
import type { Pressure } from '../adapters/throttling/limiter.js';
import type { Logger } from './logger.js';

/** Each dependency is written about at most this often, in milliseconds. */
const pauseMs = 10_000;

interface Told {
  readonly at: number;
  readonly pressure: Pressure;
}

/**
 * Makes what is called after each piece of work: it logs `dependency-pressure` for each dependency that has set requests
 * back, or could not take them, since it was written about last. `setBacks` and `refused` count from then on.
 *
 * @param now milliseconds from any fixed moment
 */
export function createPressureReport(guards: readonly Guard[], now: () => number): (logger: Logger) => void {
  const told = new Map<string, Told>();
  return (logger) => {
    for (const { name, pressure } of guards) {
      const last = told.get(name);
      if (last !== undefined && now() - last.at < pauseMs) continue;
      const current = pressure();
      const setBacks = current.setBacks - (last?.pressure.setBacks ?? 0);
      const refused = current.refused - (last?.pressure.refused ?? 0);
      if (setBacks === 0 && refused === 0) continue;
      told.set(name, { at: now(), pressure: current });
      logger.warn('dependency-pressure', { dependency: name, ...current, setBacks, refused });
    }
  };
}
