/** What a deployment has agreed: a document that `parseAccessPolicy` reads (docs/reference/access-model.md). */
import type { Action, Label, PrincipalKind, Purpose } from './access-vocabulary.js';
import type { SmartScope } from './smart-scopes.js';

export interface AccessPolicy {
  /** Organisations that take part; nobody asks for any other. */
  readonly organisations: readonly Organisation[];
  readonly agreements: readonly SharingAgreement[];
  readonly roles: readonly RoleActivity[];
  /** Applications that are known beforehand: what their tokens say is cut down to what stands here. */
  readonly clients: readonly RegisteredClient[];
  /** How surely each kind of principal must be authenticated, 0 to 3 (`AccessPrincipal.assurance`). */
  readonly assurance: Readonly<Record<PrincipalKind, number>>;
  readonly breakGlass: BreakGlassRules;
  readonly optOut: OptOutRules;
  readonly relationship: RelationshipRules;
  /** Who is told of changes; nobody else is. */
  readonly consumers: readonly Consumer[];
}

export interface RelationshipRules {
  /** How long an organisation counts as caring for a patient after its feeds have last said something about them. */
  readonly days: number;
}

export interface Organisation {
  /** ODS code. */
  readonly ods: string;
  readonly name: string;
  /** False for one that takes part no more. */
  readonly isActive: boolean;
}

/** One organisation shares records that it holds with others. */
export interface SharingAgreement {
  readonly id: string;
  /** ODS code of the organisation that shares. */
  readonly from: string;
  /** ODS codes of those it shares with. */
  readonly with: readonly string[];
  /** Resource types; `*` for all. */
  readonly types: readonly string[];
  readonly purposes: readonly Purpose[];
  readonly actions: readonly Action[];
  /** First moment, in milliseconds since 1970. */
  readonly start: number;
  /** The first moment after it. */
  readonly end: number;
}

/** What a role or an activity of a role (CIS2: `R8000`, `B0572`) allows. */
export interface RoleActivity {
  readonly code: string;
  readonly name: string;
  /** Resource types; `*` for all. */
  readonly types: readonly string[];
  readonly actions: readonly Action[];
  readonly purposes: readonly Purpose[];
  /** Labels whose records it opens, for care and its administration. */
  readonly clearance: readonly Label[];
  readonly mayBreakGlass: boolean;
}

/** An application that has been registered, by the issuer whose tokens name it, or with us by its own key. */
export interface RegisteredClient {
  /** What its tokens, or its assertions, call it. */
  readonly id: string;
  /** `iss` of the tokens that name it; undefined for one that gets its tokens from our own token endpoint. */
  readonly issuer: string | undefined;
  /** Where our token endpoint finds its public keys; undefined for one whose tokens another issuer signs. */
  readonly keys: ClientKeys | undefined;
  /** ODS code; undefined: its tokens say for whom they are, or it is for patients. */
  readonly organisation: string | undefined;
  readonly purposes: readonly Purpose[];
  readonly scopes: readonly SmartScope[];
  /** SHA-256 of the certificates of which one must come with each of its requests, in hexadecimal; none: none must. */
  readonly certificates: readonly string[];
}

/** Public keys (RFC 7517), or the address of them. */
export type ClientKeys =
  | { readonly kind: 'set'; readonly jwks: { readonly keys: readonly Readonly<Record<string, unknown>>[] } }
  | { readonly kind: 'address'; readonly jwksUri: string };

export interface BreakGlassRules {
  /** How long it stays open. */
  readonly minutes: number;
  /** Whether it also opens what the patient's consent holds back. */
  readonly overridesConsent: boolean;
}

export interface OptOutRules {
  /** How long an answer of the national service counts. */
  readonly days: number;
}

/** A system that is told of changes, as far as it may read what was changed. */
export interface Consumer {
  /** Name of its subscription of the topic `events`; the subject in the audit trail. */
  readonly id: string;
  /** ODS code of the organisation for which it is told. */
  readonly organisation: string;
  /** `system/` scopes: of which records it is told. */
  readonly scopes: readonly SmartScope[];
  readonly purpose: Purpose;
  /** Codes of roles of the policy: what they are cleared for, it is. */
  readonly roles: readonly string[];
}
