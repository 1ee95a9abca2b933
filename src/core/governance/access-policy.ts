/** What a deployment has agreed: a document that `parseAccessPolicy` reads (docs/reference/access-model.md). */
import type { Action, Label, PrincipalKind, Purpose } from './access-vocabulary.js';

export interface AccessPolicy {
  /** Organisations that take part; nobody asks for any other. */
  readonly organisations: readonly Organisation[];
  readonly agreements: readonly SharingAgreement[];
  readonly roles: readonly RoleActivity[];
  /** How surely each kind of principal must be authenticated, 0 to 3 (`AccessPrincipal.assurance`). */
  readonly assurance: Readonly<Record<PrincipalKind, number>>;
  readonly breakGlass: BreakGlassRules;
  readonly optOut: OptOutRules;
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
