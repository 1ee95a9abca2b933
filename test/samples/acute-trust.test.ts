import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { loadSampleDay } from '../../samples/acute-trust.js';
import { generateDay } from '../../samples/generator/day.js';
import { renderMessages, renderPeople, renderReadme } from '../../samples/generator/render.js';

const folder = new URL('../../samples/acute-trust/', import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, folder), 'utf8');

const day = generateDay();
const { messages, people } = day;
const originals = messages.filter(({ expected }) => expected !== 'duplicate');
const oddities = (kind: string) => messages.filter(({ oddity }) => oddity === kind);
const field = (text: string, name: string, number: number): string =>
  text
    .split('\r')
    .find((line) => line.startsWith(`${name}|`))
    ?.split('|')[number] ?? '';

/** Reads the committed file by its documented layout, without the generator's help. */
const committed = read('day.hl7')
  .split('\n\n')
  .map((message) => message.trimEnd().split('\n'));

describe('the committed sample day', () => {
  test('is byte for byte what the generator makes', () => {
    expect(read('day.hl7') === renderMessages(messages)).toBe(true);
    expect(read('people.json')).toBe(renderPeople(people));
    expect(read('README.md')).toBe(renderReadme(day));
  });

  test('is the same on a second run and another one with another seed', () => {
    expect(generateDay().messages).toEqual(messages);
    expect(generateDay('another seed').messages[0]?.text).not.toBe(messages[0]?.text);
  });

  test('is what the helper loads, with CR after each segment', () => {
    const loaded = loadSampleDay();
    expect(loaded.map(({ text }) => text.split('\r').slice(0, -1))).toEqual(committed);
    expect(loaded.every(({ text }) => text.endsWith('\r') && !text.includes('\n'))).toBe(true);
  });

  test('has the numbers that its README states', () => {
    const counted: Record<string, number> = {};
    for (const [first = ''] of committed) {
      const type = first.startsWith('MSH|')
        ? first.split('|')[8]!.split('^').slice(0, 2).join('^')
        : '(no MSH)';
      counted[type] = (counted[type] ?? 0) + 1;
    }
    const rows = read('README.md').matchAll(/^\| (ADT\S+|ORU\S+|\(no MSH\)) +\| (\d+) +\|$/gm);
    const stated = Object.fromEntries([...rows].slice(0, 12).map(([, type, count]) => [type, Number(count)]));
    expect(stated).toEqual(counted);
    expect(read('README.md')).toContain(`100 people, ${committed.length} messages`);
    const repeated = committed.length - new Set(committed.map((lines) => lines.join('\r'))).size;
    expect(read('README.md')).toMatch(new RegExp(`^\\| duplicate +\\| ${repeated} +\\|$`, 'm'));
  });
});

describe('the people', () => {
  test('are a hundred, with unique NHS numbers of the 999 range and valid check digits', () => {
    const numbers = people.flatMap(({ nhsNumber }) => nhsNumber ?? []);
    expect(people).toHaveLength(100);
    expect(new Set(numbers).size).toBe(99);
    for (const number of numbers) {
      expect(number).toMatch(/^999\d{7}$/);
      const weighted = Array.from(number).reduce(
        (sum, digit, at) => sum + Number(digit) * (at < 9 ? 10 - at : 1),
        0,
      );
      expect(weighted % 11).toBe(0);
    }
  });

  test('have unique local numbers and live where no UK postcode points', () => {
    expect(new Set(people.map(({ mrn }) => mrn)).size).toBe(100);
    for (const { address } of people) expect(address.postcode).toMatch(/^(QZ\d \d[A-Z]{2}|ZZ99 3VZ)$/);
  });

  test('include names beyond ASCII, a person without NHS number, and traced and untraced numbers', () => {
    expect(people.filter(({ given, family }) => /[^ -~]/.test(given + family)).length).toBeGreaterThan(5);
    expect(people.filter(({ nhsNumber }) => nhsNumber === undefined).map(({ id }) => id)).toEqual(['P030']);
    expect(new Set(people.map(({ nhsNumberStatus }) => nhsNumberStatus))).toEqual(
      new Set(['01', '02', '03', '07']),
    );
  });

  test('each begin their day with an A28 that carries name, birth date, gender, address and practice', () => {
    for (const { id, mrn } of people) {
      const first = messages.find(({ lane }) => lane === id)!;
      expect(first.type).toBe('ADT^A28');
      expect(field(first.text, 'PID', 3)).toContain(`${mrn}^^^RZZ^MR`);
      for (const number of [5, 7, 8, 11, 22, 32]) expect(field(first.text, 'PID', number)).not.toBe('');
      expect(field(first.text, 'PD1', 3)).toMatch(/\^\^Z9900\d$/);
    }
  });
});

