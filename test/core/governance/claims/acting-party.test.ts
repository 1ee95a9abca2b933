import { describe, expect, test } from '@jest/globals';
import { withinBounds } from '../../../../src/core/governance/claims/issuer-bounds.js';
import {
  principalOfToken,
  type IssuerKind,
} from '../../../../src/core/governance/claims/principal-of-token.js';

const payloads: Readonly<Record<IssuerKind, object>> = {
  entra: { oid: 'person-1', sub: 'pairwise', scp: 'user.all.rs', azp: 'client-1' },
  smart: { client_id: 'client-1', fhirUser: 'Practitioner/1', sub: 'person-1', scope: 'user/*.rs' },
  'nhs-login': { sub: 'person-1', azp: 'client-1', nhs_number: '9990000018', identity_proofing_level: 'P9' },
  cis2: { nhsid_useruid: 'person-1', sub: 'pairwise', azp: 'client-1' },
};

const principalOf = (kind: IssuerKind, claims: object) =>
  principalOfToken(kind, { ...payloads[kind], ...claims }, () => undefined)?.principal;

describe('a token by which somebody acts for its subject (RFC 8693)', () => {
  test.each<[IssuerKind, string, string]>([
    ['entra', 'other-2', 'person-1'],
    ['smart', 'smart:user:other-2', 'smart:user:person-1'],
    ['nhs-login', 'nhs-login:other-2', 'nhs-login:person-1'],
    ['cis2', 'cis2:other-2', 'cis2:person-1'],
  ])('of %s names both, and allows what is its subject’s', (kind, subject, onBehalfOf) => {
    const own = principalOf(kind, {});
    expect(own).toMatchObject({ subject: onBehalfOf, claims: { onBehalfOf: undefined } });
    expect(principalOf(kind, { act: { sub: 'other-2', act: { sub: 'earlier-3' } } })).toEqual({
      ...own,
      subject,
      claims: { ...own?.claims, onBehalfOf },
    });
  });

  test.each<[string, IssuerKind, unknown]>([
    ['does not say who acts', 'cis2', {}],
    ['has an empty name', 'cis2', { sub: ' ' }],
    ['has another type', 'cis2', 'other-2'],
    ['has none at all', 'cis2', null],
    ['names them by an NHS number', 'nhs-login', { sub: '9990000026' }],
    ['names them like a subject of another kind of issuer', 'entra', { sub: 'cis2:other-2' }],
  ])('speaks for nobody when it %s', (_, kind, act) => {
    expect(principalOf(kind, { act })).toBeUndefined();
  });

  test('tells both from people of another issuer', () => {
    const principal = principalOf('entra', { act: { sub: 'other-2' } });
    if (principal === undefined) throw new Error('nobody');
    expect(withinBounds(principal, { subjectPrefix: 'tenant-b' })).toMatchObject({
      subject: 'tenant-b:other-2',
      claims: { onBehalfOf: 'tenant-b:person-1' },
    });
  });
});
