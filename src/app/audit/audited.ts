/** Answers requests only when the trail says so. */
import { ExchangeError } from '../../core/errors.js';
import type { AuditEntry, AuditOutcome } from '../../core/governance/audit/entry.js';
import type { Clock } from '../../ports/clock.js';
import type { AuditTrail } from './audit-trail.js';

/** What is known of an access before it is decided on. */
export type Access = Pick<
  AuditEntry,
  'interaction' | 'onBehalfOf' | 'organisation' | 'purpose' | 'reason' | 'request' | 'subject' | 'trace'
>;

/** Records and patients that an access concerns. */
export type Concerned = Pick<AuditEntry, 'records' | 'patients'>;

export interface AuditedDependencies {
  readonly trail: AuditTrail;
  readonly clock: Clock;
}

/** An access that is to be recorded. */
export interface AuditedAccess extends Access {
  /** Whether it may change records: then it is recorded before anything is done, too. */
  readonly isChange: boolean;
  /** The reason for what was decided about records, once it is done; default: that of the access. */
  readonly decision?: () => string | undefined;
  /** The reason for which it was refused with an error; default: the code of the error. */
  readonly refusal?: (error: ExchangeError) => string | undefined;
  /** Whom it concerns, once it is done, or refused with this error. */
  readonly concerned: (error: ExchangeError | undefined) => Concerned | Promise<Concerned>;
}

/** As many records, and as many patients, as one entry names: what is more has entries of its own. */
const mostNamed = 2000;

/**
 * Does the work and records what became of it before anybody is answered.
 *
 * @throws ExchangeError what the work throws; HDE_DEPENDENCY_UNAVAILABLE when it cannot be recorded
 */
export async function audited<T>(
  deps: AuditedDependencies,
  access: AuditedAccess,
  work: () => Promise<T>,
): Promise<T> {
  if (access.isChange) await recordAccess(deps, access, 'begun', { records: [], patients: [] });
  let answer: T;
  try {
    answer = await work();
  } catch (error) {
    const known =
      error instanceof ExchangeError ? error : new ExchangeError('HDE_INTERNAL', { cause: error });
    const outcome = known.definition.http < 500 ? 'refused' : 'failed';
    const reason = access.refusal?.(known) ?? known.code;
    await recordAccess(deps, access, outcome, await access.concerned(known), reason);
    throw known;
  }
  const whom = access.concerned(undefined);
  const reason = access.decision?.() ?? access.reason;
  await recordAccess(deps, access, 'done', whom instanceof Promise ? await whom : whom, reason);
  return answer;
}

/** Records an access. @param reason default that of the access */
export function recordAccess(
  { trail, clock }: AuditedDependencies,
  { interaction, onBehalfOf, organisation, purpose, reason: ground, request, subject, trace }: Access,
  outcome: AuditOutcome,
  { records, patients }: Concerned,
  reason = ground,
): Promise<void> {
  const at = clock.now().toISOString();
  // One literal with its names in the order of a canonical entry: whoever chains it need not sort it.
  const entryOf = (patients: readonly string[], records: readonly string[]): AuditEntry => ({
    at,
    interaction,
    onBehalfOf,
    organisation,
    outcome,
    patients,
    purpose,
    reason,
    records,
    request,
    subject,
    trace,
  });
  const count = Math.max(1, Math.ceil(Math.max(records.length, patients.length) / mostNamed));
  if (count === 1) return trail.record(entryOf(patients, records));
  const part = <E>(all: readonly E[], n: number) => all.slice(n * mostNamed, (n + 1) * mostNamed);
  return Promise.all(
    Array.from({ length: count }, (_, n) => trail.record(entryOf(part(patients, n), part(records, n)))),
  ).then(() => undefined);
}
