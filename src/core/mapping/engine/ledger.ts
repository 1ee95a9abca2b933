/** The account of a message: what became of every populated field. */
import type { Hl7Delimiters } from '../../formats/hl7v2/types.js';
import type { LedgerEntry } from '../types.js';
import type { SegmentNode } from './segment-tree.js';

/** What a rule did with a field. */
export interface Mark {
  readonly fate: 'mapped' | 'ignored';
  readonly rule: string;
}

/** Notes the fate of one repetition: the first rule that maps it is named, and mapping outranks ignoring. */
export function markField(node: SegmentNode, field: number, repetition: number, mark: Mark): void {
  const marks = (node.marks[field] ??= []);
  const held = marks[repetition];
  if (held === undefined || (held.fate === 'ignored' && mark.fate === 'mapped')) marks[repetition] = mark;
}

/** Lists every populated repetition of every field once, in the order of the message. */
export function drawLedger(nodes: readonly SegmentNode[], delimiters: Hl7Delimiters): LedgerEntry[] {
  const entries: LedgerEntry[] = [];
  for (const node of nodes) {
    const { segment, label, marks } = node;
    for (let field = 1; field <= segment.fieldCount; field++) {
      const repetitions = segment.repetitions(field);
      for (let repetition = 1; repetition <= repetitions; repetition++) {
        if (!hasContent(segment.raw(field, repetition), delimiters)) continue;
        const mark = marks[field]?.[repetition];
        const source = `${label}-${field}[${repetition}]`;
        entries.push(mark === undefined ? { source, fate: 'unmapped' } : { source, ...mark });
      }
    }
  }
  return entries;
}

/** A repetition of nothing but separators (`^^^`) is not populated. */
function hasContent(raw: string, { component, subcomponent }: Hl7Delimiters): boolean {
  for (const character of raw) {
    if (character !== component && character !== subcomponent && character !== ' ') return true;
  }
  return false;
}
