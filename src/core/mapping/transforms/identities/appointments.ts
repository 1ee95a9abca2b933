/** Ids of appointments. */
import { identityOf } from '../../engine/run.js';
import { contextOf, findSegment } from '../../engine/segment-tree.js';
import type { Identity } from '../../engine/transform.js';
import { aboutPatientOnce, entityNumber, reader } from './reading.js';
import { visitIdentity } from './visits.js';

/**
 * The placer's number of the appointment (SCH-1), else the filler's (SCH-2), with the occurrence (SCH-3) where a number
 * stands for a series; else the visit, else when it starts (SCH-11.4, TQ1-7). Rescheduling, cancelling or missing an
 * appointment meets the same record.
 */
export const appointment: Identity = (node, run) => {
  const read = reader(run);
  const number = entityNumber(read, node, 1) || entityNumber(read, node, 2);
  const occurrence = read(node, 3);
  if (number !== '') {
    const identity = occurrence === '' ? number : identityOf(number, `occurrence ${occurrence}`);
    return aboutPatientOnce(node, run, 'Appointment', identity);
  }
  const visit = visitIdentity(contextOf(findSegment(node, 'PID'), 'PV1'), read);
  const start = read(node, 11, 4) || read(contextOf(node, 'TQ1'), 7);
  const identity = visit === '' ? (start === '' ? '' : `at ${start}`) : `visit ${visit}`;
  if (identity !== '') return aboutPatientOnce(node, run, 'Appointment', identity);
  run.issues.push({
    code: 'HDE_HL7_REQUIRED',
    severity: 'warning',
    location: `${node.label}-1`,
    detail: 'a number of the appointment, without which it is not recorded',
  });
  return undefined;
};
