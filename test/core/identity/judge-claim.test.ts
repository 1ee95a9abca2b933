/** When a claim decides: what the record of the patient says of the identifier. */
import { describe, expect, test } from '@jest/globals';
import {
  bearsOut,
  isSomebodyElse,
  judgeClaim,
  type JudgedClaim,
} from '../../../src/core/identity/judge-claim.js';
import { identifierToken } from '../../../src/core/identity/tokens.js';
import { NHS_NUMBER_SYSTEM } from '../../../src/core/identity/nhs-number.js';
import { renouncedAfter } from '../../../src/core/records/renounced.js';
import type { CurrentDocument, DeletedDocument, LatestDocument } from '../../../src/core/records/types.js';
import { asCurrent } from '../../app/fhir/arrange.js';

const mrn = { system: 'urn:trust', value: 'M1' };
const nhs = { system: NHS_NUMBER_SYSTEM, value: '9990000018' };
const otherNhs = { system: NHS_NUMBER_SYSTEM, value: '9990000026' };
const judging = { secret: 'a secret', now: new Date('2026-03-30T12:00:00Z') };
const supportedBy = (...of: { system: string; value: string }[]): JudgedClaim => ({
  support: of.map(({ system, value }) => identifierToken(judging.secret, system, value)),
});
const justNow: JudgedClaim = { claimedAt: '2026-03-30T11:59:55Z' };
const longAgo: JudgedClaim = { claimedAt: '2026-03-30T11:59:00Z' };
const byMessage: JudgedClaim = {};

type Identifiers = readonly { system?: string; value?: string; use?: string }[];
const version = (versionId: number, ...identifier: Identifiers): CurrentDocument =>
  asCurrent({ resourceType: 'Patient', id: 'p', identifier } as never, versionId);
const deletion = (versionId: number): DeletedDocument => {
  const { id, partition, resourceType, fhirId, lastUpdated, eventTime, source } = version(1);
  const named = { id, partition, resourceType, fhirId, lastUpdated, eventTime, source };
  return { ...named, kind: 'deleted', versionId };
};
/** What stands after these versions, one after the other. */
const history = (first: LatestDocument, ...later: LatestDocument[]): LatestDocument =>
  later.reduce((before, next) => ({ ...next, ...renouncedAfter(before, next) }), first);

describe('the claim of an identifier', () => {
  test.each<[string, JudgedClaim, LatestDocument | undefined, string]>([
    ['that the record states', byMessage, version(1, mrn), 'holds'],
    ['that the record states as a former one', byMessage, version(1, { ...mrn, use: 'old' }), 'holds'],
    ['that a client claimed and the record states', longAgo, version(1, mrn), 'holds'],
    ['for somebody who is not stored', byMessage, undefined, 'holds'],
    ['for whom a client is creating', justNow, undefined, 'holds'],
    ['for whom a client never created', longAgo, undefined, 'vacant'],
    ['that a client is adding', justNow, version(1), 'writing'],
    ['that a client never added', longAgo, version(1), 'lapsed'],
    ['that a message claimed and no version states', byMessage, version(1, nhs), 'unstated'],
    ['that came with one that the record states', supportedBy(otherNhs, nhs), version(1, nhs), 'unstated'],
    ['that came with one that the record does not state', supportedBy(nhs), version(1, otherNhs), 'lapsed'],
    ['that came with others, of whom a client deleted', supportedBy(nhs), deletion(2), 'lapsed'],
    ['that a later version leaves out', byMessage, history(version(1, mrn), version(2, nhs)), 'lapsed'],
    [
      'that was left out, and claimed again since',
      { sinceVersion: 2 },
      history(version(1, mrn), version(2, nhs)),
      'unstated',
    ],
    [
      'that was left out, stated again and left out again',
      { sinceVersion: 2 },
      history(version(1, mrn), version(2), version(3, mrn), version(4)),
      'lapsed',
    ],
    [
      'that was left out and is stated again',
      byMessage,
      history(version(1, mrn), version(2), version(3, mrn)),
      'holds',
    ],
    [
      'that was left out many versions ago',
      byMessage,
      history(version(1, mrn), version(2), version(3), version(4)),
      'lapsed',
    ],
    ['of whom a client deleted', byMessage, history(version(1, mrn), deletion(2)), 'holds'],
    ['that a client made, of whom it deleted', longAgo, history(version(1, mrn), deletion(2)), 'lapsed'],
    [
      'that was left out before the deletion',
      byMessage,
      history(version(1, mrn), version(2), deletion(3)),
      'lapsed',
    ],
    [
      'of whom comes back as somebody with another one',
      byMessage,
      history(version(1, mrn), deletion(2), version(3, nhs)),
      'lapsed',
    ],
  ])('%s', (_, claim, holder, standing) => {
    expect(judgeClaim(claim, mrn, holder, judging)).toBe(standing);
  });

  test('that is an NHS number does not bring back whom a client deleted', () => {
    const holder = history(version(1, nhs), deletion(2));
    expect(judgeClaim(byMessage, nhs, holder, judging)).toBe('lapsed');
  });

  test('is young also by the clock of a process that is a little behind', () => {
    expect(judgeClaim({ claimedAt: '2026-03-30T12:00:03Z' }, mrn, version(1), judging)).toBe('writing');
  });
});

