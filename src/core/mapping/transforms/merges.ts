/** What merges, moves, links and changes of number say (HL7 v2.5.1 section 3.5). */
import type { Identifier, Reference } from 'fhir/r4.js';
import { NHS_NUMBER_SYSTEM } from '../../identity/nhs-number.js';
import { markField } from '../engine/ledger.js';
import { draftOf, personOf, priorPersonOf, type Step } from '../engine/run.js';
import { findSegment, type SegmentNode } from '../engine/segment-tree.js';
import type { TransformFactory } from '../engine/transform.js';
import { takenUpFrom } from '../succession.js';
import { humanName } from './human-names.js';
import { identifier, patientIdentifier } from './identifiers.js';
import { mrgOf, priorKeyOf } from './identities/patients.js';
import { pv1AfterMrg } from './identities/visits.js';

/**
 * `formerPatientNumber(NhsNumberStatus, IdentifierType)`: a number of MRG by which the person of PID was known before,
 * of use `old`. A number that belongs to somebody else states nothing, nor does an NHS number: a person has one.
 */
export const formerPatientNumber: TransformFactory = (args, setting) => {
  const read = patientIdentifier(args, setting);
  return (step) => {
    const result = read(step) as Identifier | undefined;
    if (result === undefined) return undefined;
    const pid = findSegment(step.node, 'PID');
    const contested = pid === undefined ? undefined : step.run.people.get(pid.label)?.contested;
    if (
      result.system === NHS_NUMBER_SYSTEM ||
      contested?.has(`${result.system ?? ''}|${result.value ?? ''}`) === true ||
      isHeld(step, result)
    ) {
      markField(step.node, step.field, step.repetition, { fate: 'ignored', rule: step.rule });
      return undefined;
    }
    return { use: 'old', ...result };
  };
};

function isHeld({ draft }: Step, { system, value }: Identifier): boolean {
  const { identifier: held } = draft.resource as { identifier?: readonly Identifier[] };
  return held?.some((each) => each.system === system && each.value === value) === true;
}

/** `formerName(NameUse)`: a name (MRG-7) by which a person was known before. */
export const formerName: TransformFactory = (args, setting) => {
  const read = humanName(args, setting);
  return (step) => {
    const name = read(step);
    return name === undefined ? undefined : { ...name, use: 'old' };
  };
};

/**
 * `formerNumber(visit, VN, 5)`: the number that a field of the MRG of a visit or account replaces, of use `old`. A
 * number that the record has already is not stated twice.
 */
export const formerNumber: TransformFactory = ([purpose = '', type = '', fieldNumber], setting) => {
  const field = Number(fieldNumber);
  if (!Number.isInteger(field)) throw new RangeError('formerNumber needs a field of MRG');
  const read = identifier([purpose, type], setting);
  return (step) => {
    const node = mrgOf(step.node);
    if (node === undefined) return undefined;
    const at: Step = { ...step, node, field, repetition: 1, component: 0 };
    const result = read(at) as Identifier | undefined;
    if (result === undefined) return undefined;
    const isKnown = isHeld(step, result);
    markField(node, field, 1, { fate: isKnown ? 'ignored' : 'mapped', rule: step.rule });
    return isKnown ? undefined : { use: 'old', ...result };
  };
};

const isMoved = ({ node, run }: Step): boolean => priorKeyOf(node, run) !== personOf(node, run)?.patientKey;

/**
 * `formerStatus(finished)`: the status of a visit or account under its former number. What went to another patient was
 * never this one's: it is entered in error, with an issue, because other records may hang on it.
 */
export const formerStatus: TransformFactory = ([status]) => {
  if (status === undefined) throw new RangeError('formerStatus needs a status');
  return (step) => {
    if (!isMoved(step)) {
      // MRG-1 names the patient again.
      markField(step.node, 1, 1, { fate: 'ignored', rule: step.rule });
      return status;
    }
    step.run.issues.push({
      code: 'HDE_VISIT_MOVED',
      severity: 'warning',
      location: `${step.node.label}-1`,
      detail:
        'the patient of PID-3; what was recorded under the visit or account that moves stays with the former one',
    });
    return 'entered-in-error';
  };
};

/**
 * `takesUp(Encounter)`: the visit or account goes on from the record under its former number or at its former patient,
 * in the state that it has there unless the message states another.
 */
export const takesUp: TransformFactory = ([type]) => {
  if (type !== 'Encounter' && type !== 'Account') throw new RangeError('takesUp is an Encounter or Account');
  return ({ node, draft }) => {
    const mrg = mrgOf(node);
    // An MRG stands for the visit that follows it and no other.
    if (mrg === undefined || (type === 'Encounter' && pv1AfterMrg(mrg) !== node)) return undefined;
    const former = draftOf(mrg, type);
    if (former !== undefined && former !== draft) draft.removed.push(takenUpFrom(former.reference));
    return undefined;
  };
};

/** `formerSubject`: the patient who had the visit or account before. */
export const formerSubject: TransformFactory = () => (step) => {
  const key = priorKeyOf(step.node, step.run);
  return key === undefined ? undefined : { reference: `Patient/${key}` };
};

/** `survivor(Encounter)`: the visit or account that goes on under the new number; none where it went to somebody else. */
export const survivor: TransformFactory = ([type]) => {
  if (type !== 'Encounter' && type !== 'Account') throw new RangeError('survivor is an Encounter or Account');
  return (step): Reference | undefined => {
    const source = type === 'Encounter' ? pv1AfterMrg(step.node) : findSegment(step.node, 'PID');
    const target = source === undefined || isMoved(step) ? undefined : draftOf(source, type);
    return target === undefined ? undefined : { reference: `${type}/${target.resource.id}` };
  };
};

/** `seeAlso`: the link to the other patient of the message (A24): both records stand, and lead to each other. */
export const seeAlso: TransformFactory = () => (step) => {
  const other = otherPatient(step);
  return other === undefined ? undefined : { other: { reference: `Patient/${other}` }, type: 'seealso' };
};

/** `unlink`: takes the links to the other patient of the message, and to the patient of MRG-1, back (A37). */
export const unlink: TransformFactory = () => (step) => {
  const { draft, node, run } = step;
  const own = draft.resource.id;
  const others = new Set([
    otherPatient(step),
    personOf(node, run)?.patientKey,
    priorPersonOf(node, run)?.patientKey,
  ]);
  for (const other of others)
    if (other !== undefined && other !== own) draft.removed.push(`link[other.reference=Patient/${other}]`);
  return undefined;
};

/** Of the patients of a message: the second for the first, the first for the others. */
function otherPatient({ node, run }: Step): string | undefined {
  const own = personOf(node, run)?.patientKey;
  return node.parent?.children
    .filter((sibling: SegmentNode) => sibling.segment.name === 'PID')
    .map((sibling) => run.people.get(sibling.label)?.patientKey)
    .find((key) => key !== undefined && key !== own);
}
