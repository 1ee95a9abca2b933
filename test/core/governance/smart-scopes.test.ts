import { describe, expect, test } from '@jest/globals';
import {
  allows,
  meetsRestrictions,
  parseScope,
  parseScopes,
} from '../../../src/core/governance/smart-scopes.js';

describe('a scope', () => {
  test.each([
    ['patient/Observation.rs', 'patient', 'Observation', 'rs'],
    ['user/*.cruds', 'user', '*', 'cruds'],
    ['system/Patient.read', 'system', 'Patient', 'rs'],
    ['system/Patient.write', 'system', 'Patient', 'cud'],
    ['user/Patient.*', 'user', 'Patient', 'cruds'],
  ])('%s says who, what and how', (text, context, type, actions) => {
    const scope = parseScope(text);
    expect({ ...scope, actions: scope?.actions.join('') }).toEqual({
      context,
      type,
      actions,
      restrictions: [],
    });
  });

  test.each([
    'openid',
    'launch/patient',
    'patient/Observation.',
    'patient/Observation.sr',
    'patient/Observation.rr',
    'patient/Observation.constructor',
    'Patient/Observation.rs',
    'patient/observation.rs',
    'patient/Observation.rs?',
    'patient/Observation.rs?category',
    'patient/Observation.rs?category=',
    'patient/Observation.rs?category=a,',
    'patient/Observation.rs?category=|',
    'patient/Observation.rs?category=a\\,laboratory',
    'patient/Observation.read?category=laboratory',
    'system/*.rs ',
  ])('%s is none', (text) => {
    expect(parseScope(text)).toBeUndefined();
  });

  test('is found among the words of a claim', () => {
    expect(parseScopes(' openid  user/Patient.r\tpatient/x.r user/*.s').map(({ type }) => type)).toEqual([
      'Patient',
      '*',
    ]);
  });

  test('allows only all of the actions, and its own type', () => {
    const scope = parseScope('user/Observation.rs');
    if (scope === undefined) throw new Error('is a scope');
    expect(allows(scope, 'Observation', ['r', 's'])).toBe(true);
    expect(allows(scope, 'Observation', ['r', 'u'])).toBe(false);
    expect(allows(scope, 'Condition', ['r'])).toBe(false);
  });
});

describe('a restriction', () => {
  const codes = {
    category: ['http://c|laboratory', '|local'],
    code: ['http://snomed|1', 'http://local|a|b'],
  };
  test.each([
    ['category=http://c|laboratory', true],
    ['category=laboratory', true],
    ['category=|local', true],
    ['category=local', true],
    ['code=b', false],
    ['category=http://c|', true],
    ['category=vital-signs,laboratory', true],
    ['category=laboratory&code=http://snomed|1', true],
    ['category=|laboratory', false],
    ['category=http://other|laboratory', false],
    ['category=lab', false],
    ['category=http:', false],
    ['category=laboratory&code=2', false],
    ['category:not=vital-signs', false],
    ['status=final', false],
    ['constructor=x', false],
    ['__proto__=x', false],
  ])('%s is met or not', (query, isMet) => {
    const scope = parseScope(`user/Observation.rs?${query}`);
    if (scope === undefined) throw new Error('is a scope');
    expect(meetsRestrictions(scope, codes)).toBe(isMet);
  });
});
