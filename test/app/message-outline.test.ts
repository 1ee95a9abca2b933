import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createMessageOutline } from '../../src/app/message-outline.js';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The outline of a text whose beginning of `head` characters comes first, the rest in pieces of `step`. */
function outlineOf(text: string, head: number, step = 7): string {
  const bytes = bytesOf(text);
  const outline = createMessageOutline(bytes.subarray(0, head));
  for (let at = head; at < bytes.length; at += step) outline.push(bytes.subarray(at, at + step));
  return Buffer.from(outline.bytes()).toString('utf8');
}

const segmentsOf = (text: string): string[] => text.split(/[\r\n]+/).filter((segment) => segment !== '');

describe('the outline of a message', () => {
  const text = 'MSH|^~\\&|LAB\rPID|1||A1\rOBX|1|ED|x\rPID|2||A2\rOBX|2|NM|y\rMRG|A3\rPIDX|no\r';

  test('holds the whole segments of its beginning and every later one that names a patient', () => {
    expect(segmentsOf(outlineOf(text, 28))).toEqual([
      'MSH|^~\\&|LAB',
      'PID|1||A1',
      'PID|2||A2',
      'MRG|A3',
      'PIDX|no',
    ]);
  });

  test('loses no PID and no MRG, wherever the beginning ends and however the rest is cut', () => {
    const segment = fc.constantFrom(
      'PID|1||A1',
      'MRG|B2',
      'OBX|1|TX|PID is only said here',
      'NTE|1',
      'P',
      '',
    );
    const end = fc.constantFrom('\r', '\n', '\r\n');
    fc.assert(
      fc.property(
        fc.array(fc.tuple(segment, end)),
        fc.nat(80),
        fc.integer({ min: 1, max: 9 }),
        (parts, head, step) => {
          const message = `MSH|^~\\&|LAB\r${parts.map((part) => part.join('')).join('')}`;
          const naming = (of: string) => segmentsOf(of).filter((each) => /^(PID|MRG)\|/.test(each));
          expect(naming(outlineOf(message, 13 + head, step))).toEqual(naming(message));
        },
      ),
    );
  });

  test('keeps what identifies of a segment that is itself too large', () => {
    const outline = outlineOf(`MSH|^~\\&|LAB\rPID|1||A1|${'9'.repeat(100_000)}\rOBX|1\r`, 20);
    expect(segmentsOf(outline)[1]).toMatch(/^PID\|1\|\|A1\|9+$/);
    expect(outline.length).toBeLessThan(10_000);
  });

  test('stays small however many patients there are', () => {
    const outline = outlineOf(`MSH|^~\\&|LAB\r${'PID|1||A1\r'.repeat(50_000)}`, 20, 10_000);
    expect(outline.length).toBeLessThan(400_000);
  });

  test('keeps the beginning as it is where segment ends cannot be told from bytes', () => {
    const wide = Buffer.from('MSH|^~\\&|LAB\rPID|1||A1\r', 'utf16le');
    const outline = createMessageOutline(wide);
    outline.push(wide);
    expect(Buffer.from(outline.bytes())).toEqual(wide);
  });
});
