import { describe, expect, test } from '@jest/globals';
import { compilePack } from '../../../../src/core/mapping/engine/compile-pack.js';
import { PackError, type Pack, type Rule } from '../../../../src/core/mapping/engine/pack.js';
import { identities } from '../../../../src/core/mapping/transforms/identities.js';
import { transforms } from '../../../../src/core/mapping/transforms/transforms.js';
import { convertText, hl7, PID, recordOf, testPack } from '../support.js';

function faultsOf(pack: Pack): readonly string[] {
  try {
    compilePack(pack, { transforms, identities });
  } catch (error) {
    if (error instanceof PackError) return error.faults;
    throw error;
  }
  return [];
}

const rule = (changes: Partial<Rule>): Rule => ({
  id: 'row',
  from: 'ZZT-1',
  to: 'value',
  using: 'text',
  ...changes,
});

describe('a pack that is not valid', () => {
  test.each<[string, Rule, string]>([
    ['a source path', rule({ from: 'ZZT.1' }), 'rule row: from: "ZZT.1" is not a source path'],
    ['an element', rule({ to: 'na me' }), 'rule row: to: "na me" is not an element'],
    ['a transform', rule({ using: 'magic' }), 'rule row: using: there is no transform magic'],
    ['a call', rule({ using: 'text(' }), 'rule row: using: "text(" is not a transform'],
    ['a table', rule({ using: 'code(Nowhere)' }), 'rule row: using: table Nowhere is not defined'],
    ['an argument', rule({ using: 'constant' }), 'rule row: using: constant needs a value'],
    ['a condition', rule({ when: 'ZZT-1 perhaps' }), 'rule row: when: "ZZT-1 perhaps" is not a condition'],
  ])('names the row with a faulty %s', (_part, row, fault) => {
    expect(faultsOf(testPack([row]))).toEqual([fault]);
  });

  test('names every fault at once', () => {
    const pack = testPack([rule({ id: 'a', using: 'magic' }), rule({ id: 'b', from: 'x', when: 'y' })], {
      version: 'one',
    });
    expect(faultsOf(pack)).toEqual([
      'version one: not a semantic version',
      'rule a: using: there is no transform magic',
      'rule b: when: "y" is not a condition',
      'rule b: from: "x" is not a source path',
    ]);
  });

  test('names ids that are used twice, unknown identities and faulty ignored rows', () => {
    const pack = testPack([rule({}), rule({})]);
    const [map] = pack.maps;
    if (map === undefined) throw new Error('one map');
    expect(
      faultsOf({
        ...pack,
        maps: [{ ...map, identity: 'nobody', when: 'never', each: 'ZZT-1, AL1-3, ZZT-2.1' }],
        ignored: [
          { id: 'ignored', from: 'ZZT-1, ZZT', because: '' },
          { id: 'other', from: 'ZZT-2.1', because: '' },
        ],
      }),
    ).toEqual([
      'row row: the id is used twice',
      'map map: identity: there is no identity nobody',
      'map map: each: "AL1-3" is not a field of ZZT',
      'map map: each: "ZZT-2.1" is not a field of ZZT',
      'map map: when: "never" is not a condition',
      'ignored other: from: "ZZT-2.1" is neither a field nor a segment',
    ]);
  });

  test('says so in words', () => {
    expect(new PackError('trust 1.0.0', ['rule a: wrong', 'rule b: wrong']).message).toBe(
      'Mapping pack trust 1.0.0 is not valid:\n- rule a: wrong\n- rule b: wrong',
    );
  });
});

