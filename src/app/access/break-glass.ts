/** Breaking the glass, and looking at who broke it. */
import { randomUUID } from 'node:crypto';
import { ExchangeError } from '../../core/errors.js';
import type { Principal } from '../../core/governance/access.js';
import type { AccessPolicy } from '../../core/governance/access-policy.js';
import { readReason, refusalOfGlass } from '../../core/governance/break-glass.js';
import { decisionReasons } from '../../core/governance/decision-reasons.js';
import type { KeptGlass } from '../../core/governance/kept-facts.js';
import type { Clock } from '../../ports/clock.js';
import type { GovernanceStore } from '../../ports/governance-store.js';

export interface GlassDependencies {
  readonly governance: GovernanceStore;
  readonly clock: Clock;
  readonly policy: AccessPolicy;
}

/**
 * Breaks the glass for a patient. Whether there is such a patient is not looked up: the answer must not tell.
 *
 * @throws ExchangeError HDE_FORBIDDEN for whoever may not, HDE_REQUEST_INVALID for a reason that says nothing
 */
export async function breakGlass(
  { governance, clock, policy }: GlassDependencies,
  principal: Principal,
  asked: { readonly patient: string; readonly reason: string },
): Promise<KeptGlass> {
  const openedAt = clock.now().getTime();
  const refusal = refusalOfGlass(principal, openedAt, policy);
  if (refusal !== undefined)
    throw new ExchangeError('HDE_FORBIDDEN', { detail: decisionReasons[refusal].text });
  const reason = readReason(asked.reason);
  if (reason === undefined)
    throw new ExchangeError('HDE_REQUEST_INVALID', {
      location: 'reason',
      detail: 'why this record is needed now, in 10 to 500 characters',
    });
  const { subject, claims } = principal;
  const glass: KeptGlass = {
    ...{ id: randomUUID(), patient: asked.patient, subject, organisation: claims.organisation ?? '' },
    ...{ reason, openedAt, review: undefined },
  };
  await governance.saveGlass(glass);
  return glass;
}

/** What a privacy officer says of a glass. */
export interface Finding {
  readonly patient: string;
  readonly id: string;
  readonly finding: string;
}

/**
 * Keeps what a privacy officer found.
 *
 * @param by subject of their token
 * @throws ExchangeError HDE_RESOURCE_NOT_FOUND, HDE_GLASS_REVIEWED, or HDE_FORBIDDEN to whoever broke it themselves
 */
export async function reviewGlass(
  { governance, clock }: Omit<GlassDependencies, 'policy'>,
  { patient, id, finding }: Finding,
  by: string,
): Promise<KeptGlass> {
  const known = await governance.findGlass(patient, id);
  if (known === undefined) throw new ExchangeError('HDE_RESOURCE_NOT_FOUND');
  if (known.subject === by)
    throw new ExchangeError('HDE_FORBIDDEN', { detail: 'somebody else is to review it' });
  if (known.review !== undefined) throw new ExchangeError('HDE_GLASS_REVIEWED');
  const review = { by, at: clock.now().toISOString(), finding };
  const kept = await governance.reviewGlass(patient, id, review);
  // Of two who review it at once the first one counts.
  if (kept?.review?.by !== by) throw new ExchangeError('HDE_GLASS_REVIEWED');
  return kept;
}
