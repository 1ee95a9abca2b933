/** From a refusal through broken glass to what the patient reads about it, through the handlers that are deployed. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { AuditEvent, Bundle, Provenance } from 'fhir/r4.js';
import { indexResource } from '../../src/core/fhir/search-index.js';
import { NHS_NUMBER_SYSTEM } from '../../src/core/identity/nhs-number.js';
import { identifierToken } from '../../src/core/identity/tokens.js';
import { breakGlassRoute, proxiesRoute } from '../../src/platform/access-routes.js';
import { fhirRoute } from '../../src/platform/fhir.js';
import { httpEdge } from '../../src/platform/http.js';
import { recordViewsRoute } from '../../src/platform/patient-view.js';
import { aResource, asCurrent, asVersion, store } from '../app/fhir/arrange.js';
import { openMemoryPlatform, type MemoryPlatform } from '../support/memory-platform.js';
import { aClinician, aPatientWith, aPrincipal } from '../support/principals.js';

const ada = 'a'.repeat(26);
const pulse = `${ada}.${'c'.repeat(26)}`;
const secret = `${ada}.${'d'.repeat(26)}`;

const principals = {
  officer: aPrincipal(['privacy-officer'], { subject: 'officer-1' }),
  // Of an organisation with which the record is shared, and that has no part in the care.
  clinician: aClinician('nurse-1', { organisation: 'RYY' }),
  colleague: aClinician('nurse-2', { organisation: 'RYY' }),
  patient: aPatientWith('person-1', '9990000018'),
  // Scopes patient/ reach the own record only.
  proxy: aPatientWith('parent-1', '9990000026', 'user/*.rs'),
  stranger: aPatientWith('person-3', '9990000034'),
};

const sent = (resource: ReturnType<typeof aResource>, versionId = 1) => {
  const document = asCurrent(resource, versionId);
  const lineage = { messages: ['m0', 'm1'], rows: [] };
  return { ...document, lineage, source: { ...document.source, feed: 'rzz-tie' } };
};

let platform: MemoryPlatform;

beforeEach(async () => {
  platform = openMemoryPlatform(principals);
  const { container } = platform;
  const records = await container.records();
  const subject = { reference: `Patient/${ada}` };
  const identifier = [{ system: NHS_NUMBER_SYSTEM, value: '9990000018' }];
  const sensitive = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'HIV' };
  const labelled = aResource(`Condition/${secret}`, { subject, meta: { security: [sensitive] } });
  const condition = sent(labelled);
  await store(
    records,
    sent(aResource(`Patient/${ada}`, { identifier })),
    { ...asVersion(aResource(`Observation/${pulse}`, { subject }), 1), source: sent(labelled).source },
    sent(aResource(`Observation/${pulse}`, { subject }), 2),
    { ...condition, resource: labelled, index: indexResource(labelled) },
  );
  const token = identifierToken(container.config.identitySecret, NHS_NUMBER_SYSTEM, '9990000018');
  await (await container.identities()).claim({ token, patientKey: ada, messageId: 'm1' });
});

type Who = keyof typeof principals;
const read = (as: Who, path: string) =>
  platform.askHandler(httpEdge(fhirRoute), `fhir/${path}`, { as, method: 'GET' });
const views = (as: Who, query = '', headers: Record<string, string> = {}) =>
  platform.ask(recordViewsRoute, {
    ...{ as, method: 'GET', headers },
    path: `access/my-record-views${query}`,
  });
const texts = async (as: Who, query = '') =>
  ((await views(as, query)).json['views'] as { text: string }[]).map(({ text }) => text);
const breakGlass = () =>
  platform.ask(breakGlassRoute, {
    as: 'clinician',
    body: { patient: ada, reason: 'unconscious on arrival, allergies wanted' },
  });

describe('whoever has no part in the care', () => {
  test('is refused, breaks the glass, sees, is refused again when it closes, and the patient reads all of it', async () => {
    expect((await read('clinician', `Observation/${pulse}`)).status).toBe(404);
    expect((await breakGlass()).status).toBe(201);
    expect((await read('clinician', `Observation/${pulse}`)).status).toBe(200);
    platform.setTime('2026-06-15T12:59:59.999Z');
    expect((await read('clinician', `Observation/${pulse}`)).status).toBe(200);
    platform.setTime('2026-06-15T13:00:00.000Z');
    expect((await read('clinician', `Observation/${pulse}`)).status).toBe(404);

    const emergency = ', in an emergency, without having a part in your care.';
    const readIt = `Somebody at Example Community Trust read your test results${emergency}`;
    expect(await texts('patient')).toEqual([
      readIt,
      readIt,
      'Somebody at Example Community Trust opened your record in an emergency, without having a part in your care. ' +
        'They said why: “unconscious on arrival, allergies wanted”',
    ]);
    const { whole } = await views('patient');
    expect(whole).not.toMatch(/nurse-1|HDE_|TREAT|BTG/);
  });

  test('opens nothing for another member of staff, and nothing by the glass of another patient', async () => {
    await breakGlass();
    expect((await read('colleague', `Observation/${pulse}`)).status).toBe(404);
    const reason = 'unconscious on arrival, allergies wanted';
    const other = { patient: 'b'.repeat(26), reason };
    await platform.ask(breakGlassRoute, { as: 'colleague', body: other });
    expect((await read('colleague', `Observation/${pulse}`)).status).toBe(404);
  });
});

describe('who looked', () => {
  test('is for patients and who acts for them; for others there is no such record', async () => {
    const statuses = await Promise.all([
      views('patient'),
      views('proxy', `?patient=${ada}`),
      views('stranger', `?patient=${ada}`),
      views('stranger'),
      views('clinician', `?patient=${ada}`),
      views('officer', `?patient=${ada}`),
    ]);
    expect(statuses.map(({ status }) => status)).toEqual([200, 404, 404, 404, 403, 403]);
    const recorded = await platform.recorded();
    expect(new Set(recorded.map(({ interaction }) => interaction))).toEqual(new Set(['my-record-views']));
    expect(recorded.map(({ outcome }) => outcome).sort()).toEqual([
      'done',
      ...Array<string>(5).fill('refused'),
    ]);
  });

  test('tells a proxy only of accesses to what they may see, while they act', async () => {
    await platform.ask(proxiesRoute, {
      as: 'officer',
      body: { patient: ada, subject: 'parent-1', end: '2026-06-16' },
    });
    await breakGlass();
    await read('clinician', `Observation/${pulse}`);
    await read('clinician', `Condition/${secret}`);
    await read('patient', `Condition/${secret}`);
    expect(await texts('proxy', `?patient=${ada}`)).toEqual([
      'Somebody at Example Community Trust read their test results.',
    ]);
    expect(await texts('patient')).toEqual([
      'Somebody who acts for you looked up who had seen your record.',
      'You read your health problems.',
      expect.stringContaining('read your health problems, in an emergency'),
      expect.stringContaining('read your test results, in an emergency'),
      expect.stringContaining('opened your record in an emergency'),
      'Somebody who watches over this service noted who may act for you.',
    ]);
    platform.setTime('2026-06-16T00:00:00.000Z');
    expect((await views('proxy', `?patient=${ada}`)).status).toBe(404);
  });

  test('comes page by page, and as AuditEvents', async () => {
    await breakGlass();
    for (let time = 0; time < 3; time++) await read('clinician', `Observation/${pulse}`);
    const first = await views('patient', '?limit=3');
    const next = await views('patient', `?limit=3&continuation=${String(first.json['continuation'])}`);
    expect([first, next].map(({ json }) => (json['views'] as unknown[]).length)).toEqual([3, 1]);
    expect(next.json['continuation']).toBeUndefined();

    const { json, whole } = await views('patient', '?limit=3', { accept: 'application/fhir+json' });
    const { entry = [], link } = json as unknown as Bundle<AuditEvent>;
    expect(entry.map(({ resource }) => resource?.outcomeDesc)).toEqual(
      (first.json['views'] as { text: string }[]).map(({ text }) => text),
    );
    expect(link?.map(({ relation }) => relation)).toEqual(['self', 'next']);
    expect(whole).not.toContain('nurse-1');
  });
});

describe('the provenance of a record', () => {
  const provenanceOf = async (as: Who, target: string) => {
    const { json } = await read(as, `Provenance?target=${target}`);
    return ((json as unknown as Bundle<Provenance>).entry ?? []).map(({ resource }) => resource);
  };

  test('names the messages, the feed, its organisation, and the pack of each version', async () => {
    const [latest, first] = await provenanceOf('patient', `Observation/${pulse}`);
    expect(latest).toMatchObject({
      target: [{ reference: `Observation/${pulse}/_history/2` }],
      recorded: '2026-11-25T09:00:02.500Z',
      policy: ['urn:hde:pack:hl7v2-uk@1.0.0'],
      activity: { coding: [{ code: 'UPDATE' }] },
      agent: [
        { type: { coding: [{ code: 'author' }] }, who: { identifier: { value: 'RZZ' } } },
        { type: { coding: [{ code: 'informant' }] }, who: { identifier: { value: 'rzz-tie' } } },
        { type: { coding: [{ code: 'assembler' }] } },
      ],
      entity: [
        { role: 'source', what: { identifier: { value: 'm1' } } },
        { role: 'source', what: { identifier: { value: 'm0' } } },
      ],
    });
    expect(first).toMatchObject({ activity: { coding: [{ code: 'CREATE' }] } });
    expect(await provenanceOf('patient', `Observation/${pulse}/_history/1`)).toEqual([first]);
    expect((await platform.recorded()).at(-1)).toMatchObject({
      ...{ interaction: 'provenance', outcome: 'done', patients: [ada] },
      records: [`Observation/${pulse}/_history/1`],
    });
  });

  test('is held back with the record', async () => {
    const hidden = await read('clinician', `Provenance?target=Observation/${pulse}`);
    const unknown = await read('clinician', `Provenance?target=Observation/${ada}.${'z'.repeat(26)}`);
    expect(hidden.whole.replaceAll(pulse, 'ID')).toBe(
      unknown.whole.replaceAll(`${ada}.${'z'.repeat(26)}`, 'ID'),
    );
    expect(hidden.json).toMatchObject({ resourceType: 'Bundle', total: 0 });
    await breakGlass();
    expect(await provenanceOf('clinician', `Observation/${pulse}`)).toHaveLength(2);
  });

  test.each([
    '',
    '?target=',
    '?target=Observation',
    '?target=A/1&target=B/2',
    `?target=Observation/${pulse}&x=1`,
  ])('is asked for by one record: Provenance%s is refused', async (query) => {
    const { status, whole } = await read('patient', `Provenance${query}`);
    expect([status, whole.includes('HDE_SEARCH_PARAMETER')]).toEqual([400, true]);
  });
});
