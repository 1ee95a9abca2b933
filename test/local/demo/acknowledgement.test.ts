import { describe, expect, test } from '@jest/globals';
import { readRefusal } from '../../../local/demo/acknowledgement.js';

const ack = (...segments: readonly string[]): string =>
  ['MSH|^~\\&|HDE|HDE|RZZ_TIE|RZZ', ...segments].join('\r');

describe('readRefusal', () => {
  test('takes place, condition and text from ERR and MSA', () => {
    const body = ack(
      'MSA|AE|1|The message identifies no patient (PID-3).',
      'ERR||PID^1^3^2^1|101^Required field missing^HL70357|E',
    );
    expect(readRefusal(body, 422)).toEqual({
      code: 'HL70357 101',
      location: 'PID-3[2].1',
      text: 'The message identifies no patient (PID-3).',
    });
  });

  test('takes the text from ERR-8 where MSA-3 is empty', () => {
    const body = ack('MSA|AR|1', 'ERR||OBX^3^5|102|E||||A field does not hold a value of its data type.');
    expect(readRefusal(body, 422)).toEqual({
      code: 'HL70357 102',
      location: 'OBX(3)-5',
      text: 'A field does not hold a value of its data type.',
    });
  });

  test('falls back to the HTTP status and the acknowledgement code', () => {
    expect(readRefusal(ack('MSA|AR|1'), 400)).toEqual({ code: 'HTTP 400', text: 'acknowledged AR' });
    expect(readRefusal('<html>', 413)).toEqual({
      code: 'HTTP 413',
      text: 'the answer is no HL7 acknowledgement',
    });
  });
});
