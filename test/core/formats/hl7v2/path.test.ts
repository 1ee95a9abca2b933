import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseHl7v2 } from '../../../../src/core/formats/hl7v2/parse.js';
import { findPath, type Hl7Path, parsePath, printPath } from '../../../../src/core/formats/hl7v2/path.js';
import { admission } from './messages.js';

describe('parsePath', () => {
  test.each<[string, Hl7Path]>([
    ['PID', { segment: 'PID' }],
    ['OBX(3)', { segment: 'OBX', occurrence: 3 }],
    ['PID-3', { segment: 'PID', field: 3 }],
    ['OBX(3)-5', { segment: 'OBX', occurrence: 3, field: 5 }],
    ['PID-3[2].4.1', { segment: 'PID', field: 3, repetition: 2, component: 4, subcomponent: 1 }],
    ['PID-3[*].1', { segment: 'PID', field: 3, repetition: '*', component: 1 }],
    ['OBX(*)-5[*]', { segment: 'OBX', occurrence: '*', field: 5, repetition: '*' }],
    ['ZU1-27.1', { segment: 'ZU1', field: 27, component: 1 }],
  ])('reads %s', (text, path) => {
    expect(parsePath(text)).toEqual(path);
    expect(printPath(path)).toBe(text);
  });

  test.each([
    '',
    'PI',
    'pid-3',
    'PID-',
    'PID-0',
    'PID-03',
    'PID3',
    'PID-3[0]',
    'PID-3[]',
    'PID-3.',
    'PID-3.*',
    'PID-3.1.2.3',
    'PID.3',
    'PID(1',
    'PID-3 ',
    '1ID-3',
    'segment 5',
    'PID-9999999999',
    'PID-3\n',
  ])('does not take %j for a path', (text) => {
    expect(parsePath(text)).toBeUndefined();
  });

  test('reads every path that printPath writes', () => {
    const number = fc.integer({ min: 1, max: 999_999 });
    const ordinal = fc.oneof(number, fc.constant('*' as const));
    const paths = fc
      .tuple(fc.constantFrom('PID', 'ZU1', 'A1B'), fc.option(ordinal), fc.option(ordinal), fc.array(number))
      .map(([segment, occurrence, repetition, [field, component, subcomponent]]) => ({
        segment,
        ...(occurrence === null ? {} : { occurrence }),
        ...(field === undefined ? {} : { field }),
        ...(field === undefined || repetition === null ? {} : { repetition }),
        ...(component === undefined ? {} : { component }),
        ...(subcomponent === undefined ? {} : { subcomponent }),
      }));
    fc.assert(
      fc.property(paths, (path) => {
        expect(parsePath(printPath(path))).toEqual(path);
      }),
    );
  });
});

describe('findPath', () => {
  const message = parseHl7v2(admission);
  const found = (text: string): [string, string][] => {
    const path = parsePath(text);
    if (path === undefined) throw new Error('not a path');
    return findPath(message, path).map((match) => [printPath(match.path), match.raw]);
  };

  test.each<[string, [string, string][]]>([
    ['PID-3', [['PID(1)-3[1]', '9990000018^^^NHS^NH']]],
    ['PID-3[2].4', [['PID(1)-3[2].4', 'RXX']]],
    [
      'PID-3[*].1',
      [
        ['PID(1)-3[1].1', '9990000018'],
        ['PID(1)-3[2].1', 'A123456'],
      ],
    ],
    ['PV1-3.3.2', [['PV1(1)-3[1].3.2', 'LEFT']]],
    [
      'OBX(*)-2',
      [
        ['OBX(1)-2[1]', 'NM'],
        ['OBX(2)-2[1]', 'ST'],
      ],
    ],
    ['OBX(2)-5[2]', [['OBX(2)-5[2]', 'second']]],
    ['EVN', [['EVN(1)', 'EVN|A01|20250102030400']]],
    ['MSH-2', [['MSH(1)-2[1]', '^~\\&']]],
    ['PID-13', [['PID(1)-13[1]', '""']]],
    ['PID-4', []],
    ['PID-3[9]', []],
    ['PID-3[*].99', []],
    ['OBX(3)-5', []],
    ['NK1-2', []],
  ])('%s', (path, expected) => {
    expect(found(path)).toEqual(expected);
  });

  test('gives the span and the segment of each match', () => {
    const [match] = findPath(message, { segment: 'OBX', occurrence: 2, field: 2 });
    expect(match?.segment).toBe(message.all('OBX')[1]);
    expect(message.text.slice(match?.span.start, match?.span.end)).toBe('ST');
  });
});