describe('the messages', () => {
  test('are at least 600, of the types that the first mapping covers', () => {
    expect(messages.length).toBeGreaterThanOrEqual(600);
    const supported = 'A01 A02 A03 A04 A08 A11 A13 A28 A31 A40'.split(' ').map((event) => `ADT^${event}`);
    const types = new Set(messages.map(({ type }) => type).filter((type) => type !== ''));
    expect([...types].sort()).toEqual([...supported, 'ORU^R01']);
  });

  test('come from one integration engine, each with a control id of its own', () => {
    const withMsh = originals.filter(({ type }) => type !== '');
    expect(new Set(withMsh.map(({ controlId }) => controlId)).size).toBe(withMsh.length);
    for (const { text, controlId, type } of withMsh) {
      const [, , application, , , , , , messageType, id] = text.split('\r')[0]!.split('|');
      expect([application, id]).toEqual(['RZZ_TIE', controlId]);
      expect(messageType!.startsWith(type)).toBe(true);
      expect(text.split('\r')[0]).toMatch(/\|UNICODE UTF-8$/);
    }
  });

  test('are mostly HL7 2.4, with some 2.3 and 2.5.1', () => {
    const share = (version: string): number =>
      messages.filter(({ text }) => text.split('\r')[0]?.split('|')[11] === version).length / messages.length;
    expect(share('2.4')).toBeGreaterThan(0.6);
    expect(share('2.3')).toBeGreaterThan(0.05);
    expect(share('2.5.1')).toBeGreaterThan(0.05);
  });

  test('never state a local time in the hour that the clock change skips', () => {
    const skipped = messages.filter(({ text }) => /\|2026032901\d{4}/.test(text));
    expect(skipped).toEqual([]);
    const times = messages.map(({ text }) => text.split('\r')[0]?.split('|')[6] ?? '');
    expect(times.some((time) => time.startsWith('2026032900'))).toBe(true);
    expect(times.some((time) => time.startsWith('2026032902'))).toBe(true);
  });

  test('are made in the order of their sending, except the one that was held up', () => {
    const local = (text: string): string => text.split('\r')[0]!.split('|')[6]!.slice(0, 14);
    const inOrder = originals.filter(({ type, oddity }) => type !== '' && oddity !== 'stale');
    const times = inOrder.map(({ text }) => local(text));
    expect(times).toEqual([...times].sort());
  });

  test('report realistic panels with units, ranges and abnormal flags', () => {
    const results = messages.flatMap(({ text }) =>
      text.split('\r').filter((line) => line.startsWith('OBX|')),
    );
    const types = new Set(results.map((line) => line.split('|')[2]));
    expect(types).toEqual(new Set(['NM', 'SN', 'ST', 'TX', 'FT', 'CE']));
    const numbers = results.filter((line) => line.split('|')[2] === 'NM').map((line) => line.split('|'));
    for (const [, , , , , value, unit, range, flag] of numbers) {
      const [low, high] = range!.split(' - ').map(Number);
      expect(unit).not.toBe('');
      const expected = Number(value) < low! ? /^LL?$/ : Number(value) > high! ? /^HH?$/ : /^$/;
      expect(flag).toMatch(expected);
    }
    expect(numbers.some((parts) => parts[8] !== '')).toBe(true);
  });

  test('hold SNOMED CT codes whose Verhoeff check digit is right', () => {
    const codes = new Set(
      messages.flatMap(({ text }) =>
        [...text.matchAll(/(\d{6,18})\^[^^|~]*\^SCT/g)].map(([, code]) => code!),
      ),
    );
    expect(codes.size).toBeGreaterThan(20);
    expect([...codes].filter((code) => !hasVerhoeffDigit(code))).toEqual([]);
    expect(hasVerhoeffDigit('91936006')).toBe(false);
  });
});

