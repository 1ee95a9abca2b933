/** The audit trail as FHIR clients read it, through the handlers that are deployed. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { AuditEvent, Bundle } from 'fhir/r4.js';
import { NHS_NUMBER_SYSTEM } from '../../src/core/identity/nhs-number.js';
import { identifierToken } from '../../src/core/identity/tokens.js';
import { auditSearchRoute } from '../../src/platform/audit.js';
import { auditEventsRoute } from '../../src/platform/audit-events.js';
import { fhirRoute } from '../../src/platform/fhir.js';
import { httpEdge } from '../../src/platform/http.js';
import { aResource, asCurrent, store } from '../app/fhir/arrange.js';
import { openMemoryPlatform, type MemoryPlatform } from '../support/memory-platform.js';
import { aPatientWith, aPrincipal } from '../support/principals.js';

const ada = 'a'.repeat(26);
const bob = 'b'.repeat(26);
const pulse = `${ada}.${'c'.repeat(26)}`;

const principals = {
  officer: aPrincipal(['privacy-officer'], { subject: 'officer-1' }),
  operator: aPrincipal(['operator']),
  app: aPrincipal(['reader', 'writer'], { subject: 'app-1' }),
  other: aPrincipal(['reader'], { subject: 'app-2' }),
  patient: aPatientWith('person-1', '9990000018'),
};

let platform: MemoryPlatform;

beforeEach(async () => {
  platform = openMemoryPlatform(principals);
  const { container } = platform;
  const subject = { reference: `Patient/${ada}` };
  const identifier = [{ system: NHS_NUMBER_SYSTEM, value: '9990000018' }];
  await store(
    await container.records(),
    asCurrent(aResource(`Patient/${ada}`, { identifier })),
    asCurrent(aResource(`Patient/${bob}`)),
    asCurrent(aResource(`Observation/${pulse}`, { subject })),
  );
  const token = identifierToken(container.config.identitySecret, NHS_NUMBER_SYSTEM, '9990000018');
  await (await container.identities()).claim({ token, patientKey: ada, messageId: 'm1' });
  await read('app', `Observation/${pulse}`);
  platform.setTime('2026-06-15T13:00:00.000Z');
  await read('other', `Patient/${bob}`);
  platform.setTime('2026-06-16T09:00:00.000Z');
  await read('app', `Patient/${ada}`);
  await read('app', `Patient/${'z'.repeat(26)}`);
});

type Who = keyof typeof principals;
const read = (as: Who, path: string) =>
  platform.askHandler(httpEdge(fhirRoute), `fhir/${path}`, { as, method: 'GET' });
const search = (query: string, as: Who = 'officer', headers = {}) =>
  platform.ask(auditEventsRoute, { as, method: 'GET', path: `fhir/AuditEvent${query}`, headers });
const single = (id: string, as: Who = 'officer') =>
  platform.ask(auditEventsRoute, { as, method: 'GET', path: `fhir/AuditEvent/${id}`, params: { id } });

const eventsOf = ({ json }: { readonly json: object }): AuditEvent[] =>
  ((json as Bundle<AuditEvent>).entry ?? []).flatMap(({ resource }) => resource ?? []);

/** What was read by those that are found, or what they were answered, without the searches themselves. */
const found = async (query: string): Promise<string[]> =>
  eventsOf(await search(query))
    .filter(({ agent }) => agent[0]?.who?.identifier?.value !== 'officer-1')
    .map(({ entity = [], outcome }) => {
      const [first, second] = entity.map(({ what }) => what?.reference);
      return outcome === '4' ? 'refused' : (second ?? first ?? '');
    });

const [pulseRead, bobRead, adaRead] = [`Observation/${pulse}`, `Patient/${bob}`, `Patient/${ada}`];

describe('a search finds', () => {
  test.each([
    ['', ['refused', adaRead, bobRead, pulseRead]],
    [`?patient=${ada}`, [adaRead, pulseRead]],
    [`?patient=Patient/${ada},${bob}`, [adaRead, bobRead, pulseRead]],
    [`?entity=Observation/${pulse}`, [pulseRead]],
    [`?entity=Patient/${bob}`, [bobRead]],
    ['?agent:identifier=app-2', [bobRead]],
    ['?date=2026-06-15', [bobRead, pulseRead]],
    ['?date=gt2026-06-15', ['refused', adaRead]],
    ['?date=ge2026-06-15T13:00:00Z&date=lt2026-06-16', [bobRead]],
    ['?date=le2026-06-15T12:59:59Z', [pulseRead]],
    ['?outcome=4', ['refused']],
    ['?outcome=http://hl7.org/fhir/audit-event-outcome|0', [adaRead, bobRead, pulseRead]],
    ['?action=U,D', []],
    ['?action=R&subtype=read&date=2026-06-16&outcome=0', [adaRead]],
    ['?type=rest&agent:identifier=|app-2', [bobRead]],
    ['?type=http://hl7.org/fhir/other|rest', []],
    ['?subtype=http://hl7.org/fhir/restful-interaction|&agent:identifier=app-2', [bobRead]],
  ])('%s', async (query, expected) => {
    expect(await found(query)).toEqual(expected);
  });

  test('page by page all of it, once', async () => {
    const ids: string[] = [];
    let query = '?action=R&date=lt2026-06-17&agent:identifier=app-1&_count=1';
    for (let page = 0; page < 9; page++) {
      const { json } = await search(query);
      ids.push(...eventsOf({ json }).map(({ id }) => id ?? ''));
      const next = (json as unknown as Bundle).link?.find(({ relation }) => relation === 'next');
      if (next === undefined) break;
      query = new URL(next.url).search;
    }
    expect([ids.length, new Set(ids).size]).toEqual([3, 3]);
  });

  test.each([
    '?name=x',
    '?agent=x',
    '?patient=9990000018',
    '?patient=999-000-0018',
    '?date=yesterday',
    '?_count=0',
    '?entity=x',
    '?action=',
  ])('nothing by %s, and says why', async (query) => {
    const { status, whole } = await search(query);
    expect(status).toBe(400);
    expect(whole).toContain(query.slice(1).split('=')[0]);
    expect(whole).not.toMatch(/999-?000-?0018/);
  });

  test('whoever saw a record with an id that a client chose, whatever it looks like', async () => {
    const { container } = platform;
    const chosen = `${bob}.2026`;
    await (
      await container.identities()
    ).claim({
      token: identifierToken(container.config.identitySecret, 'urn:hde:record', `Observation/${chosen}`),
      ...{ patientKey: ada, messageId: 'm2' },
    });
    const resource = aResource(`Observation/${chosen}`, { subject: { reference: `Patient/${ada}` } });
    await store(await container.records(), { ...asCurrent(resource), partition: ada });
    await read('app', `Observation/${chosen}`);
    expect(await found(`?entity=Observation/${chosen}`)).toEqual([`Observation/${chosen}`]);
  });
});