describe('a rule', () => {
  const run = (rules: readonly Rule[], ...segments: string[]) =>
    convertText(hl7('ADT^A01', PID, ...segments), { pack: testPack(rules) });
  const value = (rules: readonly Rule[], ...segments: string[]) =>
    (recordOf(run(rules, ...segments), 'Basic').resource as unknown as Record<string, unknown>)['value'];

  test('reads one repetition, or every one where it says so', () => {
    expect(value([rule({ to: 'value[+]' })], 'ZZT|a~b')).toEqual(['a']);
    expect(value([rule({ to: 'value[+]', from: 'ZZT-1[2]' })], 'ZZT|a~b')).toEqual(['b']);
    expect(value([rule({ to: 'value[+]', from: 'ZZT-1[*]' })], 'ZZT|a~b~~c')).toEqual(['a', 'b', 'c']);
  });

  test('reads a component, with the subcomponents as components of the data type', () => {
    expect(value([rule({ from: 'ZZT-1.2' })], 'ZZT|a^b^c')).toBe('b');
    expect(value([rule({ from: 'ZZT-1.2', using: 'humanName(NameUse)' })], 'ZZT|x^Khan&Amira')).toEqual({
      family: 'Khan',
      given: ['Amira'],
    });
  });

  test('reads another segment that holds for its own', () => {
    expect(value([rule({ from: 'PV1-2' })], 'PV1|1|I', 'ZZT|a')).toBe('I');
    expect(value([rule({ from: 'MRG-1' })], 'PV1|1|I', 'ZZT|a')).toBeUndefined();
  });

  test('reads every segment below its own', () => {
    const rules = [rule({ from: 'NTE(*)-3[*]', to: 'value[+]' })];
    expect(value(rules, 'ZZT|a', 'NTE|1||one~two', 'NTE|2||three')).toEqual(['one', 'two', 'three']);
  });

  test('decides for each segment below by what that says', () => {
    const rules = [rule({ from: 'NTE(*)-3', to: 'value[+]', when: 'NTE-2 in L' })];
    expect(value(rules, 'ZZT|a', 'NTE|1|L|one', 'NTE|2|P|two')).toEqual(['one']);
  });

  test('states nothing where an earlier one did: rows are alternatives', () => {
    const rules = [
      rule({}),
      rule({ id: 'second', from: 'ZZT-2' }),
      rule({ id: 'third', using: 'constant(c)' }),
    ];
    expect(value(rules, 'ZZT|a|b')).toBe('a');
    expect(value(rules, 'ZZT||b')).toBe('b');
    expect(value([...rules.slice(0, 2), { id: 'third', to: 'value', using: 'constant(c)' }], 'ZZT|')).toBe(
      'c',
    );
  });

  test('holds only under its condition', () => {
    const rules = [rule({ when: 'ZZT-2 in Y' })];
    expect(value(rules, 'ZZT|a|Y')).toBe('a');
    expect(value(rules, 'ZZT|a|N')).toBeUndefined();
  });
});

describe('a field that asks for deletion', () => {
  const removed = (rules: readonly Rule[], segment: string) => {
    const conversion = convertText(hl7('ADT^A01', PID, segment), { pack: testPack(rules) });
    const fates = conversion.ledger.filter(({ source }) => source.startsWith('ZZT')).map(({ fate }) => fate);
    return { removed: recordOf(conversion, 'Basic').removed, fates };
  };

  test('deletes the element and is accounted for', () => {
    expect(removed([rule({ to: 'period.end' })], 'ZZT|""')).toEqual({
      removed: ['period.end'],
      fates: ['mapped'],
    });
  });

  test('deletes nothing that another field of the message fills', () => {
    const rules = [rule({ to: 'value[+]' }), rule({ id: 'other', from: 'ZZT-2', to: 'value[+]' })];
    expect(removed(rules, 'ZZT|""|""')).toEqual({ removed: ['value'], fates: ['mapped', 'mapped'] });
    expect(removed(rules, 'ZZT|""|b')).toEqual({ removed: [], fates: ['unmapped', 'mapped'] });
  });

  test('deletes what its rule names instead, from a cumulative list too', () => {
    const rules = [rule({ to: 'value[+]', deletes: ['value[use=work]', 'other'] })];
    expect(removed(rules, 'ZZT|""')).toEqual({ removed: ['value[use=work]', 'other'], fates: ['mapped'] });
  });

  test.each([
    '',
    'value[',
    'value[use]',
    'value[use=work].more',
    'value[=work]',
    'extension(Unknown)',
    'value..more',
  ])('cannot delete "%s"', (path) => {
    expect(() => removed([rule({ deletes: [path] })], 'ZZT|a')).toThrow(`"${path}" cannot be deleted`);
  });

  test('deletes nothing from a cumulative list', () => {
    const pack = testPack([rule({ to: 'value[+]' })]);
    const maps = pack.maps.map((map) => ({ ...map, cumulative: ['value'] }));
    const conversion = convertText(hl7('ADT^A01', PID, 'ZZT|""'), { pack: { ...pack, maps } });
    expect(recordOf(conversion, 'Basic').removed).toEqual([]);
    expect(conversion.ledger).toContainEqual({ source: 'ZZT-1[1]', fate: 'unmapped' });
  });
});
