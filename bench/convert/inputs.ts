/** The fixed messages of the benchmark: synthetic people of the sample trust. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Input {
  /** Message type and trigger event. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly text: string;
}

const FILES = [
  ['ADT^A01', 'adt-a01.hl7'],
  ['ORU^R01', 'oru-r01.hl7'],
  ['VXU^V04', 'vxu-v04.hl7'],
] as const;

/** @param folder where the message files are */
export function loadInputs(folder: string): readonly Input[] {
  return FILES.map(([name, file]) => {
    const bytes = readFileSync(join(folder, file));
    return { name, bytes, text: bytes.toString('utf8') };
  });
}

/** The same message about another person, order and visit each time, so that nothing learnt from one serves the next. */
export function vary({ text }: Input, round: number): string {
  const digits = String(1_000_000 + round);
  return text
    .replace(/\d{10}\^\^\^NHS\^NH~/g, '')
    .replaceAll('1184502', digits)
    .replaceAll('1190027', digits)
    .replaceAll('V2604711', `V${digits}`)
    .replaceAll('C9990104', `C${digits}`)
    .replaceAll('AMU^', `W${digits}^`)
    .replaceAll('26H019882', `26H${digits}`)
    .replaceAll('COM5520', `COM${digits}`);
}
