/** What a transaction claimed and gives back when it is refused: its retry may be about another patient (docs/adr/0013). */
import { ExchangeError } from '../../../core/errors.js';
import { patientKeyFromToken } from '../../../core/identity/tokens.js';
import type { IdentityClaim, IdentityStore } from '../../../ports/identity-store.js';
import { givenBack } from '../claim-age.js';
import { releasePlace } from '../record-places.js';
import type { WriteDependencies } from '../write-dependencies.js';
import type { WriteInteraction } from '../write-interaction.js';
import type { EntryWrite } from './prepare-transaction.js';

/**
 * Does the work of a transaction, and gives back what its writes claimed when it is refused.
 *
 * - An id that a client chose: each request relies on a claim of it in its own name.
 * - Criteria, where they are claimed for a record about a patient without identifiers whom this request would have
 *   created: that patient has another key in each request, so that nobody else can rely on the claim. Of other patients
 *   the claim serves the retry as it is.
 */
export async function givingBack<T>(
  deps: WriteDependencies,
  writes: readonly EntryWrite[],
  work: (deps: WriteDependencies) => Promise<T>,
): Promise<T> {
  const claims = new Map<string, IdentityClaim>();
  try {
    return await work({ ...deps, identities: noting(deps.identities, claims) });
  } catch (error) {
    // Of a failure that is no refusal it is not known whether something will be stored.
    if (error instanceof ExchangeError && error.definition.http < 500) {
      for (const { write } of writes)
        for (const id of idsChosenBy(write))
          await trying(releasePlace(deps, { type: write.type, id, requestId: write.writer.requestId }));
      const own = keysOf(deps, writes);
      for (const claim of claims.values())
        if (own.has(claim.patientKey.replace(/\/.*$/, ''))) await trying(release(deps, claim));
    }
    throw error;
  }
}

/** The id that the client chose for a record; of a conditional update that of its body. */
function idsChosenBy(write: WriteInteraction): string[] {
  if (write.kind !== 'update' || write.type === 'Patient') return [];
  const id = write.id === '' ? write.statement.resource.id : write.id;
  return id === undefined ? [] : [id];
}

/** The keys of patients who have no identifiers to follow from. */
const keysOf = ({ identitySecret }: WriteDependencies, writes: readonly EntryWrite[]): ReadonlySet<string> =>
  new Set(
    writes.flatMap(({ write: { type, writer } }) =>
      type === 'Patient' ? [patientKeyFromToken(identitySecret, writer.requestId)] : [],
    ),
  );

/** The store, with a note of each claim that is made. */
const noting = (identities: IdentityStore, claims: Map<string, IdentityClaim>): IdentityStore => ({
  ...identities,
  claim: async (claim) => {
    const held = await identities.claim(claim);
    if (held.messageId === claim.messageId) claims.set(claim.token, held);
    return held;
  },
  replace: async (claim, etag) => {
    const outcome = await identities.replace(claim, etag);
    if (outcome === 'replaced') claims.set(claim.token, claim);
    return outcome;
  },
});

async function release(
  { identities }: WriteDependencies,
  { token, messageId }: IdentityClaim,
): Promise<void> {
  const stored = (await identities.load([token])).get(token);
  if (stored?.claim.messageId === messageId)
    await identities.replace({ ...stored.claim, claimedAt: givenBack }, stored.etag);
}

/** What is not given back is abandoned after a while: the answer is the refusal, whatever happens here. */
async function trying(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch {
    // The claim ages.
  }
}
