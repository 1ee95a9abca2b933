import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { parseAccessPolicy } from '../../src/platform/access-policy.js';

const organisations = [
  { ods: 'RZZ', name: 'Acute' },
  { ods: 'RYY', name: 'Community' },
];
const agreement = {
  id: 'care',
  from: 'RZZ',
  with: ['RYY'],
  types: ['*'],
  purposes: ['direct-care'],
  start: '2026-01-01',
  end: '2026-03-31',
};
const role = { code: 'R8000', name: 'Clinician', types: ['*'], actions: 'rs', purposes: ['direct-care'] };

const consumer = { id: 'portal', organisation: 'RZZ', scopes: 'system/*.r', purpose: 'direct-care' };

const parse = (document: object) => parseAccessPolicy(JSON.stringify(document));

describe('a policy', () => {
  test('that says little is strict', () => {
    expect(parse({ organisations: [{ ods: 'RZZ', name: 'Acute' }] })).toEqual({
      organisations: [{ ods: 'RZZ', name: 'Acute', isActive: true }],
      agreements: [],
      roles: [],
      clients: [],
      assurance: { system: 1, staff: 2, patient: 3 },
      breakGlass: { minutes: 60, overridesConsent: false },
      optOut: { days: 7 },
      relationship: { days: 730 },
      consumers: [],
    });
  });

  test('shares for reading, to the end of the last day', () => {
    const [agreed] = parse({ organisations, agreements: [agreement] }).agreements;
    expect(agreed).toMatchObject({ actions: ['r', 's'], end: Date.parse('2026-04-01T00:00:00Z') });
  });

  test('of the samples can be read', () => {
    const { agreements, roles } = parseAccessPolicy(readFileSync('samples/access/policy.json', 'utf8'));
    expect(agreements).toHaveLength(2);
    expect(roles.map(({ mayBreakGlass }) => mayBreakGlass)).toEqual([true, false, false, false]);
  });
});

describe('a faulty row is named', () => {
  test.each<[string, object]>([
    ['agreements.1 (other): RXX is not among the organisations', { with: ['RXX'] }],
    ['agreements.1 (other): RXX is not among the organisations', { from: 'RXX' }],
    ['agreements.1 (other): RZZ shares with itself', { with: ['RYY', 'RZZ'] }],
    ['agreements.1 (other): ends before it starts', { end: '2025-12-31' }],
    [
      'agreements.1 (other): patients see their records without an agreement',
      { purposes: ['patient-access'] },
    ],
    [
      'agreements.1 (other): nothing is changed for planning and research',
      { purposes: ['research'], actions: 'ru' },
    ],
    ['agreements.1 (care): occurs twice', { id: 'care' }],
    ['agreements.1.types.0 (other): is no resource type that is served, nor *', { types: ['Observaton'] }],
    ['agreements.1.start (other): is no day, such as 2026-03-31', { start: '2026-02-30' }],
    ['agreements.1.actions (other): takes letters of cruds, in this order', { actions: 'sr' }],
    ['agreements.1.actions (other): takes letters of cruds, in this order', { actions: '' }],
    ['agreements.1.with.0 (other): is no ODS code', { with: ['ryy'] }],
  ])('%s', (message, change) => {
    const other = { ...agreement, id: 'other', ...change };
    expect(() => parse({ organisations, agreements: [agreement, other] })).toThrow(new Error(message));
  });

  test('each of several', () => {
    const faulty = { organisations, agreements: [{ ...agreement, end: '2020-01-01', with: ['RXX'] }] };
    expect(() => parse(faulty)).toThrow(
      'agreements.0 (care): RXX is not among the organisations\nagreements.0 (care): ends before it starts',
    );
  });

  test.each<[string, object]>([
    ['roles.1 (R8000): occurs twice', { roles: [role, role] }],
    ['organisations.2 (RZZ): occurs twice', { organisations: [...organisations, organisations[0]] }],
    ['breakGlass.minutes: ', { breakGlass: { minutes: 0 } }],
    ['consumers.1 (portal): occurs twice', { consumers: [consumer, consumer] }],
    [
      'consumers.0 (portal): RXX is not among the organisations',
      { consumers: [{ ...consumer, organisation: 'RXX' }] },
    ],
    ['consumers.0 (portal): R1 is not among the roles', { consumers: [{ ...consumer, roles: ['R1'] }] }],
    [
      'consumers.0.scopes (portal): user/*.r is no scope such as',
      { consumers: [{ ...consumer, scopes: 'user/*.r' }] },
    ],
    [
      'consumers.0.scopes (portal): system/Nothing.r is no scope such as',
      { consumers: [{ ...consumer, scopes: 'system/Nothing.r' }] },
    ],
    ['consumers.0.id (All): is no name of a subscription', { consumers: [{ ...consumer, id: 'All' }] }],
    ['consumers.0.purpose (portal): ', { consumers: [{ ...consumer, purpose: 'patient-access' }] }],
    ['roles.0 (R8000): Unrecognized key: "actons"', { roles: [{ ...role, actons: 'rs' }] }],
  ])('%s', (message, change) => {
    expect(() => parse({ organisations, ...change })).toThrow(message);
  });

  test.each([
    ['[', 'is not JSON'],
    ['{"roles": [], "__proto__": {}}', 'line 1, column 15: the key "__proto__" is not taken'],
    ['{"roles": [], "roles": []}', 'line 1, column 15: the key "roles" occurs twice'],
    ['[]', 'the document: '],
  ])('as the text %s', (text, message) => {
    expect(() => parseAccessPolicy(text)).toThrow(message);
  });
});
