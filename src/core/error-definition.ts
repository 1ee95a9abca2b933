/** What the registry of errors says of each (`errors.ts`). */

/** What the exchange does with the input: tell the sender, keep it for an operator, or try again by itself. */
export type Disposition = 'reject' | 'triage' | 'retry';

/** FHIR R4 issue-type codes in use (http://hl7.org/fhir/R4/valueset-issue-type.html). */
export type FhirIssueCode =
  | 'structure'
  | 'required'
  | 'value'
  | 'code-invalid'
  | 'invalid'
  | 'invariant'
  | 'login'
  | 'forbidden'
  | 'suppressed'
  | 'not-found'
  | 'not-supported'
  | 'multiple-matches'
  | 'duplicate'
  | 'conflict'
  | 'too-long'
  | 'too-costly'
  | 'transient'
  | 'throttled'
  | 'deleted'
  | 'business-rule'
  | 'exception';

export interface ErrorDefinition {
  readonly http: number;
  readonly fhir: FhirIssueCode;
  /** HL7 v2 original-mode acknowledgement: AE may be tried again after a correction, AR must not (v2.5.1 2.9.2). */
  readonly ack: 'AE' | 'AR';
  /** HL7 table 0357 message error condition code. */
  readonly condition: string;
  readonly disposition: Disposition;
  /** Says what is wrong and what to do, without any value from the input. */
  readonly text: string;
}

/** A row of the registry. */
export const define = (
  http: number,
  fhir: FhirIssueCode,
  ack: 'AE' | 'AR',
  condition: string,
  disposition: Disposition,
  text: string,
): ErrorDefinition => ({ http, fhir, ack, condition, disposition, text });
