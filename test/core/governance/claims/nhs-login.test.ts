import { describe, expect, test } from '@jest/globals';
import { parseScopes } from '../../../../src/core/governance/smart-scopes.js';
import { registered, say } from './say.js';

describe('a token of NHS login', () => {
  const patient = {
    ...{
      sub: 'b1f7',
      aud: 'client-1',
      nhs_number: '9990000018',
      identity_proofing_level: 'P9',
      vot: 'P9.Cp.Cd',
    },
    scope: 'openid profile',
  };
  const app = registered({
    organisation: undefined,
    purposes: ['patient-access'],
    scopes: parseScopes('patient/*.rs'),
  });

  test('speaks for a patient, whose number is no part of the subject', () => {
    expect(say('nhs-login', patient, app)).toMatchObject({
      subject: 'nhs-login:b1f7',
      kind: 'patient',
      organisation: undefined,
      purposes: ['patient-access'],
      scopes: ['patient/*.rs'],
      assurance: 3,
      patientIdentifier: 'https://fhir.nhs.uk/Id/nhs-number|9990000018',
      exchangeRoles: [],
    });
  });

  test.each<[string, object, number]>([
    ['P9 by password and device', {}, 3],
    ['P9 by a key', { vot: 'P9.Cp.Ck' }, 3],
    ['P9 by a key alone', { vot: 'P9.Cm' }, 3],
    ['P9 by a password alone', { vot: 'P9.Cp' }, 1],
    ['P9 without a vector', { vot: undefined }, 3],
    ['P5', { identity_proofing_level: 'P5', vot: 'P5.Cp.Cd' }, 1],
    ['P0', { identity_proofing_level: 'P0', vot: 'P0.Cp.Cd' }, 0],
    ['P9 in a vector of P5', { vot: 'P5.Cp.Cd' }, 1],
    ['P5 in a vector of P9', { identity_proofing_level: 'P5' }, 1],
    ['no level', { identity_proofing_level: undefined }, 0],
    ['an unknown level', { identity_proofing_level: 'P99' }, 0],
    ['a level that is a property of objects', { identity_proofing_level: 'constructor', vot: undefined }, 0],
    ['a vector of another form', { vot: 'P9' }, 0],
    ['a vector that is no text', { vot: ['P9.Cp.Cd'] }, 0],
  ])('is as sure as the lowest that it says: %s', (_, said, assurance) => {
    expect(say('nhs-login', { ...patient, ...said }, app)).toMatchObject({ assurance });
  });

  test.each([['9990000019'], ['999'], [''], [9990000018], [undefined]])(
    'is about no patient with the number %p',
    (number) => {
      expect(say('nhs-login', { ...patient, nhs_number: number }, app)).toMatchObject({
        patientIdentifier: undefined,
      });
    },
  );

  test('speaks for nobody when its subject is an NHS number', () => {
    expect(say('nhs-login', { ...patient, sub: '999 000 0018' }, app)).toBeUndefined();
  });

  test('allows nothing to an application that is not registered', () => {
    expect(say('nhs-login', { ...patient, aud: 'stranger' }, app)).toMatchObject({ scopes: [] });
  });

  test('has no more than the registration of its only audience, also where that stands in a list', () => {
    const said = { ...patient, aud: ['client-1'], scope: 'patient/*.cruds' };
    expect(say('nhs-login', said, app)).toMatchObject({ scopes: ['patient/*.rs'] });
  });

  test('for several applications speaks for nobody, unless it says for which one it was made', () => {
    const said = { ...patient, aud: ['client-1', 'other'], scope: 'patient/*.cruds' };
    expect(say('nhs-login', said, app)).toBeUndefined();
    expect(say('nhs-login', { ...said, azp: 'client-1' }, app)).toMatchObject({ scopes: ['patient/*.rs'] });
  });

  test('makes nobody a member of staff or of an organisation', () => {
    const client = registered({ scopes: parseScopes('user/*.cruds') });
    const said = { ...patient, roles: ['operator', 'org:RZZ'], scp: 'user/*.cruds', org_code: 'RZZ' };
    expect(say('nhs-login', said, client)).toMatchObject({
      kind: 'patient',
      organisation: undefined,
      purposes: [],
      exchangeRoles: [],
    });
  });
});
