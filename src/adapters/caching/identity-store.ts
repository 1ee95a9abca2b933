import type { IdentityClaim, IdentityStore } from '../../ports/identity-store.js';

/** Entries kept; about 200 bytes each. */
const capacity = 50_000;

/**
 * Remembers claims that were seen. One that has lapsed may have been replaced since, by another process too: whoever
 * relies on a claim that was found asks the record of the patient, and loads it if that one does not bear it out. That a
 * token is unclaimed is asked anew each time.
 *
 * @param onLookup told how many tokens of a look-up were found here, and how many are sought in the store
 */
export function cacheClaims(
  store: IdentityStore,
  onLookup: (found: number, sought: number) => void = () => undefined,
): IdentityStore {
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
      onLookup(found.size, unknown.length);
      if (unknown.length === 0) return found;
      for (const [token, claim] of await store.find(unknown)) {
        remember(claim);
        found.set(token, claim);
      }
      return found;
    },
    async load(tokens) {
      const loaded = await store.load(tokens);
      for (const { claim } of loaded.values()) remember(claim);
      return loaded;
    },
    async claim(claim) {
      const held = await store.claim(claim);
      remember(held);
      return held;
    },
    async replace(claim, etag) {
      const outcome = await store.replace(claim, etag);
      if (outcome === 'replaced') remember(claim);
      else known.delete(claim.token);
      return outcome;
    },
  };
}
