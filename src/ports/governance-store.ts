import type { BreakGlass, Proxy, Relationship } from '../core/governance/access-request.js';
import type { OptOutAnswer } from '../core/governance/opt-out.js';

/** What governs the records of a patient and is no record itself. */
export interface KeptFacts {
  /** What the national service answered last; undefined: it was not asked. */
  readonly optOut: OptOutAnswer;
  /** Who was registered as caring for the patient. */
  readonly relationships: readonly Relationship[];
  /** Who was registered as acting for the patient. */
  readonly proxies: readonly Proxy[];
}

/** A glass that somebody broke, as it is kept. */
export interface KeptGlass extends BreakGlass {
  readonly id: string;
  readonly subject: string;
  /** ODS code. */
  readonly organisation: string;
}

/** Opt-out answers, registered relationships and proxies, and broken glass, by patient (record id). */
export interface GovernanceStore {
  /** Of patients about whom nothing is kept: nothing known. In the order of the patients. */
  factsOf(patients: readonly string[]): Promise<readonly KeptFacts[]>;
  /** The latest glass that somebody broke for a patient; whether it is still open the policy says. */
  glassOf(subject: string, patient: string): Promise<KeptGlass | undefined>;
  saveOptOuts(answers: ReadonlyMap<string, 'may-be-used' | 'opted-out'>, at: string): Promise<void>;
  saveRelationship(patient: string, relationship: Relationship): Promise<void>;
  saveProxy(patient: string, proxy: Proxy): Promise<void>;
  saveGlass(glass: KeptGlass): Promise<void>;
  /** Glass that was broken for a patient, the latest first. */
  listGlass(patient: string): Promise<readonly KeptGlass[]>;
}
