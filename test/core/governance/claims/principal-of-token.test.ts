import { describe, expect, test } from '@jest/globals';
import { issuerKinds, principalOfToken } from '../../../../src/core/governance/claims/principal-of-token.js';
import { say } from './say.js';

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
