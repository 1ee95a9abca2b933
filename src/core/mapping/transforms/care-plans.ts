/** PRB, GOL, PTH and VAR: what belongs together in a plan of care. */
import type { Annotation, Reference } from 'fhir/r4.js';
import { draftOf, textAt, trace, wholeText, type Step } from '../engine/run.js';
import type { SegmentNode } from '../engine/segment-tree.js';
import type { TransformFactory } from '../engine/transform.js';
import { displayOf, staffName } from './human-names.js';
import { readPart } from './parts.js';
import { untraced } from './shared-records.js';
import { conceptOf, dateTime, hl7TimeOf } from './simple-values.js';

/**
 * Which segment begins the groups of a message (HL7 v2.5.1 chapter 12): goals in a problem message belong to the
 * problem before them, problems in a goal message to the goal before them.
 */
const OUTERMOST: Readonly<Record<string, readonly string[]>> = {
  PGL: ['GOL', 'PRB'],
  PPG: ['PTH', 'GOL', 'PRB'],
  PPP: ['PTH', 'PRB', 'GOL'],
  PPR: ['PRB', 'GOL'],
};

/** `conceptIfTime(system, code)`: what follows from a time; a text that is none says nothing. */
export const conceptIfTime: TransformFactory = (args, setting) => {
  const make = conceptOf(args, setting);
  return (step) => (hl7TimeOf(textAt(step, 1)) === undefined ? undefined : make(step));
};

/** `planned(PRB, Condition)`: the records of the problems, or goals, that are in one group with the segment. */
export const planned: TransformFactory = ([segment = '', type]) => {
  if (type === undefined) throw new RangeError('planned needs a segment and a type');
  return (step): Reference[] | undefined => {
    const order = OUTERMOST[step.run.messageType] ?? ['PTH', 'PRB', 'GOL'];
    const siblings = step.node.parent?.children ?? [];
    const found = inGroup(siblings, step.node, segment, order).flatMap((node) => {
      const draft = draftOf(node, type);
      return draft === undefined ? [] : [{ reference: draft.reference }];
    });
    return found.length === 0 ? undefined : found;
  };
};

function inGroup(
  siblings: readonly SegmentNode[],
  node: SegmentNode,
  name: string,
  order: readonly string[],
) {
  const own = order.indexOf(node.segment.name);
  const at = siblings.indexOf(node);
  if (order.indexOf(name) < own) {
    for (let index = at - 1; index >= 0; index--) {
      const sibling = siblings[index];
      if (sibling?.segment.name === name) return [sibling];
    }
    return [];
  }
  const found: SegmentNode[] = [];
  for (let index = at + 1; index < siblings.length; index++) {
    const sibling = siblings[index];
    if (sibling === undefined) break;
    const rank = order.indexOf(sibling.segment.name);
    if (rank >= 0 && rank <= own) break;
    if (sibling.segment.name === name) found.push(sibling);
  }
  return found;
}

/** `variance(NameUse)`: how the course of things departs from the plan (VAR-6), by whom (VAR-4) and when (VAR-2). */
export const variance: TransformFactory = ([useTable = ''], setting) => {
  const uses = setting.table(useTable);
  const readTime = dateTime([], setting);
  const author = (step: Step): string | undefined => {
    const name = displayOf(staffName(untraced(step), uses) ?? {});
    return name === '' ? textAt(step, 1) || undefined : name;
  };
  return (step): Annotation | undefined => {
    const text = wholeText(step);
    if (text === '') return undefined;
    trace(step, 'text');
    const authorString = readPart(step, 4, 'authorString', author) as string | undefined;
    const time = readPart(step, 2, 'time', readTime) as string | undefined;
    return {
      ...(authorString === undefined ? {} : { authorString }),
      ...(time === undefined ? {} : { time }),
      text,
    };
  };
};

/** `codedText`: what a coded field that FHIR wants as a title says: its text, else its code. */
export const codedText: TransformFactory = () => (step) => {
  for (const component of [9, 2, 1]) {
    const text = textAt(step, component);
    if (text === '') continue;
    trace(step, '', component);
    return text;
  }
  return undefined;
};
