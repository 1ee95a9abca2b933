/** Who somebody is to the patient, where it decides what is recorded. */
import { markField } from '../engine/ledger.js';
import { readText, type Run, type Step } from '../engine/run.js';
import { findSegment, type SegmentNode } from '../engine/segment-tree.js';
import type { TransformFactory } from '../engine/transform.js';
import { reference } from './references.js';
import { upperCase } from '../../upper-case.js';

/** Table 0063 and the words for it; 18 is that of X12. */
const SELF = new Set(['18', 'ONESELF', 'PATIENT', 'SEL', 'SELF', 'SLF']);

/** Whether a relationship (code or text) says that somebody is the patient. */
export const isSelf = (code: string, text: string): boolean =>
  SELF.has(upperCase(code)) || SELF.has(upperCase(text));

/** Whether IN1 insures the patient themselves: IN1-17 says so, or says nothing and IN1-16 has the patient's name. */
export function isInsuredThemselves(in1: SegmentNode, { message }: Run): boolean {
  const read = (node: SegmentNode, field: number, component = 1): string =>
    upperCase(readText(message, node.segment, field, 1, component));
  if (isSelf(read(in1, 17), read(in1, 17, 2))) return true;
  const pid = findSegment(in1, 'PID');
  if (pid === undefined || read(in1, 17) + read(in1, 17, 2) !== '') return false;
  return read(in1, 16) === read(pid, 5) && read(in1, 16, 2) === read(pid, 5, 2) && read(in1, 16) !== '';
}

/** `subscriber`: the insured of IN1, the patient or the person whom IN1-16 names. */
export const subscriber: TransformFactory = (_args, setting) => {
  const readRelated = reference(['RelatedPerson'], setting);
  const readPatient = reference(['Patient'], setting);
  return (step) => {
    if (!isInsuredThemselves(step.node, step.run)) return readRelated(step);
    // Who the insured is stands in PID.
    for (const field of [16, 18, 19, 43]) {
      if (step.node.segment.raw(field, 1) !== '')
        markField(step.node, field, 1, { fate: 'ignored', rule: step.rule });
    }
    const pid = findSegment(step.node, 'PID');
    return pid === undefined ? undefined : readPatient(atSegment(step, pid));
  };
};

/** The same element, filled from a segment as such. */
function atSegment(step: Step, node: SegmentNode): Step {
  const { run, draft, element, rule } = step;
  return { run, node, field: 0, repetition: 0, component: 0, draft, element, rule };
}
