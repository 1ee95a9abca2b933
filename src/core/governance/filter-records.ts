/** What a search, a bundle or an export may hold. */
import type { AccessPolicy } from './access-policy.js';
import type { AccessRequest, RecordFacts } from './access-request.js';
import { compileDecisions } from './decide.js';
import type { Decision } from './decision-reasons.js';

/** The decisions about the records of one answer. */
export interface DecidedRecords {
  /** In the order of the records. */
  readonly decisions: readonly Decision[];
  /**
   * Whether the answer says, in an OperationOutcome without any detail, that something is withheld. What is denied is
   * not declared: nobody learns that it exists, nor counts it.
   */
  readonly isDeclaring: boolean;
}

/** Decides about many records of one request, each as `decide` does. */
export function decideAll(
  request: AccessRequest,
  records: readonly RecordFacts[],
  policy: AccessPolicy,
): DecidedRecords {
  const compiled = compileDecisions(request, policy);
  const decisions = records.map((record) => compiled.decide(record));
  return {
    decisions,
    isDeclaring: decisions.some(({ obligations }) => obligations.includes('declare-withheld')),
  };
}
