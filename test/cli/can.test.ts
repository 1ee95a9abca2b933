import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { runHde } from '../support/command-line.js';

const file = 'samples/access/clinician.json';
const clinician = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
const at = ['--at', '2026-06-15'];
const known = { organisation: 'RZZ', patient: { relationships: [{ organisation: 'RZZ' }] } };

const can = (options: Readonly<Record<string, string>>, ...more: string[]) =>
  runHde([
    'can',
    ...Object.entries({ who: file, what: 'read Observation/p1.abc', why: 'direct-care', ...options }).flatMap(
      ([name, value]) => [`--${name}`, value],
    ),
    ...at,
    ...more,
  ]);

describe('a decision', () => {
  test('that permits is explained', async () => {
    expect(await can({ record: JSON.stringify(known) })).toEqual({
      code: 0,
      err: '',
      out: [
        'permit: own-organisation',
        "The record belongs to the asker's own organisation.",
        '',
        'To do:',
        '  audit: Enter the decision in the audit trail.',
        '',
        'Policy: samples/access/policy.json',
        '',
      ].join('\n'),
    });
  });

  test('that refuses is explained, with what was assumed', async () => {
    const { code, out } = await can({});
    expect(code).toBe(1);
    expect(out).toContain('deny: no-relationship\nThe asker and their organisation have no part in the care');
    expect(out).toContain('  offer-break-glass: ');
    expect(out).toContain('  The record belongs to RZZ.\n  It is about Patient/p1.\n');
  });

  test.each<[string, Readonly<Record<string, string>>]>([
    ['break-glass', { 'break-glass': 'unconscious in A&E' }],
    ['break-glass-without-reason', { 'break-glass': ' ' }],
    ['purpose-not-allowed', { why: 'PATRQT' }],
    ['role-missing', { why: 'research' }],
    ['sensitive', { record: JSON.stringify({ ...known, labels: ['sensitive'] }) }],
    ['restricted', { record: JSON.stringify({ ...known, labels: ['restricted'] }) }],
    ['no-agreement', { record: JSON.stringify({ ...known, organisation: 'RYY' }) }],
    ['custodian-unknown', { record: '{}' }],
    ['directory', { what: 'search Organization' }],
    ['scope-missing', { who: JSON.stringify({ ...clinician, scopes: ['user/Patient.rs', 'user/x'] }) }],
    ['organisation-unknown', { who: JSON.stringify({ ...clinician, organisation: 'RXX' }) }],
    ['authentication-too-weak', { who: JSON.stringify({ ...clinician, assurance: 0 }) }],
    [
      'own-record',
      {
        what: 'history Patient/p1',
        why: 'patient-access',
        who: '{"subject":"x","kind":"patient","ownRecord":"p1","scopes":"patient/*.read"}',
      },
    ],
    [
      'not-own-record',
      {
        what: '$everything Patient/p2',
        why: 'patient-access',
        who: '{"subject":"x","kind":"patient","ownRecord":"p1","scopes":"user/*.rs"}',
      },
    ],
  ])('is %s', async (reason, options) => {
    const { out, code } = await can(options, '--json');
    const explained = JSON.parse(out) as { reason: string; outcome: string };
    expect(explained.reason).toBe(reason);
    expect(code).toBe(explained.outcome === 'permit' ? 0 : 1);
  });

  test('without a purpose is none', async () => {
    const { out } = await runHde(['can', '--who', file, '--what', 'read Observation/p1.abc', '--json']);
    expect(JSON.parse(out)).toMatchObject({ outcome: 'deny', reason: 'purpose-missing' });
  });

  test('says which scope is not well formed', async () => {
    const { out } = await can({
      who: JSON.stringify({ ...clinician, scopes: 'user/Observation.sr openid' }),
    });
    expect(out).toContain('  The scope user/Observation.sr allows nothing: it is not well formed.');
    expect(out).not.toContain('openid');
  });
});

test.each<[string, Readonly<Record<string, string>>]>([
  ['there is no file nobody.json', { who: 'nobody.json' }],
  ['--who is not JSON', { who: '{' }],
  ['--who: kind Invalid option', { who: '{"subject":"x","kind":"robot","scopes":""}' }],
  ['--what takes an interaction and a record', { what: 'look at Observation/1' }],
  ['--what takes an interaction and a record', { what: 'toString Observation/1' }],
  ['--why takes direct-care', { why: 'curiosity' }],
  ['--record: Unrecognized key: "label"', { record: '{"label":["restricted"]}' }],
  ['samples/access/clinician.json: organisations: ', { policy: file }],
])('a wrong call is refused: %s', async (message, options) => {
  const { code, err, out } = await can(options);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(message);
});

test('without who and what nothing is decided', async () => {
  expect((await runHde(['can'])).err).toContain('hde can: --who and --what are needed');
});
