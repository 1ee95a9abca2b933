import { describe, expect, test } from '@jest/globals';
import { principalOfToken } from '../../../../src/core/governance/claims/principal-of-token.js';
import { parseScopes } from '../../../../src/core/governance/smart-scopes.js';
import { registered, say } from './say.js';

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
