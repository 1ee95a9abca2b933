import { ExchangeError } from '../errors.js';
import type { PrincipalKind, Purpose } from './access-vocabulary.js';
import type { SmartScope } from './smart-scopes.js';

/** What a verified token says of its bearer that the access policy asks for; patients are not looked up yet. */
export interface AccessClaims {
  readonly kind: PrincipalKind;
  /** ODS code of the organisation that they act for; undefined for patients. */
  readonly organisation: string | undefined;
  /** Codes of roles and activities of the policy. */
  readonly roles: readonly string[];
  readonly scopes: readonly SmartScope[];
  /** 0 to 3: `AccessPrincipal.assurance`. */
  readonly assurance: number;
  /** For which the bearer may ask; a request chooses one of them, and needs not where there is only one. */
  readonly purposes: readonly Purpose[];
  /** `system|value` of the patient that a patient is, such as their NHS number; undefined for others. */
  readonly patientIdentifier: string | undefined;
  /** Record id of the patient whom the application was opened for (SMART launch context). */
  readonly patientInContext: string | undefined;
  /** Subject of whoever handed on what they may do, where the subject acts by it. */
  readonly onBehalfOf: string | undefined;
}

/** Allow nothing. */
export const noClaims: AccessClaims = {
  kind: 'system',
  organisation: undefined,
  roles: [],
  scopes: [],
  assurance: 0,
  purposes: [],
  patientIdentifier: undefined,
  patientInContext: undefined,
  onBehalfOf: undefined,
};

/** Who is asking, as far as a verified token says. */
export interface Principal {
  /** The token's subject: an application or a person, never a patient's identifier. */
  readonly subject: string;
  readonly claims: AccessClaims;
  readonly roles: readonly Role[];
  /** Feeds that a sender may post to, and whose messages an operator may read and decide about. */
  readonly feeds: readonly string[];
}

/** Who sends no token where none is asked for: may do nothing. */
export const nobody: Principal = { subject: '', claims: noClaims, roles: [], feeds: [] };

export const roles = ['sender', 'reader', 'writer', 'operator', 'privacy-officer'] as const;
export type Role = (typeof roles)[number];

/** What a request wants to do. The full access model grows from this one decision point. */
export type Action =
  | { readonly kind: 'send'; readonly feed: string }
  | { readonly kind: 'read-receipt'; readonly feed: string }
  /** To find, read, correct and resubmit messages. */
  | { readonly kind: 'triage'; readonly feed: string }
  | { readonly kind: 'read-records' }
  /** To create, change and delete records through the FHIR API. */
  | { readonly kind: 'write-records' };

/** The role without which nobody may do it. */
const neededRole = {
  send: 'sender',
  'read-receipt': 'sender',
  triage: 'operator',
  'read-records': 'reader',
  'write-records': 'writer',
} as const satisfies Record<Action['kind'], Role>;

/**
 * Refuses what the principal may not do.
 *
 * @throws ExchangeError HDE_FORBIDDEN that says which role the token lacks, and never whether a feed exists
 */
export function demand(principal: Principal, action: Action): void {
  if (mayDo(principal, action)) return;
  demandRole(principal, neededRole[action.kind]);
  throw new ExchangeError('HDE_FORBIDDEN', { detail: 'needs the role feed:<id> of this feed' });
}

/** @throws ExchangeError HDE_FORBIDDEN that names the role */
export function demandRole(principal: Principal, role: Role): void {
  if (!principal.roles.includes(role))
    throw new ExchangeError('HDE_FORBIDDEN', { detail: `needs the role ${role}` });
}

/** Deny by default: true only where a role allows the action. */
export function mayDo(principal: Principal, action: Action): boolean {
  const has = (role: Role) => principal.roles.includes(role);
  switch (action.kind) {
    case 'send':
      return has('sender') && principal.feeds.includes(action.feed);
    case 'read-receipt':
      return (has('sender') || has('operator')) && principal.feeds.includes(action.feed);
    case 'triage':
      return has('operator') && principal.feeds.includes(action.feed);
    case 'read-records':
      return has('reader');
    case 'write-records':
      return has('writer');
  }
}
