/** Requests to the services that the exchange depends on, as they are told of. */
import type { CosmosAnswer, CosmosObserver } from '../../adapters/cosmos/observing.js';
import type { Guard } from '../../adapters/throttling/guard.js';
import { ExchangeError } from '../../core/errors.js';
import { addCharge } from './charges.js';
import type { ObservedSums, Telemetry } from './telemetry.js';

/** Measures what goes through a guard, and counts the attempts that were set back. */
export function observedGuard(telemetry: Telemetry, guard: Guard): Guard {
  if (!telemetry.isOn) return guard;
  const dependency = guard.name;
  return {
    ...guard,
    async run(attempt, judge, signal) {
      const started = performance.now();
      const tell = (outcome: string): void => {
        telemetry.record('Dependency.Duration', performance.now() - started, { dependency, outcome });
      };
      const once = async () => {
        try {
          return await attempt();
        } catch (error) {
          const kind = judge(error)?.kind;
          if (kind !== undefined) telemetry.record('Dependency.SetBacks', 1, { dependency, outcome: kind });
          throw error;
        }
      };
      try {
        const result = await guard.run(once, judge, signal);
        tell('done');
        return result;
      } catch (error) {
        tell(outcomeOf(error));
        throw error;
      }
    },
  };
}

/** What the process itself refuses, for each dependency. */
export const refusedSums = (guards: readonly Guard[]): ObservedSums => ({
  'Dependency.Refused': () =>
    guards.map(({ name, pressure }) => [pressure().refused, { dependency: name }] as const),
});

/** A dependency that says no, such as for a conflict, has done what was asked of it. */
function outcomeOf(error: unknown): 'done' | 'throttled' | 'unavailable' {
  if (!(error instanceof ExchangeError)) return 'done';
  return error.code === 'HDE_THROTTLED' ? 'throttled' : 'unavailable';
}

/** HTTP statuses of requests that another writer came before. */
const conflicts = new Set<unknown>([409, 412]);

/** Tells of requests to Cosmos DB, and adds what they cost to the work that makes them. */
export const cosmosObserver =
  (telemetry: Telemetry): CosmosObserver =>
  ({ container, operation }) => {
    const started = performance.now();
    const attributes = { container, operation };
    const span = telemetry.begin('database', { kind: 'client', attributes });
    return (answer) => {
      const outcome = outcomeOfAnswer(answer);
      const { requestUnits } = answer;
      addCharge(requestUnits);
      if (requestUnits > 0) telemetry.record('Database.RequestCharge', requestUnits, attributes);
      telemetry.record('Database.Duration', performance.now() - started, { ...attributes, outcome });
      span.set({ outcome, requestUnits });
      span.end(outcome === 'throttled' || outcome === 'unavailable');
    };
  };

function outcomeOfAnswer({ error }: CosmosAnswer): string {
  const status = (error as { readonly code?: unknown } | undefined)?.code;
  return conflicts.has(status) ? 'conflict' : outcomeOf(error);
}
