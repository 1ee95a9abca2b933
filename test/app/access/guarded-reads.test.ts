/** What the FHIR API lets out of records that some may see and others may not. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Bundle, Patient } from 'fhir/r4.js';
import { createMemoryIdentityStore } from '../../../src/adapters/memory/identity-store.js';
import { createMemoryGovernanceStore } from '../../../src/adapters/memory/governance-store.js';
import { createMemoryRecordStore } from '../../../src/adapters/memory/record-store.js';
import type { AccessDependencies } from '../../../src/app/access/access-dependencies.js';
import type { Asker } from '../../../src/app/access/request-access.js';
import type { AccessPolicy } from '../../../src/core/governance/access-policy.js';
import type { CurrentDocument } from '../../../src/core/records/types.js';
import type { RecordStore } from '../../../src/ports/record-store.js';
import { aClearedSystem, aClinician, anAccess, aSystem, onlyOwn, thePatient } from '../../support/access.js';
import {
  aPatient,
  aResource,
  asCurrent,
  asVersion,
  entriesOf,
  linkOf,
  send,
  store,
} from '../fhir/arrange.js';

const confidentiality = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
const restricted = { meta: { security: [{ system: confidentiality, code: 'R' }] } };
const about = (patient: string) => ({ subject: { reference: `Patient/${patient}` }, status: 'final' });

const now = Date.UTC(2026, 10, 26, 9);
const policy: AccessPolicy = {
  ...onlyOwn,
  agreements: [
    {
      ...{ id: 'care', from: 'RYY', with: ['RZZ'], types: ['*'], purposes: ['direct-care'] },
      ...{ actions: ['r', 's'], start: now - 1000, end: now + 1000 },
    },
    {
      ...{ id: 'research', from: 'RZZ', with: ['RYY'], types: ['*'], purposes: ['research'] },
      ...{ actions: ['r', 's'], start: now - 1000, end: now + 1000 },
    },
  ],
};
const feeds: AccessDependencies['feeds'] = new Map([
  ['rzz-tie', { organisation: 'RZZ' }],
  ['ryy', { organisation: 'RYY' }],
  ['rxx', { organisation: 'RXX' }],
]);

const theGlass = {
  ...{ id: 'g1', patient: 'a', reason: 'unconscious', openedAt: now, review: undefined },
  ...{ subject: 'clinician-1', organisation: 'RZZ' },
};

let records: RecordStore;

const from = (feed: string, document: CurrentDocument): CurrentDocument => ({
  ...document,
  source: { ...document.source, feed },
});

/** Keeps the labels, which `asCurrent` would replace. */
function labelled(document: CurrentDocument, { meta }: typeof restricted): CurrentDocument {
  const resource = { ...document.resource, meta: { ...document.resource.meta, ...meta } };
  const { index } = asCurrent({ ...resource, id: document.fhirId });
  return { ...document, resource, index };
}

beforeEach(() => {
  records = createMemoryRecordStore();
});

function ask(
  target: string,
  asker: Partial<Asker> = {},
  { headers = {}, ...deps }: Partial<AccessDependencies> & { readonly headers?: Record<string, string> } = {},
) {
  const access = (found: RecordStore) => anAccess(found, { now, ...asker }, { policy, feeds, ...deps });
  return send({ records, identities: createMemoryIdentityStore() }, { target, headers, access });
}

const find = async (...args: Parameters<typeof ask>) => (await ask(...args)).resource as Bundle;
const notFound = { code: 'HDE_RESOURCE_NOT_FOUND' };

/** Every way to a record, or its traces, by a reader. */
const ways = (patient: string, id: string): readonly string[] => [
  ...[`Observation/${id}`, `Observation/${id}/_history`, `Observation/${id}/_history/1`],
  ...[`Observation?_id=${id}`, `Observation?patient=${patient}`, `Patient/${patient}/Observation`],
  ...[`Observation?patient=${patient}&_sort=date`, `Observation?patient=${patient}&_summary=count`],
  ...[`Patient?_id=${patient}&_revinclude=Observation:patient`, `Patient/${patient}/$everything`],
  ...[`Observation/$lastn?patient=${patient}`, 'Observation/_history', 'Observation/$meta', '$meta'],
  ...[`Patient?_has:Observation:patient:_id=${id}`, `Observation/${id}/$meta`, `Observation/${id}/$validate`],
];

