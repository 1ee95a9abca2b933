import type { HealthProbe } from '../ports/health.js';

export interface DependencyHealth {
  readonly status: 'up' | 'down';
  readonly durationMs: number;
}

export interface Health {
  /** True as long as the process answers at all. */
  readonly live: true;
  /** True when every dependency is up: the exchange can take messages and answer questions. */
  readonly ready: boolean;
  readonly dependencies: Readonly<Record<string, DependencyHealth>>;
}

const timeoutMs = 3000;

/** Asks every dependency at the same time; one that does not answer within three seconds is down. */
export async function checkHealth(probes: readonly HealthProbe[], now: () => number): Promise<Health> {
  const results = await Promise.all(
    probes.map(async (probe): Promise<[string, DependencyHealth]> => {
      const started = now();
      const up = await answers(probe);
      return [probe.name, { status: up ? 'up' : 'down', durationMs: now() - started }];
    }),
  );
  return {
    live: true,
    ready: results.every(([, { status }]) => status === 'up'),
    dependencies: Object.fromEntries(results),
  };
}

async function answers(probe: HealthProbe): Promise<boolean> {
  const signal = AbortSignal.timeout(timeoutMs);
  const expired = new Promise<boolean>((resolve) => {
    signal.addEventListener('abort', () => {
      resolve(false);
    });
  });
  // The race guards against clients that do not honour the signal at once.
  return Promise.race([
    probe.check(signal).then(
      () => true,
      () => false,
    ),
    expired,
  ]);
}
