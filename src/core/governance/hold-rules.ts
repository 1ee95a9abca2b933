/** Rules that hold back a record to which there is a ground of access, and break-glass, which opens some of them. */
import type { AccessPolicy } from './access-policy.js';
import {
  isCare,
  isWithin,
  type AccessRequest,
  type PatientFacts,
  type RecordFacts,
} from './access-request.js';
import { secondaryPurposes, type Label } from './access-vocabulary.js';
import { closingTime } from './break-glass.js';
import { compileConsents, type Refuses } from './consent.js';
import { decisionOf, type Decision, type Obligation, type ReasonCode } from './decision-reasons.js';
import { isOptedOut } from './opt-out.js';
import { actionsOf, type TypeRights } from './request-rules.js';
import type { Ground } from './sharing-rules.js';

/** What does not change from record to record of a patient. */
interface Standing {
  readonly isOptedOut: boolean;
  /** Also where none is needed. */
  readonly hasRelationship: boolean;
  readonly refuses: Refuses | undefined;
  /** `closed`: nobody broke it for this patient. */
  readonly glass: 'open' | 'closed' | ReasonCode;
}

/** A record with a ground of access. */
interface Subject {
  readonly record: RecordFacts;
  readonly patient: PatientFacts;
  readonly ground: Ground;
  readonly rights: TypeRights;
}

/** The final decision about a record to which there is a ground of access; each patient is looked at once. */
export function compileHolds(request: AccessRequest, policy: AccessPolicy): (subject: Subject) => Decision {
  const standings = new Map<PatientFacts, Standing>();
  const standingOf = (patient: PatientFacts): Standing => {
    const known = standings.get(patient);
    if (known !== undefined) return known;
    const standing = findStanding(request, policy, patient);
    standings.set(patient, standing);
    return standing;
  };
  return ({ record, patient, ground, rights }) => {
    const standing = standingOf(patient);
    const held: HeldRecord = {
      record,
      patient,
      ground,
      rights,
      request,
      standing,
      glass: glassFor(standing, rights),
      isOwn: ground === 'own-record',
      overridesConsent: policy.breakGlass.overridesConsent,
    };
    for (const rule of rules) {
      const decision = rule(held);
      if (decision !== undefined) return decision;
    }
    return permit(held);
  };
}

const watchedLabels = ['very-restricted', 'restricted'] as const;

/**
 * The final decision about a record that is about nobody, such as the address of a refuge: no glass opens what its labels
 * hold back, for it is broken for a patient.
 */
export function holdOfNobodys(
  request: AccessRequest,
  { labels }: RecordFacts,
  { clearance }: TypeRights,
  ground: 'directory' | 'own-organisation',
): Decision {
  const isCleared = (label: Label): boolean => isCare(request) && clearance.has(label);
  for (const label of [...watchedLabels, 'sensitive'] as const)
    if (labels.includes(label) && !isCleared(label)) return decisionOf(label);
  if (request.principal.kind === 'patient' && labels.includes('not-for-patient'))
    return decisionOf('not-for-patient');
  return watchedLabels.some((label) => labels.includes(label))
    ? decisionOf(ground, 'alert')
    : decisionOf(ground);
}

/** A record, and what the rules look at. */
interface HeldRecord extends Subject {
  readonly request: AccessRequest;
  readonly standing: Standing;
  readonly glass: Standing['glass'];
  readonly isOwn: boolean;
  readonly overridesConsent: boolean;
}

type Rule = (held: HeldRecord) => Decision | undefined;

/** In this order: whoever is told that something is withheld has got past all that would have denied the record. */
const rules: readonly Rule[] = [
  ({ standing }) => (standing.isOptedOut ? decisionOf('opted-out') : undefined),
  (held) => (isHeld(held, 'very-restricted') ? decisionOf('very-restricted') : undefined),
  (held) => (isHeld(held, 'restricted') ? unlessOpen(held, 'restricted') : undefined),
  (held) => (held.standing.hasRelationship ? undefined : unlessOpen(held, 'no-relationship')),
  (held) =>
    isRefused(held) && !(held.glass === 'open' && held.overridesConsent)
      ? decisionOf('consent-denies')
      : undefined,
  (held) =>
    isHeld(held, 'sensitive') && held.glass !== 'open'
      ? decisionOf('sensitive', ...offerOf(held))
      : undefined,
  (held) =>
    held.request.principal.kind === 'patient' && has(held, 'not-for-patient')
      ? decisionOf('not-for-patient')
      : undefined,
];

