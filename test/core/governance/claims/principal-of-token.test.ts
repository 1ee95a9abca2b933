import { describe, expect, test } from '@jest/globals';
import type { RegisteredClient } from '../../../../src/core/governance/access-policy.js';
import {
  issuerKinds,
  principalOfToken,
  type IssuerKind,
} from '../../../../src/core/governance/claims/principal-of-token.js';
import { writeScope } from '../../../../src/core/governance/scope-sets.js';
import { parseScopes } from '../../../../src/core/governance/smart-scopes.js';

const registered = (others: Partial<RegisteredClient>): RegisteredClient => ({
  ...{ id: 'client-1', issuer: 'https://issuer.example', keys: undefined, organisation: 'RZZ' },
  ...{ purposes: ['direct-care', 'planning'], scopes: parseScopes('system/*.cruds'), certificates: [] },
  ...others,
});

/** What a token says, shortened: scopes as they are written. */
function say(kind: IssuerKind, payload: object, client?: RegisteredClient) {
  const found = principalOfToken(kind, payload as Record<string, unknown>, (id) =>
    id === client?.id ? client : undefined,
  );
  if (found === undefined) return undefined;
  const { subject, roles, feeds, claims } = found.principal;
  return { subject, feeds, ...claims, exchangeRoles: roles, scopes: claims.scopes.map(writeScope) };
}

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

describe('a token of CIS2', () => {
  const roles = [
    {
      ...{ person_roleid: 'r1', org_code: 'RZZ', role_code: 'S8000:G8000:R8000' },
      activity_codes: ['B0572', 'B0082'],
    },
    { person_roleid: 'r2', org_code: 'RYY', role_code: 'S8002:G8003:R8008', activity_codes: [] },
  ];
  const token = {
    ...{ sub: '500000000001', aud: 'client-1', nhsid_useruid: '555000000001', selected_roleid: 'r1' },
    ...{ nhsid_nrbac_roles: roles, authentication_assurance_level: '3' },
  };
  const app = registered({ organisation: undefined, scopes: parseScopes('user/*.rs') });

  test('speaks for staff in the role that they chose', () => {
    const found = principalOfToken('cis2', token, () => app);
    expect(found?.principal).toMatchObject({
      subject: 'cis2:555000000001',
      roles: [],
      claims: {
        kind: 'staff',
        organisation: 'RZZ',
        roles: ['R8000', 'B0572', 'B0082'],
        assurance: 3,
        purposes: ['direct-care', 'planning'],
        scopes: parseScopes('user/*.rs'),
      },
    });
  });

  test.each<[string, object, string | undefined, readonly string[]]>([
    ['the other role', { selected_roleid: 'r2' }, 'RYY', ['R8008']],
    ['no role that they hold', { selected_roleid: 'r3' }, undefined, []],
    ['no role of several', { selected_roleid: undefined }, undefined, []],
    ['no role, holding one', { selected_roleid: undefined, nhsid_nrbac_roles: [roles[1]] }, 'RYY', ['R8008']],
    ['a role that is held twice', { nhsid_nrbac_roles: [roles[0], roles[0]] }, undefined, []],
    ['a role among what is no list', { nhsid_nrbac_roles: { r1: roles[0] } }, undefined, []],
    [
      'a role among other values',
      { nhsid_nrbac_roles: [null, 'r1', roles[0]] },
      'RZZ',
      ['R8000', 'B0572', 'B0082'],
    ],
  ])('who chose %s', (_, said, organisation, codes) => {
    const found = principalOfToken('cis2', { ...token, ...said }, () => app);
    expect(found?.principal.claims).toMatchObject({ organisation, roles: codes });
  });

  test('acts for nobody without a role, though its application is registered for an organisation', () => {
    const said = { ...token, selected_roleid: 'none' };
    expect(say('cis2', said, registered({}))).toMatchObject({ organisation: undefined });
    expect(say('cis2', token, registered({ organisation: 'RYY' }))).toMatchObject({
      organisation: undefined,
    });
  });

  test.each<[object, number]>([
    [{ authentication_assurance_level: '2' }, 2],
    [{ authentication_assurance_level: undefined, acr: 'AAL3' }, 3],
    [{ authentication_assurance_level: undefined, acr: 'AAL3_ANY' }, 3],
    [{ authentication_assurance_level: undefined, acr: 'AAL2_OR_AAL3_ANY' }, 2],
    [{ authentication_assurance_level: undefined, acr: 'AAL1_USERPASS' }, 1],
    [{ authentication_assurance_level: '33' }, 0],
    [{ authentication_assurance_level: '0' }, 0],
    [{ authentication_assurance_level: undefined }, 0],
  ])('is as sure as the sign-in was: %j', (said, assurance) => {
    expect(say('cis2', { ...token, ...said }, app)).toMatchObject({ assurance });
  });
});

describe('whatever the kind', () => {
  const everything = {
    ...{ sub: 's', client_id: 'c', azp: 'c', aud: 'c', oid: 'o', nhsid_useruid: 'u', scp: 'user/*.cruds' },
    ...{ roles: ['operator', 'reader', 'org:RZZ'], nhs_number: '9990000018', identity_proofing_level: 'P9' },
    ...{ nhsid_nrbac_roles: [{ org_code: 'RZZ', role_code: 'R8000' }], acr: 'AAL3', scope: 'system/*.cruds' },
  };

  test('only its own claims count', () => {
    const kinds = issuerKinds.map((kind) => {
      const claims = principalOfToken(kind, everything, () => undefined)?.principal;
      return [claims?.subject, claims?.claims.kind, claims?.claims.patientIdentifier !== undefined];
    });
    expect(kinds).toEqual([
      ['o', 'staff', false],
      ['smart:c', 'system', false],
      ['nhs-login:s', 'patient', true],
      ['cis2:u', 'staff', false],
    ]);
  });

  test.each([['smart:c'], ['nhs-login:s'], ['cis2:u']])('no Entra token speaks for %s', (sub) => {
    expect(say('entra', { sub })).toBeUndefined();
  });

  test.each(issuerKinds)('a token of %s without a name speaks for nobody', (kind) => {
    expect(say(kind, { sub: ' ', client_id: 1, oid: null })).toBeUndefined();
  });
});
