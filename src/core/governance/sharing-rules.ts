/** Rules about whose record it is: that of the asker, of their organisation, or of one that shares it with them. */
import type { AccessPolicy, SharingAgreement } from './access-policy.js';
import {
  isCare,
  isSamePerson,
  isWithin,
  type AccessRequest,
  type PatientFacts,
  type RecordFacts,
} from './access-request.js';
import type { ReasonCode } from './decision-reasons.js';
import { actionsOf } from './request-rules.js';

/** What access to a record rests on. */
const grounds = ['own-record', 'proxy-record', 'own-organisation', 'sharing-agreement'] as const;
export type Ground = (typeof grounds)[number];

type Sharing = Ground | ReasonCode;

export const isGround = (sharing: Sharing): sharing is Ground =>
  (grounds as readonly string[]).includes(sharing);

/** The ground of access to a record, or why there is none. */
export function compileSharing(
  request: AccessRequest,
  policy: AccessPolicy,
): (record: RecordFacts, patient: PatientFacts | undefined) => Sharing {
  if (request.principal.kind === 'patient')
    return (_, patient) => (patient === undefined ? 'not-own-record' : ownOrProxied(request, patient));
  const own = request.principal.organisation;
  const agreementOf = compileAgreements(request, policy);
  return ({ organisation, type }) => {
    if (organisation === undefined) return 'custodian-unknown';
    return organisation === own ? 'own-organisation' : agreementOf(organisation, type);
  };
}

/**
 * Whether a record that names no patient is the asker's own, for care: whom it is about, and what they want, nobody could
 * look up, so that nobody else has it, and nobody for another purpose.
 */
export const isForCareOfOwn = (request: AccessRequest, { organisation }: RecordFacts): boolean =>
  organisation !== undefined && organisation === request.principal.organisation && isCare(request);

function ownOrProxied({ principal, now }: AccessRequest, patient: PatientFacts): Sharing {
  if (isSamePerson(patient, principal.ownRecord)) return 'own-record';
  const isProxy = patient.proxies.some(
    (proxy) => proxy.subject === principal.subject && isWithin(proxy, now),
  );
  return isProxy ? 'proxy-record' : 'not-own-record';
}

/** The agreements with the asker, by the organisation that shares. */
function compileAgreements(
  request: AccessRequest,
  { agreements }: AccessPolicy,
): (from: string, type: string) => Sharing {
  const { principal, purpose, now } = request;
  const { organisation } = principal;
  const actions = actionsOf(request);
  const byOrganisation = new Map<string, SharingAgreement[]>();
  for (const agreement of agreements) {
    const isOurs =
      organisation !== undefined &&
      purpose !== undefined &&
      agreement.with.includes(organisation) &&
      agreement.purposes.includes(purpose) &&
      actions.every((action) => agreement.actions.includes(action));
    if (!isOurs) continue;
    const others = byOrganisation.get(agreement.from);
    if (others === undefined) byOrganisation.set(agreement.from, [agreement]);
    else others.push(agreement);
  }
  return (from, type) => {
    const about = (byOrganisation.get(from) ?? []).filter(
      ({ types }) => types.includes('*') || types.includes(type),
    );
    if (about.length === 0) return 'no-agreement';
    return about.some((agreement) => isWithin(agreement, now))
      ? 'sharing-agreement'
      : 'agreement-not-in-force';
  };
}
