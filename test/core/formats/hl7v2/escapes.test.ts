import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { standardDelimiters } from '../../../../src/core/formats/hl7v2/delimiters.js';
import { escape, isTruncated, unescape } from '../../../../src/core/formats/hl7v2/escapes.js';
import type { Hl7Delimiters } from '../../../../src/core/formats/hl7v2/types.js';
import { dense } from './messages.js';

const withTruncation: Hl7Delimiters = { ...standardDelimiters, truncation: '#' };
const unusual: Hl7Delimiters = {
  field: '#',
  component: '.',
  repetition: '+',
  escape: '!',
  subcomponent: '@',
  truncation: '',
};
const withoutEscape: Hl7Delimiters = { ...standardDelimiters, escape: '', subcomponent: '' };

describe('unescape', () => {
  test.each([
    ['a\\F\\b\\S\\c\\T\\d\\R\\e\\E\\f', 'a|b^c&d~e\\f'],
    ['\\F\\\\F\\', '||'],
    ['\\H\\high\\N\\ low', 'high low'],
    ['one\\.br\\two', 'one\ntwo'],
    ['one\\.sp\\two', 'one\ntwo'],
    ['one\\.sp3\\two', 'one\n\n\ntwo'],
    ['one\\.sp+2\\two', 'one\n\ntwo'],
    ['one\\.sk4\\two', 'one    two'],
    ['title\\.ce\\centred', 'title\ncentred'],
    ['\\.in+4\\a\\.ti-2\\b\\.fi\\c\\.nf\\d', 'abcd'],
    ['\\X41\\', 'A'],
    ['\\X0D0a\\', '\r\n'],
    ['caf\\XC3A9\\', 'café'],
    ['caf\\XE9\\', 'café'],
    ['no sequence', 'no sequence'],
    ['', ''],
    ['""', '""'],
  ])('resolves %j', (sent, expected) => {
    expect(unescape(sent, standardDelimiters)).toBe(expected);
  });

  test.each([
    ['a lone escape character', 'a\\b'],
    ['one at the end', 'a\\'],
    ['an empty sequence', 'a\\\\b'],
    ['a local sequence', '\\Z01\\'],
    ['character-set sequences', '\\C2842\\ \\M2442\\'],
    ['an unknown sequence', '\\Q\\'],
    ['odd hexadecimal data', '\\X414\\'],
    ['hexadecimal data that is none', '\\XZZ\\'],
    ['hexadecimal data of nothing', '\\X\\'],
    ['truncation that is not declared', '\\P\\'],
    ['a skip without measure', '\\.sp100\\ \\.sk999\\ \\.sp99999\\'],
    ['an unknown command', '\\.xx\\ \\.br7\\'],
  ])('keeps %s as sent', (_, sent) => {
    expect(unescape(sent, standardDelimiters)).toBe(sent);
  });

  test('goes on after what it keeps', () => {
    expect(unescape('\\Z01\\T\\F\\', standardDelimiters)).toBe('\\Z01\\T|');
    expect(unescape('C:\\dir\\T\\x', standardDelimiters)).toBe('C:\\dir&x');
    expect(unescape('a\\b\\F\\c\\', standardDelimiters)).toBe('a\\b|c\\');
  });

  test('knows the truncation character of v2.7', () => {
    expect(unescape('bed \\P\\4', withTruncation)).toBe('bed #4');
    expect(isTruncated('Llanfairpwll#', withTruncation)).toBe(true);
    expect(isTruncated('Llanfairpwll', withTruncation)).toBe(false);
    expect(isTruncated('Llanfairpwll#', standardDelimiters)).toBe(false);
  });

  test('uses the delimiters of the message', () => {
    expect(unescape('!F!!S!!R!!T!!E! \\F\\', unusual)).toBe('#.+@! \\F\\');
  });

  test('does nothing where no escape character is declared', () => {
    expect(unescape('\\F\\', withoutEscape)).toBe('\\F\\');
  });

  test('keeps the sequence of a delimiter that is not declared', () => {
    expect(unescape('\\T\\\\S\\', { ...standardDelimiters, subcomponent: '' })).toBe('\\T\\^');
  });
});

describe('escape', () => {
  test.each([
    ['a|b^c&d~e\\f', 'a\\F\\b\\S\\c\\T\\d\\R\\e\\E\\f'],
    ['one\r\ntwo\t', 'one\\X0D\\\\X0A\\two\\X09\\'],
    ['\x0b\x1c', '\\X0B\\\\X1C\\'],
    ['""', '\\X2222\\'],
    ['"quoted"', '"quoted"'],
    ['#', '#'],
    ['', ''],
  ])('writes %j', (value, expected) => {
    expect(escape(value, standardDelimiters)).toBe(expected);
  });

  test('writes the truncation character where it is declared', () => {
    expect(escape('bed #4', withTruncation)).toBe('bed \\P\\4');
  });

  test('leaves a space for what cannot be written without an escape character', () => {
    expect(escape('a|b^c&d\\e\r', withoutEscape)).toBe('a b c&d\\e ');
  });

  test.each([
    ['standard', standardDelimiters],
    ['truncating', withTruncation],
    ['unusual', unusual],
  ])('is undone by unescape and leaves no delimiter: %s delimiters', (_, delimiters) => {
    const value = fc.oneof(dense('\r\n\t\x0b\x1c#.+!@'), fc.string({ unit: 'binary' }), fc.constant('""'));
    fc.assert(
      fc.property(value, (text) => {
        const written = escape(text, delimiters);
        expect(unescape(written, delimiters)).toBe(text);
        const { field, component, repetition, subcomponent } = delimiters;
        const forbidden = [field, component, repetition, subcomponent, '\r', '\n', '\x0b', '\x1c'];
        expect(forbidden.filter((character) => written.includes(character))).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });
});
