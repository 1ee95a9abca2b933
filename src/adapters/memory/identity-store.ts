import type { IdentityStore, StoredClaim } from '../../ports/identity-store.js';

/** Claims in memory, with the semantics of the real store: for unit tests. */
export function createMemoryIdentityStore(): IdentityStore {
  const claims = new Map<string, StoredClaim>();
  let writes = 0;
  const load = (tokens: readonly string[]) => {
    const found = tokens.map((token) => claims.get(token)).filter((stored) => stored !== undefined);
    return new Map(found.map((stored) => [stored.claim.token, stored]));
  };
  return {
    load: (tokens) => Promise.resolve(load(tokens)),
    find: (tokens) => Promise.resolve(new Map([...load(tokens)].map(([token, { claim }]) => [token, claim]))),
    claim(claim) {
      const held = claims.get(claim.token) ?? { claim, etag: String(++writes) };
      claims.set(claim.token, held);
      return Promise.resolve(held.claim);
    },
    replace(claim, etag) {
      if (claims.get(claim.token)?.etag !== etag) return Promise.resolve('conflict');
      claims.set(claim.token, { claim, etag: String(++writes) });
      return Promise.resolve('replaced');
    },
  };
}