function permit(held: HeldRecord): Decision {
  const { ground, isOwn, standing } = held;
  if (isHeld(held, 'restricted')) return decisionOf('break-glass', 'alert', 'redact-location');
  if (isHeld(held, 'sensitive') || !standing.hasRelationship || isRefused(held))
    return decisionOf('break-glass', 'alert');
  const isWatched = !isOwn && (has(held, 'restricted') || has(held, 'very-restricted'));
  return isWatched ? decisionOf(ground, 'alert') : decisionOf(ground);
}

const has = ({ record, patient }: HeldRecord, label: Label): boolean =>
  record.labels.includes(label) || patient.labels.includes(label);

const isHeld = (held: HeldRecord, label: Label): boolean =>
  !held.isOwn && has(held, label) && !(isCare(held.request) && held.rights.clearance.has(label));

/** Patients see what they keep from others. */
const isRefused = ({ isOwn, standing, record, patient }: HeldRecord): boolean =>
  !isOwn && standing.refuses?.(record.type, [...patient.labels, ...record.labels]) === true;

/** Denies what the glass opens, and says what was wrong with the glass if somebody broke it. */
function unlessOpen(held: HeldRecord, reason: 'restricted' | 'no-relationship'): Decision | undefined {
  const { glass } = held;
  if (glass === 'open') return undefined;
  if (glass !== 'closed') return decisionOf(glass);
  // An offer would say that there is a restricted record.
  return reason === 'restricted' ? decisionOf(reason) : decisionOf(reason, ...offerOf(held));
}

const offerOf = ({ glass, rights, request }: HeldRecord): readonly Obligation[] =>
  glass === 'closed' && rights.mayBreakGlass && isGlassTime(request) ? ['offer-break-glass'] : [];

/** The glass is broken to care for one patient, never for bulk data. */
const isGlassTime = ({ principal, purpose, interaction }: AccessRequest): boolean =>
  principal.kind === 'staff' &&
  purpose === 'direct-care' &&
  interaction !== 'export' &&
  interaction !== 'event';

const glassFor = ({ glass }: Standing, { mayBreakGlass }: TypeRights): Standing['glass'] =>
  glass === 'closed' || mayBreakGlass ? glass : 'break-glass-not-allowed';

function findStanding(request: AccessRequest, policy: AccessPolicy, patient: PatientFacts): Standing {
  const { principal, purpose, now } = request;
  const { subject, organisation } = principal;
  return {
    isOptedOut: purpose !== undefined && secondaryPurposes.has(purpose) && isOptedOut(patient.optOut),
    hasRelationship: !(principal.kind === 'staff' && isCare(request)) || isKnownTo(request, patient),
    refuses:
      purpose === undefined
        ? undefined
        : compileConsents(patient.consents, {
            subject,
            organisation,
            purpose,
            actions: actionsOf(request),
            now,
          }),
    glass: findGlass(request, policy, patient),
  };
}

function isKnownTo({ principal, now }: AccessRequest, { relationships }: PatientFacts): boolean {
  return relationships.some(
    (relationship) =>
      relationship.organisation === principal.organisation &&
      (relationship.subject === undefined || relationship.subject === principal.subject) &&
      isWithin(relationship, now),
  );
}

function findGlass(request: AccessRequest, policy: AccessPolicy, patient: PatientFacts): Standing['glass'] {
  const { breakGlass, now } = request;
  if (breakGlass?.patient !== patient.id) return 'closed';
  if (!isGlassTime(request)) return 'break-glass-not-allowed';
  if (breakGlass.reason.trim() === '') return 'break-glass-without-reason';
  const end = closingTime(breakGlass.openedAt, policy);
  return isWithin({ start: breakGlass.openedAt, end }, now) ? 'open' : 'break-glass-not-in-force';
}
