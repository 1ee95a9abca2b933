/** What explanations are made from, and the parts that they have in common. */
import type { ConvertedBundle } from '../src/core/converter/convert.js';
import { splitBatch } from '../src/core/formats/hl7v2/batch.js';
import { parseHl7v2 } from '../src/core/formats/hl7v2/parse.js';
import type { Hl7Message } from '../src/core/formats/hl7v2/types.js';
import type { PackRow } from '../src/core/mapping/engine/index-rows.js';

/** What an explanation is made from. */
export interface Explained {
  readonly converted: ConvertedBundle;
  /** Rows of the packs in use by id. */
  readonly rows: ReadonlyMap<string, PackRow>;
  /** The message that a place is in; undefined when it cannot be read. */
  messageOf(source: string): Hl7Message | undefined;
  readonly isColoured: boolean;
}

const MESSAGE = /^message (\d+): /;

/** A place without the message that it is in. */
export const withoutMessage = (source: string): string => source.replace(MESSAGE, '');

/** Finds the message that a place is in, among those of an input. */
export function messageReader(input: Uint8Array): Explained['messageOf'] {
  const pieces = [...splitBatch(input)];
  const read = new Map<number, Hl7Message>();
  return (source) => {
    const number = Number(MESSAGE.exec(source)?.[1] ?? 1);
    // Spans of a single message count from its start as the converter reads it, frame and all.
    const piece = pieces.length === 1 ? input : pieces[number - 1];
    if (piece === undefined) return undefined;
    const held = read.get(number) ?? parseHl7v2(piece);
    read.set(number, held);
    return held;
  };
}

/** What a row says, in lines. */
export function describeRow(row: PackRow | undefined, id: string): string[] {
  if (row === undefined) return [`rule  ${id}`];
  const pack = `pack  ${row.pack.name}@${row.pack.version}`;
  switch (row.kind) {
    case 'ignored':
      return [`rule  ${id}: ${row.row.because}`, ...whenOf(row.row), pack];
    case 'repeated':
      return [
        `rule  ${id}: the message states this ${row.map.resource} before; the first statement holds`,
        pack,
      ];
    case 'rule': {
      const { from, to, using, deletes } = row.rule;
      return [
        `rule  ${id}: ${from ?? '(constant)'} -> ${row.map.resource}.${to} using ${using}`,
        ...whenOf(row.rule),
        ...(row.map.when === undefined ? [] : [`map   ${row.map.id} when ${row.map.when}`]),
        ...(deletes === undefined ? [] : [`""    deletes ${deletes.join(', ')}`]),
        pack,
      ];
    }
  }
}

const whenOf = ({ when }: { readonly when?: string }): string[] =>
  when === undefined ? [] : [`when  ${when}`];

export const indent = (lines: readonly string[]): string => lines.map((line) => `  ${line}\n`).join('');
