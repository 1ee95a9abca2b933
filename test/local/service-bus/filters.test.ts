import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { matchesCorrelation } from '../../../local/service-bus/filters/correlation.js';
import { compileRule, copiesFor } from '../../../local/service-bus/filters/rule.js';
import { SqlSyntaxError } from '../../../local/service-bus/filters/sql-lexer.js';
import { parseAction, parseCondition } from '../../../local/service-bus/filters/sql-parser.js';
import { compileLike } from '../../../local/service-bus/filters/wildcard.js';
import { aMessage } from './fixtures.js';

const message = aMessage({
  id: 'm1',
  subject: 'Order',
  session: 's1',
  properties: { kind: 'A', size: 7, flag: true, ratio: 0.5, 'with-hyphen': 'h', name: "O'Neill", empty: '' },
});

const selects = (expression: string): boolean =>
  compileRule({ name: 'r', filter: { kind: 'sql', expression } }).matches(message);

describe('SQL filters', () => {
  test.each([
    '1 = 1',
    "kind = 'A'",
    "KIND = 'A'",
    "user.kind = 'A' AND sys.Label = 'Order'",
    "sys.MessageId = 'm1' AND sys.SessionId = 's1' AND sys.subject <> 'x'",
    'size > 5 AND size >= 7 AND size < 8 AND size <= 7 AND size != 6',
    'size + 1 = 8 AND size - 1 = 6 AND size * 2 = 14 AND size / 2 = 3.5 AND size % 2 = 1',
    '-size = -7 AND 0x10 = 16 AND 1e2 = 100 AND +size = 7',
    '(size = 1 OR size = 7) AND NOT (size = 2)',
    'size = 1 OR size = 7 AND flag = TRUE',
    "[with-hyphen] = 'h' AND \"with-hyphen\" LIKE 'h'",
    "name = 'O''Neill'",
    "kind IN ('B', 'A') AND size NOT IN (1, 2)",
    "kind LIKE 'A%' AND name LIKE 'O_N%' AND kind NOT LIKE 'B%'",
    "name LIKE 'O!_%' ESCAPE '!' OR name LIKE 'O%'",
    'EXISTS(kind) AND NOT EXISTS (missing)',
    'missing IS NULL AND kind IS NOT NULL AND empty IS NOT NULL',
    'flag',
    "kind + 'B' = 'AB'",
    'newid() IS NOT NULL',
  ])('%s selects the message', (expression) => {
    expect(selects(expression)).toBe(true);
  });

  test.each([
    "kind = 'a'",
    "missing = 'A'",
    "NOT (missing = 'A')",
    "missing <> 'A'",
    "missing NOT IN ('A')",
    "kind NOT IN ('B', missing)",
    "size = '7'",
    'size / 0 = 1',
    'kind > 5 OR FALSE',
    'kind AND TRUE',
    'NULL = NULL',
    'ratio',
    "name LIKE 'O!_%' ESCAPE '!'",
  ])('%s does not select it, for it is false or unknown', (expression) => {
    expect(selects(expression)).toBe(false);
  });

  test.each([
    ['', 'expected a property name at position 1'],
    ['kind =', 'expected a property name at position 7'],
    ["kind = 'A", 'cannot read the expression at position 8'],
    ['kind ~ 1', 'cannot read the expression at position 6'],
    ["(kind = 'A'", 'expected ")" at position 12'],
    ["kind = 'A' kind", 'expected the end of the expression at position 12'],
    ['kind NOT 5', 'expected IN or LIKE at position 10'],
    ['kind IS 5', 'expected NULL at position 9'],
    ['sys.Secret = 1', 'the system property sys.Secret is not supported'],
    ['substring(kind, 1) = 1', 'the function substring is not supported'],
    ['@parameter = 1', 'cannot read the expression at position 1'],
    ["kind LIKE 'a' ESCAPE 'ab'", 'the escape must be one character'],
    ['a'.repeat(1025), 'longer than 1024 characters'],
  ])('%j is refused with its place', (expression, problem) => {
    expect(() => parseCondition(expression)).toThrow(SqlSyntaxError);
    expect(() => parseCondition(expression)).toThrow(problem);
  });

  test('no text makes the parser throw anything but its own error', () => {
    const words = [
      'a',
      "'x'",
      '5',
      'AND',
      'OR',
      'NOT',
      'IN',
      'LIKE',
      'IS',
      'NULL',
      '(',
      ')',
      '=',
      ',',
      '-',
      'EXISTS',
    ];
    const text = fc.oneof(
      fc.string(),
      fc.array(fc.constantFrom(...words)).map((parts) => parts.join(' ')),
    );
    fc.assert(
      fc.property(text, (expression) => {
        try {
          parseCondition(expression);
        } catch (error) {
          expect(error).toBeInstanceOf(SqlSyntaxError);
        }
      }),
    );
  });
});