describe('an identifier that no version states', () => {
  test.each([
    ['bears a number of a sender out', mrn, version(1, otherNhs), true],
    ['bears an NHS number out where none is known', nhs, version(1, mrn), true],
    ['does not bear an NHS number out beside another one', nhs, version(1, otherNhs), false],
    ['bears an NHS number out where nobody is stored', nhs, undefined, true],
  ])('%s', (_, identifier, holder, expected) => {
    expect(bearsOut(identifier, holder)).toBe(expected);
  });
});

test('what a version renounces is remembered of Patients only', () => {
  const organisation = (versionId: number, ...identifier: Identifiers): CurrentDocument =>
    asCurrent({ resourceType: 'Organization', id: 'o', identifier } as never, versionId);
  expect(renouncedAfter(organisation(1, mrn), organisation(2))).toEqual({});
  expect(renouncedAfter(version(1, mrn, { value: 'alone' }), version(2))).toEqual({
    renounced: { 'urn:trust|M1': 2 },
  });
});

describe('a message', () => {
  const stored = (birthDate: string, ...identifier: Identifiers): CurrentDocument =>
    asCurrent({ resourceType: 'Patient', id: 'p', identifier, birthDate } as never, 1);
  const said = (birthDate: string | undefined, ...identifiers: { system: string; value: string }[]) => ({
    identifiers: identifiers.map((each) => ({
      ...each,
      kind: each.system === NHS_NUMBER_SYSTEM ? ('nhs' as const) : ('local' as const),
      source: 'PID-3[1].1',
    })),
    birthDate,
  });

  test.each([
    ['another birth date', said('1980-02-02', nhs), stored('1970-01-01', nhs), true],
    ['the same birth date', said('1970-01-01', nhs), stored('1970-01-01', nhs), false],
    ['no birth date', said(undefined, nhs), stored('1970-01-01', nhs), false],
    ['a birth date of which the record knows the year', said('1980-02-02', nhs), stored('1970', nhs), false],
    ['another birth date and a number of theirs', said('1980-02-02', mrn), stored('1970-01-01', mrn), false],
    ['another NHS number', said(undefined, mrn, otherNhs), stored('1970-01-01', nhs), true],
    [
      'another NHS number and a number of theirs',
      said(undefined, mrn, otherNhs),
      version(1, mrn, nhs),
      false,
    ],
    ['an NHS number where the record states none', said(undefined, mrn, nhs), stored('1970-01-01'), false],
    ['an NHS number, of whom a client deleted', said('1980-02-02', nhs), deletion(2), false],
  ])('that gives %s', (_, message, holder, means) => {
    expect(isSomebodyElse(message, holder, false)).toBe(means);
  });

  test('that gives another NHS number means the patient if that was claimed for them before', () => {
    expect(isSomebodyElse(said(undefined, mrn, otherNhs), version(1, nhs), true)).toBe(false);
  });
});
