import type { ReplayStore } from '../../ports/replay-store.js';

/**
 * Names that were used, in memory, with the semantics of the real store: for tests.
 *
 * @param now milliseconds since 1970
 */
export function createMemoryReplayStore(now: () => number = Date.now): ReplayStore {
  const used = new Map<string, number>();
  return {
    useOnce(name, seconds) {
      const until = used.get(name);
      if (until !== undefined && now() < until) return Promise.resolve(false);
      used.set(name, now() + seconds * 1000);
      return Promise.resolve(true);
    },
  };
}
