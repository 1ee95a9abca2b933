import type { IdentityClaim, IdentityStore } from '../../ports/identity-store.js';

/** Entries kept; about 200 bytes each. */
const capacity = 50_000;

/**
 * Remembers claims that were seen. A claim never changes once it is made, so what is remembered is never wrong; that
 * a token is unclaimed is asked anew each time.
 */
export function cacheClaims(store: IdentityStore): IdentityStore {
  const known = new Map<string, IdentityClaim>();
  const remember = (claim: IdentityClaim) => {
    if (known.size >= capacity) known.clear();
    known.set(claim.token, claim);
  };
  return {
    async find(tokens) {
      const found = new Map<string, IdentityClaim>();
      const unknown: string[] = [];
      for (const token of tokens) {
        const claim = known.get(token);
        if (claim === undefined) unknown.push(token);
        else found.set(token, claim);
      }
      if (unknown.length === 0) return found;
      for (const [token, claim] of await store.find(unknown)) {
        remember(claim);
        found.set(token, claim);
      }
      return found;
    },
    async claim(claim) {
      const held = await store.claim(claim);
      remember(held);
      return held;
    },
  };
}
