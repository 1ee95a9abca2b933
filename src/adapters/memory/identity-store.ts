import type { IdentityClaim, IdentityStore } from '../../ports/identity-store.js';

/** Claims in memory, with the semantics of the real store: for unit tests. */
export function createMemoryIdentityStore(): IdentityStore {
  const claims = new Map<string, IdentityClaim>();
  return {
    find(tokens) {
      const found = tokens.map((token) => claims.get(token)).filter((claim) => claim !== undefined);
      return Promise.resolve(new Map(found.map((claim) => [claim.token, claim])));
    },
    claim(claim) {
      const held = claims.get(claim.token) ?? claim;
      claims.set(claim.token, held);
      return Promise.resolve(held);
    },
  };
}