async function traces(patient: string, id: string, asker?: Partial<Asker>): Promise<readonly string[]> {
  const found: string[] = [];
  for (const way of ways(patient, id)) {
    const answered = await ask(way, asker).catch((error: unknown) => error as Error);
    const text = JSON.stringify(answered instanceof Error ? answered.message : answered.resource);
    if (text.includes(`Observation/${id}`) || text.includes('"marker"') || text.includes(`"id":"${id}"`))
      found.push(way);
  }
  return found;
}

describe('a restricted record', () => {
  beforeEach(async () => {
    const marked = aResource('Observation/a.secret', { ...about('a'), code: { text: 'marker' } });
    await store(records, asCurrent(aPatient('a', { value: '1' })), labelled(asCurrent(marked), restricted));
  });

  test('leads out by no way to who is not cleared, and by each that shows records to who is', async () => {
    expect(await traces('a', 'a.secret')).toEqual([]);
    const cleared = await traces('a', 'a.secret', { principal: aClearedSystem });
    expect(cleared).toEqual(expect.arrayContaining(ways('a', 'a.secret').slice(0, 7)));
    expect(cleared).toContain('Patient/a/$everything');
    expect(cleared).toContain('Patient?_id=a&_revinclude=Observation:patient');
  });

  test('is answered as one that does not exist', async () => {
    const [denied, absent] = await Promise.all(
      ['a.secret', 'a.nothing'].map((id) => ask(`Observation/${id}`).catch((error: unknown) => error)),
    );
    expect(denied).toEqual(absent);
    expect(denied).toMatchObject(notFound);
  });

  test('is not counted', async () => {
    const counts = await Promise.all(
      [undefined, { principal: aClearedSystem }].map((asker) =>
        find('Observation?patient=a&_total=accurate', asker),
      ),
    );
    expect(counts.map(({ total }) => total)).toEqual([0, 1]);
  });

  test('does not find the patient', async () => {
    expect((await find('Patient?_has:Observation:patient:_id=a.secret')).total).toBe(0);
    expect((await find('Observation?patient=a&code:text=marker')).total).toBe(0);
  });
});

