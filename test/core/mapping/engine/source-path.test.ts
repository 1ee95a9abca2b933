import { describe, expect, test } from '@jest/globals';
import { parseSourcePath } from '../../../../src/core/mapping/engine/source-path.js';

const path = (segment: string, every: boolean, ...numbers: number[]) => {
  const [field = 0, repetition = 1, component = 0, subcomponent = 0] = numbers;
  return { segment, every, field, repetition, component, subcomponent };
};

describe('a source path', () => {
  test.each([
    ['PV1', path('PV1', false)],
    ['PID-7', path('PID', false, 7)],
    ['PID-5[*]', path('PID', false, 5, 0)],
    ['PID-11[2].5', path('PID', false, 11, 2, 5)],
    ['PID-5[*].1.2', path('PID', false, 5, 0, 1, 2)],
    ['ZU1-27', path('ZU1', false, 27)],
    ['NTE(*)-3[*]', path('NTE', true, 3, 0)],
    ['OBX(*)', path('OBX', true)],
  ])('%s is read', (text, expected) => {
    expect(parseSourcePath(text)).toEqual(expected);
  });

  test.each(['', 'pid-3', 'PID-', 'PID-3[', 'PID.3', 'PIDX-1', 'PID-3[*].x', 'PID(2)-3'])(
    '"%s" is none',
    (text) => {
      expect(parseSourcePath(text)).toBeUndefined();
    },
  );
});
