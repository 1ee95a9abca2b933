/** What is asked of the access policy: who, what, what for, when; and what is known of a record. All of it is data. */
import {
  labels,
  type Interaction,
  type Label,
  type PrincipalKind,
  type Purpose,
} from './access-vocabulary.js';
import type { OptOutAnswer } from './opt-out.js';
import type { SmartScope } from './smart-scopes.js';

/** Who asks, as a verified token says. */
export interface AccessPrincipal {
  /** The token's subject: an application or a person, never a patient's identifier. */
  readonly subject: string;
  readonly kind: PrincipalKind;
  /** ODS code of the organisation that they act for; undefined for patients. */
  readonly organisation: string | undefined;
  /** Codes of roles and activities. */
  readonly roles: readonly string[];
  readonly scopes: readonly SmartScope[];
  /** How surely they are who they say, 0 to 3: the number of the authenticator assurance level (AAL); P9 is 3, P5 is 1. */
  readonly assurance: number;
  /** Record id of the patient that a patient is; undefined for others. */
  readonly ownRecord: string | undefined;
  /** Record id of the patient whom the application was opened for (SMART launch context). */
  readonly patientInContext: string | undefined;
}

/** Opens the record of one patient to whom nothing else gives access: the reason is kept, and somebody is told. */
export interface BreakGlass {
  /** Record id. */
  readonly patient: string;
  readonly reason: string;
  /** Milliseconds since 1970. */
  readonly openedAt: number;
}

/** One request; it may concern many records. */
export interface AccessRequest {
  readonly principal: AccessPrincipal;
  readonly interaction: Interaction;
  readonly purpose: Purpose | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly breakGlass: BreakGlass | undefined;
}

/** What the policy needs to know of a record. */
export interface RecordFacts {
  readonly type: string;
  /** ODS code of the organisation whose record it is; undefined when that is not known. */
  readonly organisation: string | undefined;
  /** Of a former version: those of the current one as well, or history would show what has been restricted since. */
  readonly labels: readonly Label[];
  /** Token search parameters that scopes restrict by: `{category: ['system|code']}`. */
  readonly codes: Readonly<Record<string, readonly string[]>>;
  /** Whom it is about; undefined for what is about nobody, such as an Organization. */
  readonly patient: PatientFacts | undefined;
}

/** What the policy needs to know of a patient. */
export interface PatientFacts {
  /** Record id. */
  readonly id: string;
  /** Record ids of other Patients who are the same person: whoever is one of them is the other. */
  readonly linked: readonly string[];
  /** Of the Patient: they count for every record about them. */
  readonly labels: readonly Label[];
  readonly optOut: OptOutAnswer;
  /** FHIR R4 Consent resources about them. */
  readonly consents: readonly unknown[];
  readonly relationships: readonly Relationship[];
  readonly proxies: readonly Proxy[];
}

/** Times in milliseconds since 1970, the second excluded; undefined: open. */
export interface Term {
  readonly start: number | undefined;
  readonly end: number | undefined;
}

/** A legitimate relationship: an organisation, or one of its staff, cares for the patient. */
export interface Relationship extends Term {
  /** ODS code. */
  readonly organisation: string;
  /** Undefined: all of its staff. */
  readonly subject: string | undefined;
}

/** Somebody who acts for the patient, such as a parent or an attorney. */
export interface Proxy extends Term {
  readonly subject: string;
}

/** Whether a time lies in a term; never in one whose start or end is no number. */
export function isWithin({ start, end }: Term, now: number): boolean {
  return (
    (start === undefined || (typeof start === 'number' && now >= start)) &&
    (end === undefined || (typeof end === 'number' && now < end))
  );
}

const knownLabels: ReadonlySet<unknown> = new Set(labels);

const areLabels = (all: readonly Label[]): boolean =>
  Array.isArray(all) && (all.length === 0 || all.every((label) => knownLabels.has(label)));

/** Whether facts have their shape: no rule would hold back by a label that it does not know, nor tell nobody from nobody. */
export const areUnderstood = ({ labels: own, patient }: RecordFacts): boolean =>
  areLabels(own) &&
  (patient === undefined ||
    (typeof patient.id === 'string' && patient.id !== '' && areLabels(patient.labels)));

/** Whether a record id is that of a patient, or of another record of the same person. */
export const isSamePerson = ({ id, linked }: PatientFacts, other: string | undefined): boolean =>
  other !== undefined && (id === other || linked.includes(other));

/** For the care of the individual, by those who give it. */
export const isCare = ({ purpose }: AccessRequest): boolean =>
  purpose === 'direct-care' || purpose === 'care-administration';