describe('LIKE', () => {
  test('agrees with the regular expression of the same meaning', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '%', '_'), maxLength: 12 });
    fc.assert(
      fc.property(letters, letters, (pattern, text) => {
        const regex = new RegExp(`^${pattern.replaceAll('%', '[^]*').replaceAll('_', '[^]')}$`);
        expect(compileLike(pattern)(text)).toBe(regex.test(text));
      }),
    );
  });

  test('stays quick on patterns that would make a regular expression backtrack', () => {
    const matches = compileLike('%a'.repeat(40) + 'b');
    expect(matches('a'.repeat(20_000))).toBe(false);
  });
});

describe('correlation filters', () => {
  test('select when every given field is equal, case and type included', () => {
    const select = (fields: object, applicationProperties: Record<string, unknown> = {}) =>
      matchesCorrelation({ ...fields, applicationProperties }, message);
    expect(select({ subject: 'Order', messageId: 'm1', sessionId: 's1' }, { kind: 'A', size: 7 })).toBe(true);
    expect(select({})).toBe(true);
    expect(select({ subject: 'order' })).toBe(false);
    expect(select({}, { size: '7' })).toBe(false);
    expect(select({}, { missing: 'x' })).toBe(false);
  });
});

describe('rules with actions', () => {
  const rule = (name: string, expression: string, action?: string) =>
    compileRule({ name, filter: { kind: 'sql', expression }, ...(action === undefined ? {} : { action }) });

  test('change only the copy, one statement after the other', () => {
    const { act } = rule(
      'r',
      '1=1',
      "SET size = size + 1; SET twice = size * 2; REMOVE kind; SET sys.Label = 'New'",
    );
    const copy = act!(message);
    expect(Object.fromEntries(copy.applicationProperties)).toEqual({
      ...Object.fromEntries([...message.applicationProperties].filter(([name]) => name !== 'kind')),
      size: 8,
      twice: 16,
      RuleName: 'r',
    });
    expect(copy.properties).toMatchObject({ subject: 'New', messageId: 'm1', groupId: 's1' });
    expect(message.applicationProperties.get('size')).toBe(7);
  });

  test('make one copy each, and those without action one together', () => {
    const rules = [
      rule('plain 1', 'size = 7'),
      rule('plain 2', "kind = 'A'"),
      rule('no match', 'size = 8'),
      rule('acting 1', 'size = 7', 'SET a = 1'),
      rule('acting 2', 'size = 7', 'SET a = 2'),
    ];
    const names = copiesFor(rules, message).map((copy) => copy.applicationProperties.get('RuleName'));
    expect(names).toEqual([undefined, 'acting 1', 'acting 2']);
    expect(copiesFor([rules[2]!], message)).toEqual([]);
  });

  test.each([
    ['DROP kind', 'expected SET or REMOVE at position 1'],
    ['SET kind 5', 'expected "=" at position 10'],
    ['REMOVE sys.Label', 'system properties cannot be removed'],
  ])('%j is refused with its place', (action, problem) => {
    expect(() => parseAction(action)).toThrow(problem);
  });
});
