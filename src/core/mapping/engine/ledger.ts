/** The account of a message: what became of every populated field. */
import type { LedgerEntry } from '../types.js';
import type { SegmentNode } from './segment-tree.js';
import { nameSource } from './source-path.js';

/** What a rule did with a field. */
export interface Mark {
  readonly fate: 'mapped' | 'ignored';
  readonly rule: string;
}

/** Notes the fate of one repetition: the first rule that maps it is named, and mapping outranks ignoring. */
export function markField(node: SegmentNode, field: number, repetition: number, mark: Mark): void {
  const marks = repetition === 1 ? node.marks : (node.laterMarks[field] ??= []);
  const index = repetition === 1 ? field : repetition;
  const held = marks[index];
  if (held === undefined || (held.fate === 'ignored' && mark.fate === 'mapped')) marks[index] = mark;
}

/** Lists every populated repetition of every field once, in the order of the message. */
export function drawLedger(nodes: readonly SegmentNode[]): LedgerEntry[] {
  const entries: LedgerEntry[] = [];
  for (const node of nodes) {
    const { segment, marks, laterMarks } = node;
    const { fieldCount } = segment;
    for (let field = 1; field <= fieldCount; field++) {
      const repetitions = segment.repetitions(field);
      for (let repetition = 1; repetition <= repetitions; repetition++) {
        // A repetition of nothing but separators (`^^^`) is not populated.
        if (!segment.isPopulated(field, repetition)) continue;
        const mark = repetition === 1 ? marks[field] : laterMarks[field]?.[repetition];
        const source = nameSource(node, field, repetition, 0, 0);
        entries.push(
          mark === undefined ? { source, fate: 'unmapped' } : { source, fate: mark.fate, rule: mark.rule },
        );
      }
    }
  }
  return entries;
}
