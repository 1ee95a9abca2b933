import { expect, test } from '@jest/globals';
import { noClaims, type Principal } from '../../../../src/core/governance/access.js';
import { withinBounds } from '../../../../src/core/governance/claims/issuer-bounds.js';

const staff: Principal = {
  subject: 'person-1',
  roles: ['reader', 'operator'],
  feeds: ['ryy-tie', 'rzz-tie'],
  claims: { ...noClaims, kind: 'staff', organisation: 'RYY', assurance: 1 },
};

test('an issuer without bounds says what it says', () => {
  expect(withinBounds(staff, {})).toEqual(staff);
});

test('an issuer speaks for its own organisations, roles and feeds, and for its own people', () => {
  const bounds = { organisations: ['RZZ'], roles: ['reader'], feeds: ['rzz-tie'], subjectPrefix: 'tenant-b' };
  expect(withinBounds(staff, { ...bounds, roles: ['reader'] })).toEqual({
    ...{ subject: 'tenant-b:person-1', roles: ['reader'], feeds: ['rzz-tie'] },
    claims: { ...staff.claims, organisation: undefined },
  });
  expect(withinBounds(staff, { organisations: ['RYY'] }).claims.organisation).toBe('RYY');
});

test('staff are as sure as their token or their issuer says, whichever is more; applications are not', () => {
  const assuranceOf = (kind: 'staff' | 'system', assurance: number) =>
    withinBounds({ ...staff, claims: { ...staff.claims, kind, assurance } }, { staffAssurance: 2 }).claims
      .assurance;
  expect([assuranceOf('staff', 1), assuranceOf('staff', 3), assuranceOf('system', 1)]).toEqual([2, 3, 1]);
});
