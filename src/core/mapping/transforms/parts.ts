/** Elements whose parts come from several fields of one segment. */
import { markField } from '../engine/ledger.js';
import { trace, type Step } from '../engine/run.js';
import type { Transform } from '../engine/transform.js';

/** Reads another field of the step's segment into a part of its element; undefined when it states nothing. */
export function readPart(
  step: Step,
  field: number,
  path: string,
  transform: Transform,
  repetition = 1,
): unknown {
  const { run, node, draft, element, rule } = step;
  if (!node.segment.has(field, repetition)) return undefined;
  const at: Step = { run, node, field, repetition, component: 0, draft, element: `${element}.${path}`, rule };
  const before = draft.traces.length;
  const value = transform(at);
  if (value === undefined) {
    draft.traces.length = before;
    return undefined;
  }
  if (draft.traces.length === before) trace(at, '');
  markField(node, field, repetition, { fate: 'mapped', rule });
  return value;
}

/** Reads every repetition of other fields of the segment into a list below the step's element. */
export function readParts(
  step: Step,
  list: string,
  sources: readonly (readonly [field: number, transform: Transform])[],
): unknown[] {
  const values: unknown[] = [];
  for (const [field, transform] of sources) {
    const count = step.node.segment.repetitions(field);
    for (let repetition = 1; repetition <= count; repetition++) {
      const value = readPart(step, field, `${list}[${values.length}]`, transform, repetition);
      if (value !== undefined) values.push(value);
    }
  }
  return values;
}
