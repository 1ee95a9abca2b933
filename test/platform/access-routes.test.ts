/** What governs access, and broken glass, through the handlers that are deployed: stores in memory. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { identifierToken } from '../../src/core/identity/tokens.js';
import { NHS_NUMBER_SYSTEM } from '../../src/core/identity/nhs-number.js';
import {
  breakGlassRoute,
  endProxyRoute,
  endRelationshipRoute,
  glassReviewRoute,
  glassSearchRoute,
  optOutsRoute,
  proxiesRoute,
  relationshipsRoute,
} from '../../src/platform/access-routes.js';
import type { Route } from '../../src/platform/http.js';
import { aResource, asCurrent, store } from '../app/fhir/arrange.js';
import { openMemoryPlatform, type MemoryPlatform } from '../support/memory-platform.js';
import { aClinician, aPatientWith, aPrincipal } from '../support/principals.js';

const principals = {
  officer: aPrincipal(['privacy-officer'], { subject: 'officer-1' }),
  operator: aPrincipal(['operator'], { subject: 'operator-1' }),
  reader: aPrincipal(['reader'], { subject: 'app-1' }),
  clinician: aClinician('nurse-1'),
  clerk: aClinician('clerk-1', { roles: ['R8008'] }),
  stranger: aClinician('nurse-2', { organisation: 'RXX' }),
  weak: aClinician('nurse-3', { assurance: 1 }),
  analyst: aClinician('analyst-1', { purposes: ['research'] }),
  patient: aPatientWith('person-1', '9990000018'),
};

const keys = ['a', 'b', 'c'].map((letter) => letter.repeat(26));
const [ada = '', ben = '', cem = ''] = keys;
const numbers = ['9990000018', '9990000026', '9990000034'];

let platform: MemoryPlatform;

beforeEach(async () => {
  platform = openMemoryPlatform(principals);
  const { container } = platform;
  const records = await container.records();
  const identities = await container.identities();
  for (const [at, key] of keys.entries()) {
    const value = numbers[at] ?? '';
    const identifier = [{ system: NHS_NUMBER_SYSTEM, value }];
    await store(records, asCurrent(aResource(`Patient/${key}`, { identifier })));
    const token = identifierToken(container.config.identitySecret, NHS_NUMBER_SYSTEM, value);
    await identities.claim({ token, patientKey: key, messageId: 'm1' });
  }
});

const ask = (route: Route, body: unknown, as: keyof typeof principals = 'officer') =>
  platform.ask(route, { as, body });
const factsOf = async (patient: string) =>
  (await (await platform.container.governance()).factsOf([patient]))[0];
const outlined = async () =>
  (await platform.recorded()).map(({ interaction, outcome, reason, patients }) => [
    ...[interaction, outcome, reason],
    patients,
  ]);

describe('answers about opt-outs', () => {
  test('are kept by patient; whoever is not in one has opted out, and unknown numbers are only counted', async () => {
    const asked = [...numbers.slice(0, 2), '9990000042'];
    const { status, json } = await ask(optOutsRoute, { asked, answer: `${numbers[0]},\r\n9990000042,\r\n` });
    expect([status, json]).toEqual([200, { patients: 2, mayBeUsed: 1, optedOut: 1, unknown: 1 }]);
    const at = '2026-06-15T12:00:00.000Z';
    expect((await factsOf(ada))?.optOut).toMatchObject({ answer: 'may-be-used', at });
    expect((await factsOf(ben))?.optOut).toMatchObject({ answer: 'opted-out', at });
    expect((await factsOf(cem))?.optOut).toBeUndefined();
    expect(await outlined()).toEqual([
      ['opt-outs', 'begun', 'role-privacy-officer', []],
      ['opt-outs', 'done', 'role-privacy-officer', [ada, ben]],
    ]);
    expect([...platform.logged, JSON.stringify(await platform.recorded())].join()).not.toMatch(/99900000/);
  });

  test.each([
    ['missing', { answer: null }, []],
    ['cut short', { answer: `${numbers[0]},\r\n999000` }, []],
    ['in parts', { mayBeUsed: [numbers[2]] }, [cem]],
    ['in parts, of nobody', { mayBeUsed: [] }, []],
  ])('that are %s', async (_, answer, usable) => {
    expect((await ask(optOutsRoute, { asked: numbers, ...answer })).status).toBe(200);
    const answers = await Promise.all(keys.map(async (key) => (await factsOf(key))?.optOut?.answer));
    expect(keys.filter((_key, at) => answers[at] === 'may-be-used')).toEqual(usable);
    expect(answers).not.toContain(undefined);
  });

  test('say nothing of a patient who claimed a number and does not have it', async () => {
    const records = await platform.container.records();
    const identities = await platform.container.identities();
    const former = 'd'.repeat(26);
    const identifier = [{ system: NHS_NUMBER_SYSTEM, value: '9990000042', use: 'old' }];
    await store(records, asCurrent(aResource(`Patient/${former}`, { identifier })));
    const { identitySecret } = platform.container.config;
    const token = identifierToken(identitySecret, NHS_NUMBER_SYSTEM, '9990000042');
    await identities.claim({ token, patientKey: former, messageId: 'm1' });
    const { json } = await ask(optOutsRoute, { asked: ['9990000042'], mayBeUsed: ['9990000042'] });
    expect(json).toEqual({ patients: 0, mayBeUsed: 0, optedOut: 0, unknown: 1 });
    expect((await factsOf(former))?.optOut).toBeUndefined();
  });

  test('that are older do not take the place of newer ones', async () => {
    const [asked] = [[numbers[0]]];
    await ask(optOutsRoute, { asked, mayBeUsed: [] });
    await ask(optOutsRoute, { asked, mayBeUsed: asked, at: '2026-06-14' });
    expect((await factsOf(ada))?.optOut?.answer).toBe('opted-out');
    expect((await ask(optOutsRoute, { asked, mayBeUsed: asked, at: '2026-06-16' })).status).toBe(400);
  });

  test.each([
    [{ asked: ['9990000019'], answer: null }],
    [{ asked: ['999 000 0018'], answer: null }],
    [{ asked: numbers }],
    [{ asked: numbers, answer: null, mayBeUsed: [] }],
    [{ asked: numbers.slice(0, 1), mayBeUsed: numbers }],
    [{ asked: [], answer: null }],
  ])('%j is refused, without the number', async (body) => {
    const { status, whole } = await ask(optOutsRoute, body);
    expect([status, /99[90 ]{3}/.test(whole)]).toEqual([400, false]);
  });
});

describe('relationships and proxies', () => {
  test('are registered for a term, ended by another, and never deleted', async () => {
    const term = { start: '2026-06-01', end: '2026-07-01' };
    const made = await ask(relationshipsRoute, { patient: ada, organisation: 'RYY', ...term });
    expect(made.status).toBe(201);
    expect(made.json).toMatchObject({
      organisation: 'RYY',
      by: 'officer-1',
      end: '2026-07-01T00:00:00.000Z',
    });
    const proxy = await ask(proxiesRoute, { patient: ada, subject: 'parent-1' });
    expect(proxy.json).toMatchObject({ subject: 'parent-1', start: '2026-06-15T12:00:00.000Z' });

    const end = { patient: ada, id: made.json['id'], end: '2026-06-20' };
    expect((await ask(endRelationshipRoute, end)).json).toMatchObject({ end: '2026-06-20T00:00:00.000Z' });
    // An end is not put off.
    expect((await ask(endRelationshipRoute, { ...end, end: '2026-06-21' })).status).toBe(400);
    expect((await ask(endProxyRoute, { patient: ada, id: proxy.json['id'] })).status).toBe(200);
    const facts = await factsOf(ada);
    expect(facts?.relationships.map((each) => each.end)).toEqual([Date.parse('2026-06-20')]);
    expect(facts?.proxies.map((each) => each.end)).toEqual([Date.parse('2026-06-15T12:00:00Z')]);
    expect((await outlined()).filter(([, outcome]) => outcome === 'done')).toEqual([
      ['relationship-register', 'done', 'role-privacy-officer', [ada]],
      ['proxy-register', 'done', 'role-privacy-officer', [ada]],
      ['relationship-end', 'done', 'role-privacy-officer', [ada]],
      ['proxy-end', 'done', 'role-privacy-officer', [ada]],
    ]);
  });

  test.each<[string, Route, object, number]>([
    ['nobody', relationshipsRoute, { patient: 'z'.repeat(26), organisation: 'RZZ' }, 404],
    ['a number', proxiesRoute, { patient: '9990000018', subject: 'parent-1' }, 400],
    ['a stranger', relationshipsRoute, { patient: ada, organisation: 'RQQ' }, 400],
    ['no time', proxiesRoute, { patient: ada, subject: 'p', start: '2026-06-02', end: '2026-06-02' }, 400],
    ['nothing', endProxyRoute, { patient: ada, id: '6f1c7f2e-7d0e-4c3f-9a52-0c8f2a3b4d5e' }, 404],
  ])('of %s are refused', async (_, route, body, expected) => {
    const { status, whole } = await ask(route, body);
    expect([status, whole.includes('9990000018')]).toEqual([expected, false]);
    expect(await factsOf(ada)).toEqual({ optOut: undefined, relationships: [], proxies: [] });
  });
});

test('whoever is no privacy officer governs nothing, and reads nothing of it', async () => {
  const routes = [optOutsRoute, relationshipsRoute, proxiesRoute, endRelationshipRoute, endProxyRoute];
  for (const route of [...routes, glassSearchRoute, glassReviewRoute])
    for (const as of ['reader', 'operator', 'clinician', 'patient'] as const)
      expect([route.name, (await ask(route, {}, as)).status]).toEqual([route.name, 403]);
});

describe('breaking the glass', () => {
  const reason = 'unconscious on arrival, allergies wanted';

  test('opens for a time, alerts at once, and stands in the trail without its reason', async () => {
    const { status, json } = await ask(breakGlassRoute, { patient: ada, reason: ` ${reason} ` }, 'clinician');
    expect(status).toBe(201);
    expect(json).toEqual({
      ...{ id: expect.any(String) as unknown, patient: ada },
      ...{ openedAt: '2026-06-15T12:00:00.000Z', closesAt: '2026-06-15T13:00:00.000Z' },
    });
    const governance = await platform.container.governance();
    expect(await governance.glassOf('nurse-1', ada, 'RZZ')).toMatchObject({ reason, organisation: 'RZZ' });
    const alerts = platform.logged.filter((line) => line.includes('access-alert'));
    expect(alerts.map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({
        status: 'break-glass',
        actor: 'nurse-1',
        organisation: 'RZZ',
        glass: json['id'],
      }),
    ]);
    const [, done] = await platform.recorded();
    expect(done).toMatchObject({
      ...{ interaction: 'break-glass', outcome: 'done', reason: 'break-glass', purpose: 'BTG' },
      ...{
        subject: 'nurse-1',
        organisation: 'RZZ',
        patients: [ada],
        records: [`glass/${String(json['id'])}`],
      },
    });
    expect([...platform.logged, JSON.stringify(done)].join()).not.toContain('unconscious');
  });

  test('answers the same whether there is such a patient or not', async () => {
    const nobody = 'z'.repeat(26);
    const answers = await Promise.all(
      [ada, nobody].map((patient) => ask(breakGlassRoute, { patient, reason }, 'clinician')),
    );
    const [known, unknown] = answers.map(({ whole, json }) =>
      whole.replaceAll(String(json['id']), 'ID').replaceAll(String(json['patient']), 'PATIENT'),
    );
    expect(unknown).toBe(known);
  });

  test('names nobody in the trail by what was typed as an id', async () => {
    await ask(breakGlassRoute, { patient: 'Ada-Okoro', reason }, 'clinician');
    expect(JSON.stringify(await platform.recorded())).not.toContain('Okoro');
    expect(platform.logged.join()).not.toContain('Okoro');
  });

  test.each([
    ['', ''],
    ['too short', 'urgent!!!'],
    ['repeats', 'asdasdasdasdasd'],
    ['space', ' '.repeat(40)],
    ['marks', '.,-.,-.,-.,-.,-.,-.,-'],
    ['too long', `${reason} `.repeat(20)],
    ['one that turns its direction', `${reason} \u202enot urgent`],
    ['one with what nobody sees', `${reason}${'\u200b'.repeat(40)}`],
  ])('needs a reason: %s is none', async (_, none) => {
    const { status, whole } = await ask(breakGlassRoute, { patient: ada, reason: none }, 'clinician');
    expect([status, whole.includes('HDE_REQUEST_INVALID'), whole.includes('reason')]).toEqual([
      400,
      true,
      true,
    ]);
    expect(await (await platform.container.governance()).glassOf('nurse-1', ada, 'RZZ')).toBeUndefined();
    expect(platform.logged.join()).not.toContain('access-alert');
  });

  test.each(['clerk', 'stranger', 'weak', 'analyst', 'reader', 'operator', 'officer', 'patient'] as const)(
    'is not for the %s',
    async (as) => {
      expect((await ask(breakGlassRoute, { patient: ada, reason }, as)).status).toBe(403);
      expect((await platform.recorded()).map(({ outcome }) => outcome)).toEqual(['begun', 'refused']);
      expect(platform.logged.join()).not.toContain('access-alert');
    },
  );

  test('is found by privacy officers, and reviewed once by somebody else', async () => {
    const { json } = await ask(breakGlassRoute, { patient: ada, reason }, 'clinician');
    platform.setTime('2026-06-15T12:05:00.000Z');
    await ask(breakGlassRoute, { patient: ben, reason }, 'clinician');
    const found = await ask(glassSearchRoute, { isReviewed: false, limit: 1 });
    expect(found.json['glass']).toMatchObject([
      { patient: ben, reason, closesAt: '2026-06-15T13:05:00.000Z' },
    ]);
    const { continuation } = found.json;
    const next = await ask(glassSearchRoute, { isReviewed: false, limit: 1, continuation });
    expect(next.json).toMatchObject({ glass: [{ id: json['id'], patient: ada, subject: 'nurse-1' }] });
    expect(next.json['continuation']).toBeUndefined();

    const finding = { patient: ada, id: json['id'], finding: 'justified: see the ambulance sheet' };
    const reviewed = await ask(glassReviewRoute, finding);
    expect(reviewed.json).toMatchObject({ review: { by: 'officer-1', finding: finding.finding } });
    expect((await ask(glassReviewRoute, finding)).whole).toContain('HDE_GLASS_REVIEWED');
    const unknown = { ...finding, id: '6f1c7f2e-7d0e-4c3f-9a52-0c8f2a3b4d5e' };
    expect((await ask(glassReviewRoute, unknown)).status).toBe(404);
    const rest = await ask(glassSearchRoute, { isReviewed: false });
    expect(rest.json['glass']).toMatchObject([{ patient: ben }]);
    const trail = await platform.recorded();
    expect(trail.at(-1)).toMatchObject({ interaction: 'break-glass-search', patients: [ben] });
    expect(JSON.stringify(trail)).not.toMatch(/unconscious|justified/);
  });

  test('is not reviewed by whoever broke it', async () => {
    const both = { ...aClinician('officer-1'), roles: ['privacy-officer'] as const };
    platform = openMemoryPlatform({ ...principals, clinician: both });
    const { json } = await ask(breakGlassRoute, { patient: ada, reason }, 'clinician');
    const finding = { patient: ada, id: json['id'], finding: 'justified: I know it was' };
    expect((await ask(glassReviewRoute, finding)).status).toBe(403);
  });
});
