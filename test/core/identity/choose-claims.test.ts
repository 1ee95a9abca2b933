import { describe, expect, test } from '@jest/globals';
import { chooseClaims, type Candidate } from '../../../src/core/identity/choose-claims.js';
import { identifierToken, patientKeyFromToken } from '../../../src/core/identity/tokens.js';

const secret = 'a secret that only this test knows';
const candidate = (kind: 'nhs' | 'local', value: string): Candidate => ({
  identifier: { system: `urn:${kind}`, value, kind, source: `PID-3[${kind === 'local' ? 1 : 2}].1` },
  token: identifierToken(secret, `urn:${kind}`, value),
});
const mrn = candidate('local', 'M1');
const nhs = candidate('nhs', '9990000018');
const keyOf = ({ token }: Candidate) => patientKeyFromToken(secret, token);

describe('a person nobody knows', () => {
  test('gets a key made from the NHS number, so that two feeds that meet them first agree', () => {
    const choice = chooseClaims(secret, [mrn, nhs], new Map(), undefined);
    expect(choice).toEqual({
      patientKey: keyOf(nhs),
      madeOf: nhs.token,
      toClaim: [mrn.token, nhs.token],
      contested: [],
      issues: [],
    });
  });

  test('without an NHS number gets a key made from the local identifier', () => {
    expect(chooseClaims(secret, [mrn], new Map(), undefined).patientKey).toBe(keyOf(mrn));
  });
});

describe('a person who is known', () => {
  test('by their local identifier is found by it, and a new NHS number is claimed for them', () => {
    const choice = chooseClaims(
      secret,
      [mrn, nhs],
      new Map([[mrn.token, { patientKey: 'known' }]]),
      undefined,
    );
    expect(choice).toEqual({
      patientKey: 'known',
      toClaim: [nhs.token],
      contested: [],
      issues: [],
    });
  });

  test('by their NHS number at another feed is joined to it', () => {
    const choice = chooseClaims(
      secret,
      [mrn, nhs],
      new Map([[nhs.token, { patientKey: 'known', birthDateToken: 'b1' }]]),
      'b1',
    );
    expect(choice).toEqual({
      patientKey: 'known',
      toClaim: [mrn.token],
      contested: [],
      issues: [],
    });
  });
});

describe('a doubt about identity', () => {
  test('keeps people with different birth dates apart, although the NHS number is the same', () => {
    const choice = chooseClaims(
      secret,
      [mrn, nhs],
      new Map([[nhs.token, { patientKey: 'other', birthDateToken: 'b1' }]]),
      'b2',
    );
    expect(choice.patientKey).toBe(keyOf(mrn));
    expect(choice.toClaim).toEqual([mrn.token]);
    expect(choice.issues).toEqual([
      {
        code: 'HDE_IDENTITY_CONFLICT',
        severity: 'warning',
        location: 'PID-3[2].1',
        detail: 'held by a person with another birth date',
      },
    ]);
  });

  test('about whom nothing but the NHS number names is told by number and birth date', () => {
    const claims = new Map([[nhs.token, { patientKey: keyOf(nhs), birthDateToken: 'b1' }]]);
    const keyAt = (birthToken: string) => chooseClaims(secret, [nhs], claims, birthToken).patientKey;
    expect(keyAt('b1')).toBe(keyOf(nhs));
    expect(new Set([keyOf(nhs), keyAt('b2'), keyAt('b3')]).size).toBe(3);
    expect(chooseClaims(secret, [nhs], claims, 'b2')).toMatchObject({
      toClaim: [],
      contested: [nhs.identifier],
      issues: [{ code: 'HDE_IDENTITY_CONFLICT' }],
    });
  });

  test('never moves a known patient to the holder of an NHS number', () => {
    const claims = new Map([
      [mrn.token, { patientKey: 'mine' }],
      [nhs.token, { patientKey: 'theirs' }],
    ]);
    const choice = chooseClaims(secret, [mrn, nhs], claims, undefined);
    expect(choice.patientKey).toBe('mine');
    expect(choice.issues.map(({ location }) => location)).toEqual(['PID-3[2].1']);
  });

  test('says that an identifier of somebody else must not be written to this record', () => {
    const claims = new Map([
      [mrn.token, { patientKey: 'mine' }],
      [nhs.token, { patientKey: 'theirs' }],
    ]);
    expect(chooseClaims(secret, [mrn, nhs], claims, undefined).contested).toEqual([nhs.identifier]);
  });

  test('about a hospital number with another birth date is left to a person: reused, or corrected', () => {
    const choice = chooseClaims(
      secret,
      [mrn],
      new Map([[mrn.token, { patientKey: 'known', birthDateToken: 'b1' }]]),
      'b2',
    );
    expect(choice).toMatchObject({
      patientKey: 'known',
      issues: [{ code: 'HDE_BIRTH_DATE_DIFFERS', severity: 'warning', location: 'PID-7' }],
    });
  });
});

describe('a person whose identifier somebody else had once', () => {
  test('gets a key of their own, another one each time', () => {
    const keys = [undefined, 0, 1, 2].map((generation) => {
      const lapsed = new Map(generation === undefined ? [] : [[nhs.token, generation] as const]);
      const choice = chooseClaims(secret, [mrn, nhs], new Map(), undefined, lapsed);
      expect(choice.toClaim).toEqual([mrn.token, nhs.token]);
      return choice.patientKey;
    });
    expect(keys[0]).toBe(keyOf(nhs));
    expect(new Set(keys).size).toBe(4);
  });

  test('is the holder of their own number, who gets the identifier', () => {
    const claims = new Map([[mrn.token, { patientKey: 'known' }]]);
    const choice = chooseClaims(secret, [mrn, nhs], claims, undefined, new Map([[nhs.token, 0]]));
    expect(choice).toEqual({ patientKey: 'known', toClaim: [nhs.token], contested: [], issues: [] });
  });
});
