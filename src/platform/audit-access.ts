/** Who asks for what, as the audit trail has it; also what was refused before anything was looked at. */
import { randomUUID } from 'node:crypto';
import { recordAccess, type Access, type AuditedDependencies } from '../app/audit/audited.js';
import { ExchangeError } from '../core/errors.js';
import type { Principal, Role } from '../core/governance/access.js';
import { codeOfPurpose } from '../core/governance/access-vocabulary.js';
import { container } from './container.js';
import type { Exchange } from './http.js';

/** What recording needs of this process. */
export const auditDependencies = async (): Promise<AuditedDependencies> => ({
  trail: await container().auditTrail(),
  clock: container().clock,
});

/** Who asks for what, and the role that allows it. */
export const accessOf = (
  { principal, traceparent }: Pick<Exchange, 'principal' | 'traceparent'>,
  interaction: string,
  role: Role,
  request: string = randomUUID(),
): Access => ({
  interaction,
  request,
  onBehalfOf: principal.claims.onBehalfOf,
  organisation: principal.claims.organisation,
  purpose: ownPurpose[role] ?? purposeOfToken(principal),
  reason: `role-${role}`,
  subject: principal.subject,
  trace: traceparent?.split('-')[1],
});

/** What some do they do to run the exchange (HL7 v3 PurposeOfUse: health system administration, health compliance). */
const ownPurpose: Partial<Record<Role, string>> = { operator: 'HSYSADMIN', 'privacy-officer': 'HCOMPL' };

/** What a token is for, where that is one purpose. */
function purposeOfToken({ claims }: Principal): string | undefined {
  const [only, another] = claims.purposes;
  return only === undefined || another !== undefined ? undefined : codeOfPurpose[only];
}

/**
 * Asks whether somebody may do something at all; a refusal stands in the trail before it is answered.
 *
 * @throws ExchangeError what `demand` throws; HDE_DEPENDENCY_UNAVAILABLE when that cannot be recorded
 */
export async function demandRecorded<T>(
  exchange: Pick<Exchange, 'principal' | 'traceparent'>,
  { interaction, role }: { readonly interaction: string; readonly role: Role },
  demand: () => T | Promise<T>,
): Promise<T> {
  try {
    return await demand();
  } catch (error) {
    if (error instanceof ExchangeError && error.definition.http === 403) {
      const access = { ...accessOf(exchange, interaction, role), reason: error.code };
      await recordAccess(await auditDependencies(), access, 'refused', { records: [], patients: [] });
    }
    throw error;
  }
}
