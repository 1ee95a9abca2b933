/** Segments that say more about an order for a medicine. */
import type { Annotation } from 'fhir/r4.js';
import { markField } from '../engine/ledger.js';
import { textAt, trace, wholeText } from '../engine/run.js';
import { findSegment, type SegmentNode } from '../engine/segment-tree.js';
import type { TransformFactory } from '../engine/transform.js';

const below = ({ children }: SegmentNode, name: string): SegmentNode[] =>
  children.filter(({ segment }) => segment.name === name);

/**
 * The routes (RXR) or components (RXC) of an order. Where the pharmacy's encoding (RXE) states none, those of the request
 * (RXO) hold.
 */
export function partsOf(node: SegmentNode, name: 'RXC' | 'RXR'): SegmentNode[] {
  const own = below(node, name);
  const request = requestOf(node);
  return own.length > 0 || request === undefined ? own : below(request, name);
}

const requestOf = (node: SegmentNode): SegmentNode | undefined =>
  node.segment.name === 'RXE' ? findSegment(node, 'RXO') : undefined;

/**
 * `furtherPart(Route)`: what an RXR after the first says of something that was given, as a note: there is one route, site
 * and method of it (FHIR R4 Immunization, MedicationAdministration.dosage).
 */
export const furtherPart: TransformFactory =
  ([label = '']) =>
  (step): Annotation | undefined => {
    const { node } = step;
    const first = node.parent?.children.find(({ segment }) => segment.name === node.segment.name);
    const component = [9, 2, 1].find((candidate) => textAt(step, candidate) !== '');
    if (first === node || component === undefined) return undefined;
    trace(step, 'text', component);
    return { text: `${label}: ${textAt(step, component)}` };
  };

/** `requestNotes`: the notes of the request (NTE under RXO) that the pharmacy encodes. */
export const requestNotes: TransformFactory = () => (step) => {
  const request = requestOf(step.node);
  if (request === undefined) return undefined;
  const lines: string[] = [];
  for (const node of below(request, 'NTE')) {
    for (let repetition = 1; repetition <= node.segment.repetitions(3); repetition++) {
      const source = { ...step, node, field: 3, repetition };
      const line = wholeText(source);
      if (line === '') continue;
      trace(source, 'text');
      markField(node, 3, repetition, { fate: 'mapped', rule: step.rule });
      lines.push(line);
    }
  }
  const note: Annotation = { text: lines.join('\n') };
  return lines.length === 0 ? undefined : note;
};
