/**
 * The one function that decides who may see and change what. Pure, total and deterministic; whatever no rule permits is
 * denied. The rules are tried in the order of `decisionReasons`: first what concerns the request, then the type of
 * record, then the record itself.
 */
import { sharedTypes } from '../fhir/interactions.js';
import type { AccessPolicy } from './access-policy.js';
import { areUnderstood, type AccessRequest, type RecordFacts } from './access-request.js';
import { decisionOf, type Decision } from './decision-reasons.js';
import { compileHolds, holdOfNobodys } from './hold-rules.js';
import { compileSharing, isForCareOfOwn, isGround } from './sharing-rules.js';
import { actionsOf, compileTypes, isInScope, readsOnly, refusalOfRequest } from './request-rules.js';

/** The decisions about one request, compiled so that each record costs little. */
export interface CompiledDecisions {
  /** Why no record of this type would be given, before any is known; undefined: some may be. */
  refusalOf(type: string): Decision | undefined;
  decide(record: RecordFacts): Decision;
}

const notUnderstood = decisionOf('not-understood');

/** Whether the request may have the record, why, and what is to be done about it. Never throws. */
export function decide(
  request: AccessRequest & { readonly record: RecordFacts },
  policy: AccessPolicy,
): Decision {
  try {
    return compileDecisions(request, policy).decide(request.record);
  } catch {
    return notUnderstood;
  }
}

/** Compiles the rules for one request. Whatever it says of a record, `decide` says. Never throws. */
export function compileDecisions(request: AccessRequest, policy: AccessPolicy): CompiledDecisions {
  try {
    const refusal = refusalOfRequest(request, policy);
    if (refusal !== undefined) return always(decisionOf(refusal));
    return compileRules(request, policy);
  } catch {
    return always(notUnderstood);
  }
}

const always = (decision: Decision): CompiledDecisions => ({
  refusalOf: () => decision,
  decide: () => decision,
});

function compileRules(request: AccessRequest, policy: AccessPolicy): CompiledDecisions {
  const rightsOf = compileTypes(request, policy);
  const sharingOf = compileSharing(request, policy);
  const holdOf = compileHolds(request, policy);
  const isReading = readsOnly(actionsOf(request));

  const decideRecord = (record: RecordFacts): Decision => {
    const rights = rightsOf(record.type);
    if (typeof rights === 'string') return decisionOf(rights);
    if (!areUnderstood(record)) return notUnderstood;
    if (!isInScope(rights, request, record)) return decisionOf('outside-scope');
    const { patient } = record;
    if (patient === undefined) {
      if (sharedTypes.has(record.type)) {
        const ground = isReading ? 'directory' : sharingOf(record, undefined);
        return ground === 'directory' || isGround(ground)
          ? holdOfNobodys(request, record, rights, 'directory')
          : decisionOf(ground);
      }
      return isForCareOfOwn(request, record)
        ? holdOfNobodys(request, record, rights, 'own-organisation')
        : decisionOf('patient-unknown');
    }
    const ground = sharingOf(record, patient);
    return isGround(ground) ? holdOf({ record, patient, ground, rights }) : decisionOf(ground);
  };
  return {
    refusalOf(type) {
      try {
        const rights = rightsOf(type);
        return typeof rights === 'string' ? decisionOf(rights) : undefined;
      } catch {
        return notUnderstood;
      }
    },
    decide(record) {
      try {
        return decideRecord(record);
      } catch {
        return notUnderstood;
      }
    },
  };
}
