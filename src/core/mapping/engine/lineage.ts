/** Writes out where the elements of a record come from. Few ask for it, and it costs as much as the mapping itself. */
import type { Hl7Segment, Span } from '../../formats/hl7v2/types.js';
import type { LineageEntry } from '../types.js';
import { sourceOf, type Draft, type Trace } from './run.js';

/** The lineage of records, each in the order in which its elements were made. */
export function writeLineage(drafts: readonly Draft[]): LineageEntry[] {
  const entries: LineageEntry[] = [];
  for (const { traces, reference } of drafts) {
    for (const trace of traces) entries.push(writeEntry(trace, reference));
  }
  return entries;
}

function writeEntry({ step, path, component, subcomponent }: Trace, resource: string): LineageEntry {
  const { node, field, repetition, rule } = step;
  const element = path === '' ? step.element : `${step.element}.${path}`;
  if (field === 0) return { resource, element, rule };
  const stated = spanAt(node.segment, field, repetition, step.component, component, subcomponent);
  if (stated !== undefined || component === 0)
    return writeSpan(resource, element, sourceOf(step, component, subcomponent), stated, rule);
  // What stands for an empty component follows from the field as a whole.
  const whole = spanAt(node.segment, field, repetition, step.component, 0, 0);
  return writeSpan(resource, element, sourceOf(step), whole, rule);
}

const writeSpan = (
  resource: string,
  element: string,
  source: string,
  span: Span | undefined,
  rule: string,
): LineageEntry =>
  span === undefined
    ? { resource, element, source, rule }
    : { resource, element, source, start: span.start, end: span.end, rule };

/** @param within the component that the step's source is, or 0 */
function spanAt(
  segment: Hl7Segment,
  field: number,
  repetition: number,
  within: number,
  component: number,
  subcomponent: number,
): Span | undefined {
  const outer = within === 0 ? component : within;
  const inner = within === 0 ? subcomponent : component;
  if (outer === 0) return segment.spanOf(field, repetition);
  return inner === 0
    ? segment.spanOf(field, repetition, outer)
    : segment.spanOf(field, repetition, outer, inner);
}
