/** Ids of problems, goals and pathways. */
import type { SegmentNode } from '../../engine/segment-tree.js';
import type { Run } from '../../engine/run.js';
import type { Identity } from '../../engine/transform.js';
import { aboutPatient, aboutPatientOnce, codeOf, entityNumber, reader } from './reading.js';

function planned(node: SegmentNode, run: Run, type: string, codeField: number, numberField: number) {
  const read = reader(run);
  const number = entityNumber(read, node, numberField);
  // A number is the same thing each time it is met; things that are known by name only are counted.
  if (number !== '') return aboutPatientOnce(node, run, type, `${node.segment.name} ${number}`);
  const code = codeOf(read, node, codeField);
  if (code !== '') return aboutPatient(node, run, type, `${node.segment.name} code ${code}`);
  run.issues.push({
    code: 'HDE_HL7_REQUIRED',
    severity: 'warning',
    location: `${node.label}-${codeField}`,
    detail: 'a code or a number, without which it is not recorded',
  });
  return undefined;
}

/** The number of this instance of the problem (PRB-4), else which problem it is (PRB-3). */
export const problem: Identity = (node, run) => planned(node, run, 'Condition', 3, 4);

/** The number of this instance of the goal (GOL-4), else which goal it is (GOL-3). */
export const goal: Identity = (node, run) => planned(node, run, 'Goal', 3, 4);

/** The number of this instance of the pathway (PTH-3), else which pathway it is (PTH-2). */
export const pathway: Identity = (node, run) => planned(node, run, 'CarePlan', 2, 3);
