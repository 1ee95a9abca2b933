/**
 * Texts that a sender splits over several OBX, one a line, as laboratories do with the reports of histology and
 * microbiology. They are one result: kept apart, a corrected report with fewer lines would leave the rest of the old one
 * standing as final.
 */
import { markField } from '../engine/ledger.js';
import { remember, type Run, type Step } from '../engine/run.js';
import type { SegmentNode } from '../engine/segment-tree.js';
import type { TransformFactory } from '../engine/transform.js';
import { appendLines, hasValue } from './result-texts.js';

/** Set id and value: everything else is the same in all lines of a text. */
const VARYING = new Set([1, 5]);

/** The texts among the children of a segment. */
interface Texts {
  /** First lines with the lines that continue them. */
  readonly lines: ReadonlyMap<SegmentNode, SegmentNode[]>;
  /** Lines that continue another. */
  readonly followers: ReadonlySet<SegmentNode>;
}

const TEXTS = {};

function textsBelow(parent: SegmentNode, run: Run): Texts {
  const known = remember(run, TEXTS, () => new Map<SegmentNode, Texts>());
  let texts = known.get(parent);
  if (texts === undefined) known.set(parent, (texts = findTexts(parent)));
  return texts;
}

/** Whether an OBX is a further line of the text that the OBX before it is a line of. */
export function continuesText(node: SegmentNode, run: Run): boolean {
  const { parent, segment } = node;
  if (parent === undefined || !isText(segment.raw(2))) return false;
  return textsBelow(parent, run).followers.has(node);
}

const isText = (type: string): boolean => type === 'TX' || type === 'FT';

function findTexts(parent: SegmentNode): Texts {
  const found = new Map<SegmentNode, SegmentNode[]>();
  const following = new Set<SegmentNode>();
  let first: SegmentNode | undefined;
  for (const child of parent.children) {
    if (first !== undefined && isFollower(first, child)) {
      following.add(child);
      const lines = found.get(first);
      if (lines === undefined) found.set(first, [child]);
      else lines.push(child);
      continue;
    }
    first = canBegin(child) ? child : undefined;
  }
  return { lines: found, followers: following };
}

const canBegin = ({ segment, children }: SegmentNode): boolean =>
  segment.name === 'OBX' && isText(segment.raw(2)) && segment.has(5) && children.length === 0;

/** A note belongs to the line it follows, so that line stands alone. */
function isFollower({ segment: first }: SegmentNode, { segment, children }: SegmentNode): boolean {
  if (segment.name !== 'OBX' || !isText(segment.raw(2)) || children.length > 0) return false;
  const count = Math.max(first.fieldCount, segment.fieldCount);
  for (let field = 2; field <= count; field++) {
    if (VARYING.has(field)) continue;
    if (first.raw(field) !== segment.raw(field) || segment.repetitions(field) > 1) return false;
  }
  return true;
}

/** `textLines`: the repetitions of a text field and those of the OBX that continue it, one below the other. */
export const textLines: TransformFactory = () => (step) => {
  if (hasValue(step)) return undefined;
  const { node, run } = step;
  const parts: string[] = [];
  appendLines(step, parts);
  const following =
    node.parent !== undefined && isText(node.segment.raw(2))
      ? textsBelow(node.parent, run).lines.get(node)
      : undefined;
  for (const line of following ?? []) {
    // A line without text parts paragraphs.
    if (!line.segment.has(5)) parts.push('');
    appendLines({ ...step, node: line }, parts);
    markSame(line, step);
  }
  while (parts.at(-1) === '') parts.pop();
  return parts.length === 0 ? undefined : parts.join('\n');
};

/** What a line repeats is mapped where the first line states it. */
function markSame(line: SegmentNode, { rule }: Step): void {
  for (let field = 3; field <= line.segment.fieldCount; field++) {
    if (!VARYING.has(field) && line.segment.has(field)) markField(line, field, 1, { fate: 'mapped', rule });
  }
}
