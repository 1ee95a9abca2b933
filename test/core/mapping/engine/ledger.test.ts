import { describe, expect, test } from '@jest/globals';
import { convertText, hl7, PID, testPack } from '../support.js';
import type { Pack, Rule } from '../../../../src/core/mapping/engine/pack.js';

const rules: readonly Rule[] = [
  { id: 'first', from: 'ZZT-1', to: 'first', using: 'text' },
  { id: 'again', from: 'ZZT-1', to: 'again', using: 'text' },
  { id: 'late', from: 'ZZT-2', to: 'first', using: 'text' },
];
const account = (segment: string, changes: Partial<Pack> = {}) =>
  convertText(hl7('ADT^A01', PID, segment), { pack: testPack(rules, changes) }).ledger.filter(({ source }) =>
    source.startsWith('ZZT'),
  );

describe('the ledger', () => {
  test('names the first rule that maps a field', () => {
    expect(account('ZZT|a')).toEqual([{ source: 'ZZT-1[1]', fate: 'mapped', rule: 'first' }]);
  });

  test('names the rule whose element another field already filled', () => {
    expect(account('ZZT|a|b')).toEqual([
      { source: 'ZZT-1[1]', fate: 'mapped', rule: 'first' },
      { source: 'ZZT-2[1]', fate: 'ignored', rule: 'late' },
    ]);
  });

  test('lists every repetition that no rule reads as unmapped', () => {
    expect(account('ZZT|a~b||x~~y')).toEqual([
      { source: 'ZZT-1[1]', fate: 'mapped', rule: 'first' },
      { source: 'ZZT-1[2]', fate: 'unmapped' },
      { source: 'ZZT-3[1]', fate: 'unmapped' },
      { source: 'ZZT-3[3]', fate: 'unmapped' },
    ]);
  });

  test('passes over fields of nothing but separators', () => {
    expect(account('ZZT|a|^^&|~')).toEqual([{ source: 'ZZT-1[1]', fate: 'mapped', rule: 'first' }]);
  });

  test('names ignored rows, which never hide a mapping', () => {
    const ignored = [{ id: 'noise', from: 'ZZT-1, ZZT-3', because: 'says nothing' }];
    expect(account('ZZT|a||x', { ignored })).toEqual([
      { source: 'ZZT-1[1]', fate: 'mapped', rule: 'first' },
      { source: 'ZZT-3[1]', fate: 'ignored', rule: 'noise' },
    ]);
  });

  test('takes a whole segment as ignored, under the condition of the row', () => {
    const ignored = [{ id: 'noise', from: 'ZZT', because: 'says nothing', when: 'event in A01' }];
    expect(account('ZZT||b|c', { ignored, maps: [] })).toEqual([
      { source: 'ZZT-2[1]', fate: 'ignored', rule: 'noise' },
      { source: 'ZZT-3[1]', fate: 'ignored', rule: 'noise' },
    ]);
    const never = ignored.map((row) => ({ ...row, when: 'event in A02' }));
    expect(account('ZZT||b', { ignored: never, maps: [] })).toEqual([
      { source: 'ZZT-2[1]', fate: 'unmapped' },
    ]);
  });

  test('tells segments of one name apart', () => {
    const { ledger } = convertText(hl7('ADT^A01', PID, 'ZZT|a', 'ZZT|b'), { pack: testPack(rules) });
    expect(ledger.map(({ source }) => source)).toEqual(expect.arrayContaining(['ZZT-1[1]', 'ZZT(2)-1[1]']));
  });
});
