/** Searches that read several patients while a transaction of them becomes visible. */
import { describe, expect, test } from '@jest/globals';
import type { Bundle, Patient } from 'fhir/r4.js';
import { createMemoryIdentityStore } from '../../../src/adapters/memory/identity-store.js';
import { createMemoryRecordStore } from '../../../src/adapters/memory/record-store.js';
import { createTurns } from '../../../src/app/in-turn.js';
import type { RecordStore } from '../../../src/ports/record-store.js';
import { watched } from '../../support/watched.js';
import { aPatient, aResource, asCurrent, send, store } from './arrange.js';
import { entry, sendBundle } from './transaction/bundles.js';

const named = (id: string, text: string) => ({ ...aPatient(id), name: [{ text }] }) as Patient;

test.each(['Patient?_id=a,b', 'Patient?_id=b,a', 'Patient?name=both'])(
  '%s shows a transaction whole or not at all, whenever it becomes visible',
  async (target) => {
    const seen = new Set<string>();
    for (let call = 0; call < 8; call++) {
      const api = { records: createMemoryRecordStore(), identities: createMemoryIdentityStore() };
      const change = (text: string) =>
        sendBundle({ ...api, inTurn: createTurns() }, 'transaction', [
          ...['a', 'b'].map((id) => entry('PUT', `Patient/${id}`, { resource: named(id, text) })),
        ]);
      await change('both before');
      let calls = 0;
      // The transaction comes between two reads of the search.
      const records = watched(api.records, async () => {
        if (calls++ === call) await change('both after');
      });
      const { resource } = await send({ ...api, records }, { target });
      const { entry: found = [] } = resource as { entry?: { resource?: Patient }[] };
      const texts = found.map((each) => each.resource?.name?.[0]?.text);
      expect(texts).toHaveLength(2);
      expect({ call, texts: new Set(texts).size }).toEqual({ call, texts: 1 });
      seen.add(texts[0] ?? '');
    }
    expect([...seen].sort()).toEqual(['both after', 'both before']);
  },
);

test('a search that every read of meets another transaction is whole as soon as it can be, and else refused', async () => {
  const api = { records: createMemoryRecordStore(), identities: createMemoryIdentityStore() };
  const change = (text: string) =>
    sendBundle({ ...api, inTurn: createTurns() }, 'transaction', [
      ...['a', 'b'].map((id) => entry('PUT', `Patient/${id}`, { resource: named(id, text) })),
    ]);
  await change('0');
  const textsAmid = async (calls: number) => {
    let left = calls;
    const records = watched(api.records, async () => {
      if (left > 0) await change(String(left--));
    });
    const { status, headers, resource } = await send({ ...api, records }, { target: 'Patient?_id=a,b' });
    const { entry: found = [] } = resource as { entry?: { resource?: Patient }[] };
    return { status, headers, texts: found.map((each) => each.resource?.name?.[0]?.text) };
  };
  // Each read of the two meets two more: more than six reads, and then whole.
  expect(await textsAmid(25)).toMatchObject({ status: 200, texts: ['1', '1'] });
  await expect(textsAmid(1_000_000)).rejects.toMatchObject({ code: 'HDE_THROTTLED', retryAfterSeconds: 1 });
});

describe('what one commit changes of one patient is shown whole or not at all', () => {
  const restricted = {
    meta: { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }] },
  };
  const inVisit = (text: string) => ({
    ...{ code: { text }, status: 'final', subject: { reference: 'Patient/p' } },
    encounter: { reference: 'Encounter/p.v' },
  });
  /** The visit, and observations of which the client may not see the first three. */
  const documents = (text: string, versionId: number) => [
    asCurrent(aResource('Encounter/p.v', { status: 'finished', text: { div: text } }), versionId),
    ...['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((id) => {
      const document = asCurrent(aResource(`Observation/p.${id}`, inVisit(text)), versionId);
      const isHidden = id < 'd';
      return isHidden
        ? {
            ...document,
            resource: { ...document.resource, meta: { ...document.resource.meta, ...restricted.meta } },
          }
        : document;
    }),
  ];
  const aStore = async () => {
    const records = createMemoryRecordStore();
    await store(records, asCurrent(aPatient('p')), ...documents('before', 1));
    return records;
  };
  const change = async (records: RecordStore) => {
    const after = documents('after', 2);
    const stored = await records.load(
      'p',
      after.map(({ id }) => id),
    );
    const outcome = await records.commit(
      'p',
      after.map((document) => ({ kind: 'replace', document, etag: stored.get(document.id)?.etag ?? '' })),
    );
    expect(outcome).toBe('committed');
  };
  const textOf = (resource: unknown) => {
    const { code, text } = resource as { code?: { text: string }; text?: { div: string } };
    return code?.text ?? text?.div;
  };

  test.each([
    ['Observation?_id=p.d&_include=Observation:encounter', 2],
    ['Encounter?_id=p.v&_revinclude=Observation:encounter', 5],
    ['Observation?patient=p&_count=3', 3],
    ['Observation?patient=p&_sort=_id&_count=3', 3],
    ['Patient/p/$everything?_count=4', 4],
    ['Patient/p/$everything?_count=4&_type=Observation', 4],
    ['Observation/$lastn?patient=p&max=9&_include=Observation:encounter', 5],
  ])('%s', async (target, count) => {
    const seen = new Set<unknown>();
    for (let call = 0; call < 12; call++) {
      const records = await aStore();
      let calls = 0;
      const amid = watched(records, async () => {
        if (calls++ === call) await change(records);
      });
      const { resource } = await send(
        { records: amid, identities: createMemoryIdentityStore() },
        { target, now: () => new Date('2026-11-25T09:00:09Z') },
      );
      const { entry: found = [] } = resource as Bundle;
      const texts = found.flatMap((each) => textOf(each.resource) ?? []);
      expect({ call, texts: new Set(texts).size }).toEqual({ call, texts: 1 });
      expect(texts.length).toBeLessThanOrEqual(count);
      seen.add(texts[0]);
    }
    expect([...seen].sort()).toEqual(['after', 'before']);
  });
});
