/** How long the claims that writes make before they are committed are good for (docs/adr/0012). */
import type { IdentityClaim } from '../../ports/identity-store.js';
import type { PreparedWrite } from './write-record.js';

/**
 * In milliseconds: how long a claim may be relied on before the record is committed, and when it counts as that of a
 * write that was refused or broke off. What lies between is for a commit that is under way.
 */
export const reliable = 60_000;
export const abandoned = 90_000;

/** When a claim was made that was given back, as an ISO instant: it counts as abandoned at any time. */
export const givenBack = '1970-01-01T00:00:00.000Z';

/** In milliseconds; a claim that does not say when it was made is old. */
export const ageOf = ({ claimedAt = '' }: Pick<IdentityClaim, 'claimedAt'>, now: string): number =>
  claimedAt === '' ? Infinity : Date.parse(now) - Date.parse(claimedAt);

/** The write of a record for which something is claimed: when it takes too long, it is prepared and claimed anew. */
export const whileClaimed = (
  { place, decide }: PreparedWrite,
  claim: Pick<IdentityClaim, 'claimedAt'>,
): PreparedWrite => ({
  place,
  decide: (before, context) =>
    before?.document.kind !== 'resource' && ageOf(claim, context.now) >= reliable
      ? undefined
      : decide(before, context),
});
