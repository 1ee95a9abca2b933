/** What the parts of a dosage share. */
import type { Dosage } from 'fhir/r4.js';
import { markField } from '../engine/ledger.js';
import { trace, type Step } from '../engine/run.js';
import type { SegmentNode } from '../engine/segment-tree.js';
import type { TransformSetting } from '../engine/transform.js';
import type { UnitSetting } from './amounts.js';
import { sentConcept } from './coded-values.js';

export const UCUM = 'http://unitsofmeasure.org';

/** What reading a dosage needs. */
export interface DosageSetting {
  readonly units: UnitSetting;
  readonly codeSystems: TransformSetting['codeSystems'];
}

/** The same rule at a field of another segment, for a part of the dosage. */
export function at(step: Step, node: SegmentNode, field: number, part = '', repetition = 1): Step {
  const { run, draft, element, rule } = step;
  return {
    run,
    node,
    field,
    repetition,
    component: 0,
    draft,
    element: part === '' ? element : `${element}.${part}`,
    rule,
  };
}

/** The field of a step is accounted for. */
export const mark = (step: Step): void => {
  markField(step.node, step.field, step.repetition, { fate: 'mapped', rule: step.rule });
};

/** Adds what a field says, as a concept or a text. */
export function addInstruction(source: Step, dosage: Dosage, { codeSystems }: DosageSetting): void {
  const element = `${source.element}.additionalInstruction[${dosage.additionalInstruction?.length ?? 0}]`;
  const instruction = sentConcept({ ...source, element }, codeSystems);
  if (instruction === undefined) return;
  (dosage.additionalInstruction ??= []).push(instruction);
  mark(source);
}

/** Adds what a field says as an instruction in words. */
export function addWords(source: Step, text: string, dosage: Dosage): void {
  const list = (dosage.additionalInstruction ??= []);
  trace(source, `additionalInstruction[${list.length}].text`);
  list.push({ text });
}
