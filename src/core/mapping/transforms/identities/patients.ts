/** Ids of Patients. */
import { personOf, type Run } from '../../engine/run.js';
import { contextOf, findSegment, type SegmentNode } from '../../engine/segment-tree.js';
import type { Identity } from '../../engine/transform.js';

/** The patient key, which follows from the identifier that first claimed it. */
export const patient: Identity = (node, run) => {
  const key = personOf(node, run)?.patientKey;
  return key === undefined ? undefined : { id: key, partition: key };
};

/** Events that change a person's number: they retire a record only where it is known to be that person's. */
const CHANGES = new Set(['A46', 'A47']);

/** The person whom a merge retires; a merge of a key with itself retires nobody. */
export const priorPatient: Identity = (node, run) => {
  const mrg = mrgOf(node);
  const prior = mrg === undefined ? undefined : run.people.get(mrg.label);
  if (prior === undefined || prior.patientKey === personOf(node, run)?.patientKey) return undefined;
  if (CHANGES.has(run.event) && prior.isJoined !== true) return undefined;
  return { id: prior.patientKey, partition: prior.patientKey };
};

/**
 * The MRG that holds for a segment: itself, the nearest one before it under the same patient (each visit of an A45 has
 * its own), else the first there.
 */
export function mrgOf(node: SegmentNode): SegmentNode | undefined {
  if (node.segment.name === 'MRG') return node;
  const pid = findSegment(node, 'PID');
  let nearest: SegmentNode | undefined;
  for (const child of pid?.children ?? []) {
    if (child === node) break;
    if (child.segment.name === 'MRG') nearest = child;
  }
  return nearest ?? contextOf(pid, 'MRG');
}

/** Events that take a visit or an account from the patient of MRG-1 to the patient of PID-3. */
const MOVES = new Set(['A44', 'A45']);

/** The patient who had the visit or account before: of MRG-1 where the event moves it, else the patient of PID-3. */
export function priorKeyOf(node: SegmentNode, run: Run): string | undefined {
  const mrg = MOVES.has(run.event) ? mrgOf(node) : undefined;
  return (
    (mrg === undefined ? undefined : run.people.get(mrg.label)?.patientKey) ?? personOf(node, run)?.patientKey
  );
}
