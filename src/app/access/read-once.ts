import type { AccessDependencies } from './access-dependencies.js';

/**
 * For several askers about the same records at the same time, such as the consumers of a batch of events: what governs the
 * records of patients is read once for all of them, and what depends on who asks for each.
 */
export function readOnce(deps: AccessDependencies): AccessDependencies {
  const { records, governance } = deps;
  return {
    ...deps,
    records: {
      ...records,
      listGoverning: remembered((ids, limit: number) => records.listGoverning(ids, limit)),
    },
    governance: { ...governance, factsOf: remembered((ids) => governance.factsOf(ids)) },
  };
}

/** A read of patients; who asks for the same ones again gets the same answer. */
function remembered<More extends readonly number[], T>(
  read: (patients: readonly string[], ...more: More) => Promise<T>,
): typeof read {
  const known = new Map<string, Promise<T>>();
  return (patients, ...more) => {
    const key = [...patients, ...more].join('\n');
    const reading = known.get(key) ?? read(patients, ...more);
    known.set(key, reading);
    return reading;
  };
}