describe('an AuditEvent', () => {
  test('is read by its id as it was found, and found by it', async () => {
    for (const event of eventsOf(await search(''))) {
      const id = event.id ?? '';
      expect((await single(id)).json).toEqual(event);
      expect(eventsOf(await search(`?_id=${id},none`))).toEqual([event]);
      expect(eventsOf(await search(`?_id=${id}&date=lt2026-01-01`))).toEqual([]);
    }
  });

  test.each(['2026-06-15.00.99', '2026-06-15.77.0', 'x', '2026-06-15.00.-1'])('%s is none', async (id) => {
    expect((await single(id)).status).toBe(404);
  });

  test('names people by the ids of their records alone', async () => {
    for (const query of ['', `?patient=${ada}`])
      expect((await search(query)).whole).not.toContain('9990000018');
  });
});

describe('whoever asks', () => {
  test('is recorded before they see, with whom they looked for', async () => {
    await search(`?patient=${bob}`);
    const last = (await platform.recorded()).at(-1);
    expect(last).toMatchObject({
      ...{ interaction: 'audit-search', outcome: 'done', subject: 'officer-1', patients: [bob] },
      ...{ purpose: 'HCOMPL', reason: 'role-privacy-officer' },
    });
  });

  test.each([
    ['by an id under which there is none', () => single('2026-06-15.77.0'), 'HDE_RESOURCE_NOT_FOUND'],
    ['by what is no id', () => single('Jane-Doe'), 'HDE_RESOURCE_NOT_FOUND'],
    ['by a parameter that is refused', () => search('?name=Jane-Doe'), 'HDE_SEARCH_PARAMETER'],
  ])('%s is recorded as refused, without what they typed', async (_, ask, reason) => {
    const before = (await platform.recorded()).length;
    await ask();
    const added = (await platform.recorded()).slice(before);
    expect(added).toMatchObject([
      { interaction: 'audit-search', outcome: 'refused', subject: 'officer-1', reason, patients: [] },
    ]);
    expect(JSON.stringify(added)).not.toContain('Jane');
  });

  test('is recorded without what is no id of a patient: it may be a name', async () => {
    for (const id of ['Jane-Doe', ada]) await search(`?patient=${id}`);
    await platform.ask(auditSearchRoute, {
      as: 'officer',
      path: 'audit/search',
      body: { patient: 'Jane-Doe' },
    });
    const named = (await platform.recorded()).slice(-3).map(({ patients }) => patients);
    expect(named).toEqual([[], [ada], []]);
  });

  test.each(['operator', 'app'] as const)('is refused as %s, which is recorded', async (as) => {
    expect((await search('', as)).status).toBe(403);
    expect((await single('2026-06-15.00.0', as)).status).toBe(403);
    const refused = (await platform.recorded()).filter(({ interaction }) => interaction === 'audit-search');
    expect(refused.map(({ outcome }) => outcome)).toEqual(['refused', 'refused']);
  });

  test('as a patient is told of their own record what they may know, and of no other one', async () => {
    const own = eventsOf(await search('', 'patient'));
    expect(own.map(({ outcomeDesc }) => outcomeDesc)).toHaveLength(2);
    expect(JSON.stringify(own)).not.toMatch(/app-1|"app-2"/);
    expect((await search(`?patient=${ada}&_count=1`, 'patient')).json).toMatchObject({
      link: [{ relation: 'self' }, { relation: 'next' }],
    });
    expect((await search(`?patient=${bob}`, 'patient')).status).toBe(404);
    expect((await search(`?patient=${ada}&action=R`, 'patient')).status).toBe(400);
    expect((await single('2026-06-15.00.0', 'patient')).status).toBe(403);
  });

  test('to write one is told that nobody may', async () => {
    const created = await platform.ask(auditEventsRoute, { as: 'officer', path: 'fhir/AuditEvent' });
    expect(created.status).toBe(405);
  });
});