describe('what is odd on purpose', () => {
  test('repeats at least ten messages byte for byte, later in the day and in the same lane', () => {
    const repeats = messages.filter(({ expected }) => expected === 'duplicate');
    expect(repeats.length).toBeGreaterThanOrEqual(10);
    for (const { text, lane, sequence } of repeats) {
      const original = originals.find((message) => message.text === text)!;
      expect(original.lane).toBe(lane);
      expect(original.sequence).toBeLessThan(sequence);
    }
    expect(new Set(originals.map(({ text }) => text)).size).toBe(originals.length);
  });

  test('sends an older A08 after a newer A31 of the same patient', () => {
    const [stale] = oddities('stale');
    const newer = messages.find(({ lane, type }) => lane === stale!.lane && type === 'ADT^A31');
    expect(newer!.sequence).toBeLessThan(stale!.sequence);
    expect(field(newer!.text, 'EVN', 2) > field(stale!.text, 'EVN', 2)).toBe(true);
    expect(field(newer!.text, 'PID', 11)).not.toBe(field(stale!.text, 'PID', 11));
    expect([field(newer!.text, 'PID', 13), field(stale!.text, 'PID', 13)]).toEqual([
      '""',
      expect.stringContaining('01632 960555'),
    ]);
  });

  test('breaks messages in two ways, and expects only those to fail', () => {
    expect(messages.filter(({ expected }) => expected === 'failed')).toEqual(
      messages.filter(({ oddity }) => oddity === 'no-msh' || oddity === 'no-patient'),
    );
    expect(oddities('no-msh')).toHaveLength(2);
    for (const { text } of oddities('no-msh')) expect(text).not.toMatch(/(^|\r)MSH/);
    expect(oddities('no-patient')).toHaveLength(2);
    for (const { text } of oddities('no-patient')) {
      expect(text).toMatch(/^MSH\|/);
      expect([field(text, 'PID', 3), field(text, 'PID', 5) === '']).toEqual(['', false]);
    }
  });

  test('merges a duplicate registration of which both local numbers were used before', () => {
    const [merge] = oddities('merge');
    const before = messages.filter(({ sequence }) => sequence < merge!.sequence);
    const loser = field(merge!.text, 'MRG', 1);
    const survivor = field(merge!.text, 'PID', 3).split('~')[1];
    expect(loser).not.toBe(survivor);
    for (const [number, type] of [
      [loser, 'ADT^A28'],
      [loser, 'ADT^A01'],
      [survivor, 'ADT^A28'],
    ] as const) {
      const used = before.filter((message) => message.type === type && message.text.includes(number!));
      expect(used.length).toBeGreaterThanOrEqual(1);
      expect(used.every(({ lane }) => lane === merge!.lane)).toBe(true);
    }
  });

  test('deletes values, escapes delimiters, corrects results and sends one very long text', () => {
    for (const { text } of oddities('deletion')) expect(text).toContain('|""');
    expect(oddities('escaped').some(({ text }) => text.includes('10\\S\\5') && text.includes('\\T\\'))).toBe(
      true,
    );
    for (const { text } of oddities('corrected')) {
      expect(field(text, 'OBR', 25)).toBe('C');
      const filler = field(text, 'OBR', 3);
      expect(messages.some((other) => other.text !== text && field(other.text, 'OBR', 3) === filler)).toBe(
        true,
      );
    }
    expect(field(oddities('long-text')[0]!.text, 'OBX', 5).length).toBeGreaterThan(4000);
    expect(oddities('deletion').length * oddities('corrected').length).toBeGreaterThan(0);
  });
});

/** SNOMED CT technical implementation guide, section on check-digit computation (dihedral group D5). */
function hasVerhoeffDigit(code: string): boolean {
  const multiply = (left: number, right: number): number => {
    if (left < 5) return right < 5 ? (left + right) % 5 : 5 + ((left + right) % 5);
    return right < 5 ? 5 + ((((left - right) % 5) + 5) % 5) : (((left - right) % 5) + 5) % 5;
  };
  const base = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
  const permute = (digit: number, times: number): number =>
    times === 0 ? digit : permute(base[digit]!, times - 1);
  return (
    Array.from(code)
      .reverse()
      .reduce((check, digit, at) => multiply(check, permute(Number(digit), at % 8)), 0) === 0
  );
}
