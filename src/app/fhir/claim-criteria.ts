/** Claims by which of many conditional writes at the same moment one creates, and the others find (docs/adr/0012, 0013). */
import { ExchangeError } from '../../core/errors.js';
import { identifierToken } from '../../core/identity/tokens.js';
import type { LatestDocument } from '../../core/records/types.js';
import type { IdentityClaim } from '../../ports/identity-store.js';
import { abandoned, ageOf, reliable } from './claim-age.js';
import type { Criteria } from './criteria.js';
import type { WriteDependencies, Writer } from './write-dependencies.js';
import type { WritePlace } from './write-record.js';

/** Records of one claim that no longer meet its criteria; more would be a fault. */
const mostGuards = 20;

/** The place of a record that criteria are claimed for. */
export interface ClaimedPlace extends WritePlace {
  /** ISO instant. */
  readonly claimedAt: string;
}

/** The write that criteria are claimed for. */
export interface ClaimingWrite {
  readonly kind: 'create' | 'update';
  readonly writer: Pick<Writer, 'requestId' | 'access'>;
}

/**
 * The place of the record that criteria stand for from now on, where nothing meets them that is open to the writer.
 *
 * Of many such requests at the same moment one creates: each claims the criteria for the record that it would create, in
 * the identity store, and all create the record of the claim that holds. A claim that nobody fulfilled gives way after a
 * while, so that a write which was refused does not keep its criteria from one about another patient.
 *
 * @throws ExchangeError HDE_ID_TAKEN when they are claimed for a record about another patient, HDE_CONCURRENT_UPDATE when
 * such a record may be about to be written
 */
export async function claimCriteria(
  deps: WriteDependencies,
  wanted: WritePlace,
  { key, isMet }: Criteria,
  { kind, writer: { requestId, access } }: ClaimingWrite,
): Promise<ClaimedPlace> {
  const { type } = wanted;
  // A number belongs to one Patient, whoever may see them.
  const isOpen = async (stands: LatestDocument | undefined): Promise<boolean> =>
    type === 'Patient' || stands?.kind !== 'resource' || access.permits(kind, stands);
  for (let guard = 0; guard < mostGuards;) {
    const claim = {
      token: identifierToken(deps.identitySecret, `urn:hde:create:${type}:${guard}`, key),
      patientKey: `${wanted.partition}/${wanted.id}`,
      messageId: requestId,
      claimedAt: deps.clock.now().toISOString(),
    };
    const held = await deps.identities.claim(claim);
    const [partition = '', id = ''] = held.patientKey.split('/');
    const stands = await deps.records.readLatest(type, id, partition);
    const place = { type, id, partition };
    const judged = (await isOpen(stands))
      ? judge(wanted, place, { held, stands, isMet, now: claim.claimedAt })
      : 'next';
    if (judged === 'holds') return { ...place, claimedAt: held.claimedAt ?? claim.claimedAt };
    if (judged === 'next') guard += 1;
    else await claimAnew(deps, held, judged === 'renew' ? { ...claim, patientKey: held.patientKey } : claim);
  }
  throw new ExchangeError('HDE_CONCURRENT_UPDATE');
}

interface Held {
  readonly held: IdentityClaim;
  /** What stands at the place that is claimed. */
  readonly stands: LatestDocument | undefined;
  readonly isMet: Criteria['isMet'];
  /** ISO instant. */
  readonly now: string;
}

/**
 * What a claim is worth: it `holds`, is to be renewed for its own place, or replaced by one for the place that is wanted;
 * or it is no longer what the criteria stand for, and the next one decides.
 */
function judge(
  wanted: WritePlace,
  place: WritePlace,
  { held, stands, isMet, now }: Held,
): 'holds' | 'renew' | 'replace' | 'next' {
  const isThere = stands?.kind === 'resource';
  // One that does not meet the criteria any more no longer is what the claim is for.
  if (isThere && !isMet(stands)) return 'next';
  const age = ageOf(held, now);
  const isUsable =
    place.partition === wanted.partition ||
    (isNobodys(place) && isNobodys(wanted) && wanted.type !== 'Patient');
  if (isUsable) return isThere || age < reliable ? 'holds' : 'renew';
  if (isThere) throw new ExchangeError('HDE_ID_TAKEN');
  // What was deleted does not keep the criteria from somebody else.
  if (stands !== undefined) return 'next';
  if (age >= abandoned) return 'replace';
  throw new ExchangeError('HDE_CONCURRENT_UPDATE', {
    retryAfterSeconds: Math.ceil((abandoned - age) / 1000),
  });
}

/** Puts a claim in the place of one that stands as it was found; else that of somebody else is there. */
async function claimAnew(
  { identities }: WriteDependencies,
  found: IdentityClaim,
  anew: IdentityClaim,
): Promise<void> {
  const stored = (await identities.load([found.token])).get(found.token);
  const { messageId, claimedAt } = stored?.claim ?? {};
  if (stored !== undefined && messageId === found.messageId && claimedAt === found.claimedAt)
    await identities.replace(anew, stored.etag);
}

/** Records about nobody have a partition each. */
const isNobodys = ({ id, partition }: WritePlace): boolean => id === partition;