describe('a restricted patient', () => {
  beforeEach(async () => {
    const secret = aPatient('a', { value: '1' });
    const address = {
      address: [{ line: ['1 Refuge Road'], city: 'Poole' }],
      telecom: [{ system: 'phone', value: '01202' }],
    };
    await store(
      records,
      labelled(asCurrent({ ...secret, ...address }), restricted),
      asCurrent(aResource('Observation/a.o', about('a'))),
    );
  });

  test('is not found, nor is any record about them', async () => {
    await expect(ask('Patient/a')).rejects.toMatchObject(notFound);
    await expect(ask('Observation/a.o')).rejects.toMatchObject(notFound);
    await expect(ask('Patient/a/$everything')).rejects.toMatchObject(notFound);
    expect((await find('Patient?identifier=1')).total).toBe(0);
    expect((await find('Observation?patient=a')).total).toBe(0);
  });

  test('is found by themselves', async () => {
    const own = { principal: thePatient, purpose: 'patient-access' } as const;
    expect((await ask('Patient/a', own)).resource).toMatchObject({ address: [{ city: 'Poole' }] });
    expect((await find('Observation?patient=a', own)).total).toBe(1);
  });

  test('whose glass is broken has no address, and is not found by one', async () => {
    const governance = createMemoryGovernanceStore();
    await governance.saveGlass(theGlass);
    const asker = { principal: aClinician };
    const { address, telecom } = (await ask('Patient/a', asker, { governance })).resource as Patient;
    expect([address, telecom]).toEqual([undefined, undefined]);
    const search = (criteria: string) => find(`Patient?${criteria}`, asker, { governance });
    expect((await search('identifier=1')).total).toBe(1);
    expect((await search('identifier=1&address-city=Poole')).total).toBe(0);
    expect((await search('address-city=Poole&_id=a')).total).toBe(0);
    // What excludes them would tell as much as what finds them.
    for (const number of ['01202', '01203'])
      expect((await search(`identifier=1&phone:not=${number}`)).total).toBe(1);
    for (const [isMissing, total] of [
      ['true', 1],
      ['false', 0],
    ] as const)
      expect((await search(`identifier=1&address-city:missing=${isMissing}`)).total).toBe(total);
  });

  test('is answered with 304 to whoever holds the same copy, not another one of the same version', async () => {
    const governance = createMemoryGovernanceStore();
    await governance.saveGlass(theGlass);
    const cleared = { principal: { ...aClinician, roles: ['CLEARED'] } };
    for (const target of ['Patient/a', 'Patient/a/_history/1']) {
      const throughGlass = (headers = {}) => ask(target, { principal: aClinician }, { governance, headers });
      const redacted = await throughGlass();
      expect(redacted).toMatchObject({ status: 200, headers: { etag: 'W/"1-redacted"' } });
      expect(redacted.resource).not.toHaveProperty('address');
      const held = { 'if-none-match': String(redacted.headers['etag']) };
      const dated = { 'if-modified-since': String(redacted.headers['last-modified']) };
      for (const headers of [held, dated]) {
        const whole = await ask(target, cleared, { headers });
        expect(whole).toMatchObject({ status: 200, headers: { etag: 'W/"1"' } });
        expect(whole).toMatchObject({ resource: { address: [{ city: 'Poole' }] } });
      }
      expect((await throughGlass(held)).status).toBe(304);
      expect((await throughGlass(dated)).status).toBe(200);
      expect((await throughGlass({ 'if-none-match': 'W/"1"' })).status).toBe(200);
      expect((await ask(target, cleared, { headers: { 'if-none-match': 'W/"1"' } })).status).toBe(304);
      // Nothing is ever left out for a system.
      expect((await ask(target, { principal: aClearedSystem }, { headers: dated })).status).toBe(304);
    }
    for (const target of ['Patient/a/_history', 'Patient/_history']) {
      const tagsFor = async (...asker: [Partial<Asker>, Partial<AccessDependencies>]) =>
        (await find(target, ...asker)).entry?.map(({ response }) => response?.etag);
      expect(await tagsFor({ principal: aClinician }, { governance })).toEqual(['W/"1-redacted"']);
      expect(await tagsFor(cleared, {})).toEqual(['W/"1"']);
    }
  });

  test('is found by no number of a place that the glass leaves out', async () => {
    const governance = createMemoryGovernanceStore();
    await governance.saveGlass(theGlass);
    const place = { system: 'https://fhir.nhs.uk/Id/ods-site-code', value: 'RZZ01' };
    const known = { system: 'https://trust.example/id/mrn', value: '7' };
    const body = {
      ...{ resourceType: 'Patient', id: 'a', identifier: [place, known], meta: restricted.meta },
    } as Patient & { id: string };
    const stored = (await records.load('a', ['Patient:a'])).get('Patient:a');
    const document = labelled(asCurrent(body, 2), restricted);
    await records.commit('a', [{ kind: 'replace', document, etag: stored?.etag ?? '' }]);
    const matching = async (identifier: object, principal: Asker['principal']) => {
      const access = (found: RecordStore) =>
        anAccess(found, { now, principal }, { policy, feeds, governance });
      const sought = { resourceType: 'Patient', identifier: [identifier] } as Patient;
      const { resource } = await send(
        { records, identities: createMemoryIdentityStore() },
        { method: 'POST', target: 'Patient/$match', body: sought, access },
      );
      return entriesOf(resource as Bundle);
    };
    expect(await matching(known, aClinician)).toEqual(['Patient/a']);
    expect(await matching(place, aClinician)).toEqual([]);
    expect(await matching(place, aClearedSystem)).toEqual(['Patient/a']);
  });

  test('restricts whoever is linked with them', async () => {
    await store(records, asCurrent(aPatient('b', { links: { seealso: 'a' } })));
    await expect(ask('Patient/b')).rejects.toMatchObject(notFound);
  });
});

describe('the records of another organisation', () => {
  beforeEach(async () => {
    await store(
      records,
      from('ryy', asCurrent(aPatient('a', { value: '1' }))),
      from('ryy', asCurrent(aResource('Observation/a.o', about('a')))),
      from('rxx', asCurrent(aResource('Observation/a.x', about('a')))),
      from('rxx', asCurrent(aPatient('b', { value: '2' }))),
      from('gone', asCurrent(aPatient('c', { value: '3' }))),
    );
  });

  test('are let out by an agreement, and only those', async () => {
    expect(entriesOf(await find('Observation?patient=a'))).toEqual(['Observation/a.o']);
    expect((await find('Patient?identifier=1,2,3')).total).toBe(1);
    await expect(ask('Patient/b')).rejects.toMatchObject(notFound);
    await expect(ask('Patient/c')).rejects.toMatchObject(notFound);
  });

  test('are not for staff who have no part in the care of the patient', async () => {
    const asker = { principal: aClinician };
    await expect(ask('Patient/a', asker)).rejects.toMatchObject(notFound);
    // From now on the trust has stated something about the patient.
    await store(records, asCurrent(aResource('Observation/a.own', about('a'))));
    expect((await ask('Patient/a', asker)).status).toBe(200);
    expect((await find('Observation?patient=a', asker)).total).toBe(2);
  });

  test('are not for another purpose', async () => {
    await expect(ask('Patient/a', { purpose: 'planning' })).rejects.toMatchObject(notFound);
  });
});

