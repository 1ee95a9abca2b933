import { describe, expect, test } from '@jest/globals';
import type { RegisteredClient } from '../../../../src/core/governance/access-policy.js';
import { principalOfToken } from '../../../../src/core/governance/claims/principal-of-token.js';
import { parseScopes } from '../../../../src/core/governance/smart-scopes.js';
import { registered, say } from './say.js';

describe('a token of an Entra application', () => {
  const application = { sub: 'app-1', azp: 'client-1' };

  test('speaks for a system with what its roles say', () => {
    const roles = ['reader', 'writer', 'sender', 'feed:a', 'feed:b', 'org:RZZ', 'purpose:TREAT', 'other'];
    expect(say('entra', { ...application, roles })).toEqual({
      subject: 'app-1',
      exchangeRoles: ['reader', 'writer', 'sender'],
      feeds: ['a', 'b'],
      roles: [],
      kind: 'system',
      organisation: 'RZZ',
      scopes: ['system/*.rs', 'system/*.cud'],
      assurance: 1,
      purposes: ['direct-care'],
      patientIdentifier: undefined,
      patientInContext: undefined,
      onBehalfOf: undefined,
    });
  });

  test.each<[string, readonly unknown[], Partial<RegisteredClient>, object]>([
    ['has the rest from its registration', ['reader'], {}, { organisation: 'RZZ', scopes: ['system/*.rs'] }],
    ['and its purposes', ['reader'], {}, { purposes: ['direct-care', 'planning'] }],
    [
      'has no more purposes than its roles',
      ['purpose:planning', 'purpose:research'],
      {},
      { purposes: ['planning'] },
    ],
    ['has no purpose where its roles name only unknown ones', ['purpose:fun'], {}, { purposes: [] }],
    ['has no scopes without a role', ['operator'], {}, { scopes: [] }],
    [
      'has no more scopes than its registration',
      ['reader', 'writer'],
      { scopes: parseScopes('system/Patient.ru?a=b user/*.rs') },
      { scopes: ['system/Patient.r?a=b', 'system/Patient.u?a=b'] },
    ],
    [
      'acts for nobody when its roles name another organisation',
      ['org:RYY'],
      {},
      { organisation: undefined },
    ],
    [
      'acts for the registered one of those its roles name',
      ['org:RYY', 'org:RZZ'],
      {},
      { organisation: 'RZZ' },
    ],
    [
      'acts for the one that its roles name where none is registered',
      ['org:RYY'],
      { organisation: undefined },
      { organisation: 'RYY' },
    ],
    ['is not taken from what is no text', [1, null, { org: 'RYY' }], {}, { organisation: 'RZZ', scopes: [] }],
  ])('%s', (_, roles, client, expected) => {
    expect(say('entra', { ...application, roles }, registered(client))).toMatchObject(expected);
  });

  test('is found by its id in tokens of version 1 too', () => {
    expect(say('entra', { sub: 'a', appid: 'client-1' }, registered({}))).toMatchObject({
      organisation: 'RZZ',
    });
  });

  test('acts for nobody when its roles name several organisations and it is not registered', () => {
    expect(say('entra', { ...application, roles: ['org:RZZ', 'org:RYY'] })).toMatchObject({
      organisation: undefined,
    });
  });
});

describe('a token of a person without delegated permissions, such as an ID token', () => {
  const roles = ['reader', 'operator', 'org:RZZ', 'purpose:direct-care'];

  test.each<[string, object]>([
    ['whose object id is not its subject', { oid: 'user-1' }],
    ['whose object id is no text', { oid: 5 }],
    ['that says that it is a user’s', { idtyp: 'user' }],
    ['that answers a sign-in', { nonce: 'n' }],
  ])('is no application: %s', (_, said) => {
    expect(say('entra', { sub: 'pairwise', aud: 'api', roles, ...said })).toBeUndefined();
  });

  test('is not what applications have', () => {
    const application = { sub: 'app-1', oid: 'app-1', idtyp: 'app', azp: 'client-1', roles };
    expect(say('entra', application)).toMatchObject({ kind: 'system', organisation: 'RZZ' });
  });
});

describe('a token of an Entra user', () => {
  const user = { sub: 'pairwise', oid: 'user-1', azp: 'client-1', scp: 'user.all.rs user.Patient.u openid' };

  test('speaks for staff, by their object id, with the roles of the policy', () => {
    const roles = ['R8000', 'B0572', 'org:RZZ', 'purpose:direct-care', 'operator', 'feed:a'];
    expect(say('entra', { ...user, roles, amr: ['pwd', 'mfa'] })).toMatchObject({
      subject: 'user-1',
      kind: 'staff',
      organisation: 'RZZ',
      scopes: ['user/*.rs', 'user/Patient.u'],
      purposes: ['direct-care'],
      assurance: 2,
      feeds: ['a'],
    });
  });

  test('has the policy roles among its claims', () => {
    const found = principalOfToken(
      'entra',
      { ...user, roles: ['R8000', 'org:RZZ', 'operator'] },
      () => undefined,
    );
    expect(found?.principal.claims.roles).toEqual(['R8000', 'operator']);
    expect(found?.principal.roles).toEqual(['operator']);
  });

  test.each([
    ['a second factor', { amr: ['mfa'] }, 2],
    ['none', { amr: ['pwd'] }, 1],
    ['nothing said of it', {}, 1],
    ['something else said of it', { amr: 'mfa' }, 1],
  ])('is as sure as the sign-in was: %s', (_, said, assurance) => {
    expect(say('entra', { ...user, ...said })).toMatchObject({ assurance });
  });

  test('names the patient whom the application was opened for', () => {
    expect(say('entra', { ...user, patient: 'pat-1' })).toMatchObject({ patientInContext: 'pat-1' });
    expect(say('entra', { ...user, patient: '9990000018' })).toMatchObject({ patientInContext: undefined });
  });

  test('has the scopes of its registration where its own are not for resources', () => {
    const client = registered({ scopes: parseScopes('user/*.rs') });
    expect(say('entra', { ...user, scp: 'access_as_user' }, client)).toMatchObject({ scopes: ['user/*.rs'] });
    expect(say('entra', { ...user, scp: 'user/Patient.x' }, client)).toMatchObject({ scopes: [] });
  });
});
