/** Ids of diagnoses, procedures, allergies and disabilities. */
import { distinct, identityOf, type Run } from '../../engine/run.js';
import { findSegment, type SegmentNode } from '../../engine/segment-tree.js';
import type { Identity } from '../../engine/transform.js';
import { isUnknownAllergy, negatedAllergy } from '../allergies.js';
import {
  aboutPatient,
  aboutPatientOnce,
  codeOf,
  entityNumber,
  reader,
  wordsOf,
  type Read,
} from './reading.js';
import { visitIdentity } from './visits.js';

/** DG1-20 where the sender numbers diagnoses, else what was diagnosed in which visit. */
export const diagnosis: Identity = (node, run) => {
  const read = reader(run);
  const number = entityNumber(read, node, 20);
  const stated = codeOf(read, node, 3) || read(node, 4);
  if (number === '' && stated === '') return undefined;
  const visitNumber = visitIdentity(findSegment(node, 'PV1'), read);
  return aboutPatient(
    node,
    run,
    'Condition',
    number === '' ? identityOf(visitNumber, stated) : `id ${number}`,
  );
};

/** PR1-19 where the sender numbers procedures, else what was done when in which visit. */
export const procedure: Identity = (node, run) => {
  const read = reader(run);
  const number = entityNumber(read, node, 19);
  const stated = codeOf(read, node, 3) || read(node, 4);
  if (number === '' && stated === '') return undefined;
  const visitNumber = visitIdentity(findSegment(node, 'PV1'), read);
  return aboutPatient(
    node,
    run,
    'Procedure',
    number === '' ? identityOf(visitNumber, stated, `at ${read(node, 5)}`) : `id ${number}`,
  );
};

/** What somebody is allergic to by AL1-3 or IAM-3, else by the clinician's code (IAM-27). */
function allergenOf(node: SegmentNode, read: Read): string {
  const allergen = codeOf(read, node, 3);
  return allergen === '' && node.segment.name === 'IAM' ? codeOf(read, node, 27) : allergen;
}

/** The code and the words for what somebody is allergic to; words that stand elsewhere count where there is no code. */
function sentAllergen(node: SegmentNode, read: Read): readonly [code: string, text: string] {
  const code = read(node, 3);
  return [code, code === '' ? wordsOf(read, node, 3) : read(node, 3, 2)];
}

/**
 * What the person is allergic to: the same allergy in another message, or in AL1 and IAM, or among several in one field,
 * is the same record. Repeats within a segment type are numbered. A segment that names no allergen or an unknown one is reported; a reaction to
 * nobody knows what is kept, known by the reaction (AL1-5, IAM-5).
 */
export const allergy: Identity = (node, run) => {
  const read = reader(run);
  const allergen = allergenOf(node, read);
  const isUnknown = isUnknownAllergy(...sentAllergen(node, read));
  const reaction = read(node, 5) || read(node, 5, 2);
  if (allergen === '' || isUnknown) {
    reportNoAllergen(node, run);
    return isUnknown || reaction === ''
      ? undefined
      : aboutPatientOnce(node, run, 'AllergyIntolerance', `reaction ${reaction}`);
  }
  if (negatedAllergy(...sentAllergen(node, read)) !== undefined) return undefined;
  const numbered = distinct(run, `${node.segment.name}|${findSegment(node, 'PID')?.label ?? ''}`, allergen);
  return aboutPatientOnce(node, run, 'AllergyIntolerance', numbered);
};

function reportNoAllergen(node: SegmentNode, run: Run): void {
  run.issues.push({
    code: 'HDE_HL7_REQUIRED',
    severity: 'warning',
    location: `${node.label}-3`,
    detail: 'an allergen, without which only a reaction is recorded',
  });
}

/** That the person has no known allergies, or none of a kind, in whichever words. */
export const noKnownAllergy: Identity = (node, run) => {
  const read = reader(run);
  const negated = negatedAllergy(...sentAllergen(node, read));
  return negated && aboutPatientOnce(node, run, 'AllergyIntolerance', `none ${negated.code}`);
};

/** When the disability began (DB1-5). */
export const disability: Identity = (node, run) => {
  const read = reader(run);
  if (read(node, 4) === '') return undefined;
  return aboutPatient(node, run, 'Observation', identityOf('disability', `at ${read(node, 5)}`));
};
