import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Action } from '../../../src/core/governance/access-vocabulary.js';
import { commonScopes, writeScope } from '../../../src/core/governance/scope-sets.js';
import {
  allows,
  meetsRestrictions,
  parseScope,
  parseScopes,
  type SmartScope,
} from '../../../src/core/governance/smart-scopes.js';

const everyAction: readonly Action[] = ['c', 'r', 'u', 'd', 's'];
const types = ['Patient', 'Observation', '*'];
const codes = ['a|1', 'a|2', '|3'];

const scope: fc.Arbitrary<SmartScope> = fc.record({
  context: fc.constantFrom('patient', 'user', 'system'),
  type: fc.constantFrom(...types),
  actions: fc.subarray([...everyAction], { minLength: 1 }),
  restrictions: fc.array(
    fc.record({
      parameter: fc.constantFrom('category', 'code'),
      values: fc.subarray([...codes, '1'], { minLength: 1 }),
    }),
    { maxLength: 2 },
  ),
});
const record = fc.record({
  context: fc.constantFrom('patient', 'user', 'system'),
  type: fc.constantFrom('Patient', 'Observation'),
  action: fc.constantFrom(...everyAction),
  codes: fc.record({ category: fc.subarray(codes), code: fc.subarray(codes) }, { requiredKeys: [] }),
});
type Asked = typeof record extends fc.Arbitrary<infer T> ? T : never;

const isAllowed = (scopes: readonly SmartScope[], asked: Asked): boolean =>
  scopes.some(
    (each) =>
      each.context === asked.context &&
      allows(each, asked.type, [asked.action]) &&
      meetsRestrictions(each, asked.codes),
  );

test('common scopes allow what both lists allow, and nothing else', () => {
  const list = fc.array(scope, { maxLength: 4 });
  fc.assert(
    fc.property(list, list, record, (some, others, asked) => {
      expect(isAllowed(commonScopes(some, others), asked)).toBe(
        isAllowed(some, asked) && isAllowed(others, asked),
      );
    }),
    { numRuns: 5_000 },
  );
});

test('what is written is read again as it was', () => {
  const text = fc.string({ minLength: 1 }).filter((value) => !/[,\\]/.test(value) && value !== '|');
  const restriction = fc.record({ parameter: text, values: fc.array(text, { minLength: 1, maxLength: 3 }) });
  const any = fc.tuple(scope, fc.array(restriction, { maxLength: 2 }));
  fc.assert(
    fc.property(any, ([each, restrictions]) => {
      const whole = { ...each, restrictions };
      const written = writeScope(whole);
      expect(written).not.toMatch(/\s/);
      expect(parseScope(written)).toEqual(whole);
    }),
  );
});

test('scopes of version 1 are written as those of version 2', () => {
  expect(parseScopes('system/*.read user/Patient.write').map(writeScope)).toEqual([
    'system/*.rs',
    'user/Patient.cud',
  ]);
});
