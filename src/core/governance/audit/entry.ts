/** What the audit trail keeps of one access to records, or one change of them. */
import { hash } from 'node:crypto';

/**
 * What became of a request: `begun` is written before a change is made, so that no change goes unaudited; `done`, `refused`
 * (the client's fault, or the policy's decision) and `failed` (the exchange's) when it is answered.
 */
export const auditOutcomes = ['begun', 'done', 'refused', 'failed'] as const;
export type AuditOutcome = (typeof auditOutcomes)[number];

/** One access or change. Records and patients are named by the ids of their records: never by NHS numbers or names. */
export interface AuditEntry {
  /** When it was answered or begun: ISO instant in UTC with milliseconds. */
  readonly at: string;
  /** What was asked for: `read`, `search-type`, `update`, `triage-show` ... */
  readonly interaction: string;
  /** On whose behalf the subject acts, where it acts for somebody else. */
  readonly onBehalfOf?: string | undefined;
  /** ODS code of the organisation for which the subject acts. */
  readonly organisation?: string | undefined;
  readonly outcome: AuditOutcome;
  /** Patient keys of those whom it concerns, each once. */
  readonly patients: readonly string[];
  /** Code of HL7 v3 PurposeOfUse, such as `TREAT`. */
  readonly purpose?: string | undefined;
  /** Code of the reason for the decision: the role that allowed it, or the error that refused it. */
  readonly reason: string;
  /**
   * `Observation/abc`, `Observation/abc/_history/2`, `message/<id>` of a raw message, or `glass/<id>` of a broken glass; each
   * once.
   */
  readonly records: readonly string[];
  /** Id of the request, common to all its entries. */
  readonly request: string;
  /** The subject of the token: an application or a person, never a patient's identifier. */
  readonly subject: string;
  /** W3C trace id. */
  readonly trace?: string | undefined;
}

/**
 * The canonical text of an entry: JSON without white space, names in ascending order of their code units, as RFC 8785 orders
 * them. Whatever is added to an entry is a part of it.
 */
export function canonicalEntry(entry: object): string {
  const names = Object.keys(entry);
  if (isAscending(names)) return JSON.stringify(entry);
  const values = entry as Readonly<Record<string, unknown>>;
  return JSON.stringify(Object.fromEntries(names.sort().map((name) => [name, values[name]])));
}

function isAscending(names: readonly string[]): boolean {
  for (let index = 1; index < names.length; index++)
    if ((names[index - 1] ?? '') >= (names[index] ?? '')) return false;
  return true;
}

/** The hash of an entry at a place of a chain: SHA-256, in hexadecimal, of the hash before, the place and the text. */
export const hashOf = (previous: string, sequence: number, canonical: string): string =>
  hash('sha256', `${previous}\n${sequence}\n${canonical}`, 'hex');
