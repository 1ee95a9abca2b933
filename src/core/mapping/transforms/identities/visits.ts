/** Ids of what belongs to a visit. */
import { findSegment, type SegmentNode } from '../../engine/segment-tree.js';
import type { Identity } from '../../engine/transform.js';
import { identityOf } from '../../engine/run.js';
import { aboutPatient, codeOf, entityNumber, firstOf, numberOf, reader, type Read } from './reading.js';

/** PV1-19 visit number, else PV1-50 alternate visit id or PID-18 account number, else the admission time PV1-44. */
export function visitIdentity(pv1: SegmentNode | undefined, read: Read): string {
  if (pv1 === undefined) return '';
  const number = firstOf(
    numberOf(read, pv1, 19),
    numberOf(read, pv1, 50),
    numberOf(read, findSegment(pv1, 'PID'), 18),
  );
  const admitted = read(pv1, 44);
  return number === '' && admitted !== '' ? `at ${admitted}` : number;
}

export const visit: Identity = (node, run) => {
  const read = reader(run);
  const identity = visitIdentity(node, read);
  if (identity !== '') return aboutPatient(node, run, 'Encounter', identity);
  // Messages about a person alone send PV1 only because the standard requires it, with class N (not applicable).
  if (read(node, 2) === 'N') return undefined;
  run.issues.push({
    code: 'HDE_HL7_REQUIRED',
    severity: 'warning',
    location: 'PV1-19',
    detail: 'a visit number, without which the visit is not recorded',
  });
  return undefined;
};

/** DG1-20 where the sender numbers diagnoses, else what was diagnosed in which visit. */
export const diagnosis: Identity = (node, run) => {
  const read = reader(run);
  const number = entityNumber(read, node, 20);
  const stated = firstOf(codeOf(read, node, 3), read(node, 4));
  if (number === '' && stated === '') return undefined;
  const visitNumber = visitIdentity(findSegment(node, 'PV1'), read);
  return aboutPatient(
    node,
    run,
    'Condition',
    number === '' ? identityOf(visitNumber, stated) : `id ${number}`,
  );
};

/** What the person is allergic to: the same allergy in another message is the same record. */
export const allergy: Identity = (node, run) => {
  const substance = codeOf(reader(run), node, 3);
  return substance === '' ? undefined : aboutPatient(node, run, 'AllergyIntolerance', substance);
};
