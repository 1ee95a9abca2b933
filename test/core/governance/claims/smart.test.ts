import { describe, expect, test } from '@jest/globals';
import { parseScopes } from '../../../../src/core/governance/smart-scopes.js';
import { registered, say } from './say.js';

describe('a token of a SMART backend service', () => {
  const token = { sub: 'client-1', client_id: 'client-1', scope: 'system/Observation.rs launch' };

  test('speaks for a registered system', () => {
    expect(say('smart', token, registered({}))).toMatchObject({
      subject: 'smart:client-1',
      kind: 'system',
      organisation: 'RZZ',
      purposes: ['direct-care', 'planning'],
      scopes: ['system/Observation.rs'],
      assurance: 1,
      exchangeRoles: ['reader'],
    });
  });

  test.each<[string, object, object]>([
    ['no scopes without a claim', { scope: undefined }, { scopes: [] }],
    ['no scopes where they are none for resources', { scope: 'openid' }, { scopes: [] }],
    [
      'no organisation from itself',
      { client_id: 'stranger', roles: ['org:RZZ'] },
      { organisation: undefined },
    ],
    ['no roles of Entra', { scope: '', roles: ['reader', 'operator'] }, { roles: [], exchangeRoles: [] }],
    ['the roles that its scopes stand for', { scope: 'system/Patient.u' }, { exchangeRoles: ['writer'] }],
  ])('has %s', (_, said, expected) => {
    expect(say('smart', { ...token, ...said }, registered({}))).toMatchObject(expected);
  });
});

describe('a token of a SMART server for a person', () => {
  const token = {
    ...{
      sub: 'u1',
      client_id: 'client-1',
      scope: 'launch patient/*.rs',
      fhirUser: 'https://x/Practitioner/7',
    },
    ...{ patient: 'pat-1', roles: ['R8000'], amr: ['mfa'] },
  };
  const client = registered({ scopes: parseScopes('patient/*.rs') });

  test('speaks for a member of staff, within the registration of their application', () => {
    expect(say('smart', token, client)).toMatchObject({
      ...{ subject: 'smart:user:u1', kind: 'staff', organisation: 'RZZ', roles: ['R8000'], assurance: 2 },
      ...{ scopes: ['patient/*.rs'], patientInContext: 'pat-1', exchangeRoles: ['reader'], feeds: [] },
    });
  });

  test.each<[string, object, object]>([
    ['without a second factor', { amr: undefined }, { assurance: 1 }],
    ['by their role', { fhirUser: 'PractitionerRole/7' }, { kind: 'staff' }],
    ['without a patient', { patient: undefined }, { patientInContext: undefined }],
    ['with an NHS number', { patient: '9990000018' }, { patientInContext: undefined }],
    ['with a reference', { patient: 'Patient/pat-1' }, { patientInContext: undefined }],
    ['with several patients', { patient: ['pat-1'] }, { patientInContext: undefined }],
  ])('%s', (_, said, expected) => {
    expect(say('smart', { ...token, ...said }, client)).toMatchObject(expected);
  });

  test.each([
    ['a patient, who signs in with NHS login', { fhirUser: 'Patient/pat-1' }],
    ['something else', { fhirUser: 'Device/1' }],
    ['a list', { fhirUser: ['Practitioner/7'] }],
    ['an application with the name of a person', { client_id: 'user:u1', fhirUser: undefined }],
    ['nobody', { sub: undefined }],
  ])('is refused for %s', (_, said) => {
    expect(say('smart', { ...token, ...said }, registered({ id: 'user:u1' }))).toBeUndefined();
  });

  test('names no patient for an application without a user', () => {
    const { fhirUser: _, ...others } = token;
    expect(say('smart', others, client)).toMatchObject({ kind: 'system', patientInContext: undefined });
  });
});
