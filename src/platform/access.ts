/** Who asks for records, what for, and what the access policy needs besides: from the token and the headers of a request. */
import type { AccessDependencies } from '../app/access/access-dependencies.js';
import { RequestAccess, type Asker } from '../app/access/request-access.js';
import { ExchangeError } from '../core/errors.js';
import { demand, mayDo, type Principal } from '../core/governance/access.js';
import { decisionReasons } from '../core/governance/decision-reasons.js';
import { purposeOf, type Action, type Purpose } from '../core/governance/access-vocabulary.js';
import { isOwnedBy } from '../core/identity/known-by.js';
import { identifierToken } from '../core/identity/tokens.js';
import type { IdentityStore } from '../ports/identity-store.js';
import type { RecordStore } from '../ports/record-store.js';
import type { Container } from './container.js';

/** The header in which a request says what records are wanted for: a word of the access model, or a code of v3 PurposeOfUse. */
export const purposeHeader = 'x-hde-purpose';

/** What tells whom a token is about. */
export interface OwnRecordDependencies {
  readonly records: Pick<RecordStore, 'readCurrent'>;
  readonly identities: Pick<IdentityStore, 'find'>;
  readonly identitySecret: string;
}

/**
 * What for: as the header says, which must be one of those of the token; without a header the only one of the token.
 *
 * @returns undefined when that is not known or not allowed: then nothing is given
 */
export function purposeAsked({ claims }: Principal, header: string | null): Purpose | undefined {
  const { purposes: allowed } = claims;
  if (header === null) return allowed.every((purpose) => purpose === allowed[0]) ? allowed[0] : undefined;
  const asked = purposeOf(header.trim());
  return asked !== undefined && allowed.includes(asked) ? asked : undefined;
}

/**
 * Record id of the patient who asks: whoever claims their identifier, if the record still states it as theirs: a former
 * number may be somebody else's. Undefined for everybody else.
 */
async function ownRecordOf(
  { records, identities, identitySecret }: OwnRecordDependencies,
  { claims: { kind, patientIdentifier } }: Principal,
): Promise<string | undefined> {
  if (kind !== 'patient' || patientIdentifier === undefined) return undefined;
  const bar = patientIdentifier.indexOf('|');
  const [system, value] = [patientIdentifier.slice(0, bar), patientIdentifier.slice(bar + 1)];
  const token = identifierToken(identitySecret, system, value);
  const key = (await identities.find([token])).get(token)?.patientKey;
  if (key === undefined) return undefined;
  const patient = await records.readCurrent('Patient', key);
  return isOwnedBy(patient?.resource, { system, value }) ? key : undefined;
}

/** Who asks, as the access policy knows them; only of patients anything is looked up. */
export function askerOf(
  deps: OwnRecordDependencies,
  principal: Principal,
  header: string | null,
  now: Date,
): Asker | Promise<Asker> {
  const { subject, claims } = principal;
  const { kind, organisation, roles, scopes, assurance, patientInContext } = claims;
  const asking = (ownRecord: string | undefined): Asker => ({
    principal: { subject, kind, organisation, roles, scopes, assurance, ownRecord, patientInContext },
    purpose: purposeAsked(principal, header),
    now: now.getTime(),
  });
  return kind === 'patient' ? ownRecordOf(deps, principal).then(asking) : asking(undefined);
}

/** The access of one request. */
export function requestAccess(
  { config, clock }: Pick<Container, 'config' | 'clock'>,
  deps: OwnRecordDependencies & Pick<AccessDependencies, 'records' | 'governance' | 'baseUrl'>,
  principal: Principal,
  header: string | null,
): RequestAccess | Promise<RequestAccess> {
  const { accessPolicy: policy, feeds } = config;
  const { records, governance, baseUrl, identitySecret } = deps;
  const accessOf = (asker: Asker) =>
    new RequestAccess({ records, governance, baseUrl, identitySecret, policy, feeds }, asker);
  const asker = askerOf(deps, principal, header, clock.now());
  return asker instanceof Promise ? asker.then(accessOf) : accessOf(asker);
}

const readingActions: readonly Action[] = ['r', 's'];
const writingActions: readonly Action[] = ['c', 'u', 'd'];

/**
 * Whether somebody may ask for records at all. Applications need a role for it; people have none, and the scopes of their
 * token are what allows it. What they may have of it is for the access policy to say.
 */
export const mayAskFor = (principal: Principal, what: 'read-records' | 'write-records'): boolean =>
  principal.claims.kind === 'system'
    ? mayDo(principal, { kind: what })
    : principal.claims.scopes.some(({ actions }) =>
        actions.some((action) =>
          (what === 'read-records' ? readingActions : writingActions).includes(action),
        ),
      );

/** @throws ExchangeError HDE_FORBIDDEN for somebody who may not ask for records at all */
export function demandTo(principal: Principal, what: 'read-records' | 'write-records'): void {
  if (mayAskFor(principal, what)) return;
  // Of people no role is asked, which the refusal would name.
  if (principal.claims.kind === 'system') demand(principal, { kind: what });
  throw new ExchangeError('HDE_FORBIDDEN', { detail: decisionReasons['scope-missing'].text });
}