describe('research', () => {
  const asker = { principal: { ...aSystem, organisation: 'RYY' }, purpose: 'research' } as const;
  const at = new Date(now).toISOString();

  test('has only those of whom it is known that they have not opted out', async () => {
    const governance = createMemoryGovernanceStore();
    await governance.saveOptOut('a', { answer: 'may-be-used', at });
    await governance.saveOptOut('b', { answer: 'opted-out', at });
    for (const id of ['a', 'b', 'c']) await store(records, asCurrent(aPatient(id, { value: 'x' })));
    expect(entriesOf(await find('Patient?identifier=x', asker, { governance }))).toEqual(['Patient/a']);
    expect(entriesOf(await find('Patient?identifier=x'))).toHaveLength(3);
  });
});

describe('a request that may have nothing', () => {
  beforeEach(() => store(records, asCurrent(aPatient('a'))));

  test.each([
    ['no purpose', { purpose: undefined }],
    ['an organisation that does not take part', { principal: { ...aSystem, organisation: 'NEW' } }],
    ['no scope', { principal: { ...aSystem, scopes: [] } }],
    ['an authentication that is too weak', { principal: { ...aSystem, assurance: 0 } }],
  ])('because of %s is refused, whatever it asks for', async (_, asker) => {
    for (const target of ['Patient/a', 'Patient/z', 'Patient?_id=a', '$meta', 'Patient/a/$everything'])
      await expect(ask(target, asker)).rejects.toMatchObject({ code: 'HDE_FORBIDDEN' });
    expect((await ask('metadata', asker)).status).toBe(200);
  });
});

describe('pages', () => {
  test('are full while there is more, and say so only then', async () => {
    for (let n = 10; n < 40; n++) {
      const document = asCurrent(aResource(`Observation/a.${n}`, about('a')));
      await store(records, n % 3 === 0 ? document : labelled(document, restricted));
    }
    await store(records, asCurrent(aPatient('a')));
    const pages: string[][] = [];
    for (let next: string | undefined = 'Observation?patient=a&_count=4'; next !== undefined;) {
      const bundle: Bundle = await find(next);
      pages.push(entriesOf(bundle));
      next = linkOf(bundle, 'next');
    }
    expect(pages.map((page) => page.length)).toEqual([4, 4, 2]);
    expect(pages.flat().every((reference) => Number(reference.slice(-2)) % 3 === 0)).toBe(true);
  });
});

describe('history', () => {
  test('has no version that is labelled, and none of what is labelled now or was when it was deleted', async () => {
    const observation = (id: string) => aResource(`Observation/${id}`, about('a'));
    const version = (id: string, number: number, labels: typeof restricted | object = {}) => {
      const document = asVersion(observation(id), number);
      return { ...document, resource: { ...document.resource, ...labels } };
    };
    const gone = asCurrent(observation('a.gone'), 2);
    await store(
      records,
      asCurrent(aPatient('a')),
      ...[version('a.was', 1, restricted), asCurrent(observation('a.was'), 2)],
      ...[version('a.is', 1), labelled(asCurrent(observation('a.is'), 2), restricted)],
      version('a.gone', 1, restricted),
      {
        ...{ id: gone.id, kind: 'deleted', partition: 'a', resourceType: 'Observation', fhirId: 'a.gone' },
        ...{ versionId: 2, lastUpdated: gone.lastUpdated, eventTime: gone.eventTime, source: gone.source },
      },
    );
    const { entry = [], total } = await find('Observation/a.was/_history');
    expect(entry.map(({ resource }) => resource?.meta?.versionId)).toEqual(['2']);
    expect(total).toBe(1);
    for (const target of [
      'a.was/_history/1',
      'a.is/_history',
      'a.is/_history/1',
      'a.gone',
      'a.gone/_history',
    ])
      await expect(ask(`Observation/${target}`)).rejects.toMatchObject(notFound);
    const all = (await find('Observation/_history')).entry ?? [];
    expect(all.map(({ resource }) => resource?.id)).toEqual(['a.was']);
    const cleared = { principal: aClearedSystem };
    expect(((await find('Observation/_history', cleared)).entry ?? []).length).toBe(6);
    await expect(ask('Observation/a.gone', cleared)).rejects.toMatchObject({ code: 'HDE_RESOURCE_DELETED' });
  });
});
