import type { AccountStore } from '../../ports/account-store.js';

/** How far accounts are balanced, in memory, with the semantics of the real store: for tests. */
export function createMemoryAccountStore(): AccountStore {
  const noted = new Map<string, string>();
  return {
    balancedUntil: (feed) => Promise.resolve(noted.get(feed)),
    noteBalanced(feed, until) {
      noted.set(feed, until);
      return Promise.resolve();
    },
  };
}
