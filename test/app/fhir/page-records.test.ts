/** Pages of records that are too large to be on one. */
import { describe, expect, test } from '@jest/globals';
import type { DocumentReference, Resource } from 'fhir/r4.js';
import { createMemoryRecordStore } from '../../../src/adapters/memory/record-store.js';
import { pageRoom } from '../../../src/core/fhir/weight.js';
import type { CurrentDocument } from '../../../src/core/records/types.js';
import type { RecordStore } from '../../../src/ports/record-store.js';
import { watched } from '../../support/watched.js';
import { aPatient, aResource, asCurrent, entriesOf, linkOf, pagesOf, search, store } from './arrange.js';

/** Of an attachment. */
const data = 'x'.repeat(1_900_000);
const perPage = Math.floor(pageRoom / data.length);

const aLetter = (id: string, date: string) =>
  asCurrent(
    aResource(`DocumentReference/${id}`, {
      ...{ status: 'current', subject: { reference: 'Patient/p' }, date },
      content: [{ attachment: { contentType: 'text/plain', data } }],
    }),
  );

const count = 2 * perPage + 1;
const idOf = (index: number) => `p.l${String(index).padStart(2, '0')}`;
const dateOf = (index: number) => `2026-01-${String(28 - (index % 28)).padStart(2, '0')}`;

async function aStoreOfLetters(): Promise<RecordStore> {
  const records = createMemoryRecordStore();
  await store(records, asCurrent(aPatient('p')));
  for (let index = 0; index < count; index++) await store(records, aLetter(idOf(index), dateOf(index)));
  return records;
}

/** Changes letters in one commit. */
async function retype(records: RecordStore, ids: readonly string[]): Promise<void> {
  const stored = await records.load(
    'p',
    ids.map((id) => `DocumentReference:${id}`),
  );
  const outcome = await records.commit(
    'p',
    [...stored.values()].map(({ document, etag }) => {
      if (document.kind !== 'resource') throw new Error('a letter is not there');
      const resource = { ...document.resource, type: { text: 'changed' }, content: [] } as Resource;
      return { kind: 'replace', etag, document: { ...document, versionId: 2, resource } };
    }),
  );
  if (outcome !== 'committed') throw new Error('nothing was changed');
}

/** The store, and how much room each of its pages was asked to have. */
function weighing(records: RecordStore) {
  const asked: (number | undefined)[] = [];
  const noting: RecordStore = {
    ...records,
    findRecords: (what, page) => {
      asked.push(page.room);
      return records.findRecords(what, page);
    },
    listPartition: (partition, type, page) => {
      asked.push(page.room);
      return records.listPartition(partition, type, page);
    },
  };
  return { records: noting, asked };
}

describe('records that are too large for one page', () => {
  let made: Promise<RecordStore> | undefined;
  const letters = () => (made ??= aStoreOfLetters());
  const all = Array.from({ length: count }, (_, index) => `DocumentReference/${idOf(index)}`);

  test.each([
    ['DocumentReference?patient=p&_count=1000', all],
    ['DocumentReference?patient=p&_count=1000&_total=accurate', all],
    ['DocumentReference?patient=p&_count=1000&_sort=-_id', [...all].reverse()],
    ['Patient/p/$everything?_count=1000', ['Patient/p', ...all]],
    ['Patient/p/$everything?_count=1000&_type=DocumentReference', all],
    [`DocumentReference?_count=1000&_id=${all.map((each) => each.split('/')[1]).join(',')}`, all],
  ])('come page by page: %s', async (target, wanted) => {
    const { records: noted, asked } = weighing(await letters());
    const pages = await pagesOf(noted, target);
    expect(pages.flatMap((page) => entriesOf(page))).toEqual(wanted);
    expect(Math.max(...pages.map(({ entry = [] }) => entry.length))).toBeLessThanOrEqual(perPage + 1);
    if (target.includes('_total')) expect(pages.map(({ total }) => total)).toEqual(pages.map(() => count));
    for (const room of asked) expect(room).toBeLessThanOrEqual(pageRoom);
    expect(asked.includes(undefined)).toBe(false);
  });

  test('are sorted as they stood at one moment, whatever is committed meanwhile', async () => {
    const seen = new Set<string>();
    for (const call of [0, 3, 4, 5, 6, 7, 8, 9, 12, 24, 400]) {
      const stored = await aStoreOfLetters();
      let calls = 0;
      const amid = watched(stored, async () => {
        if (calls++ === call) await retype(stored, [idOf(count - 1), idOf(count - perPage)]);
      });
      const bundle = await search(amid, 'DocumentReference?patient=p&_count=1000&_sort=-_id');
      const types = bundle.entry?.map(({ resource }) => (resource as DocumentReference).type?.text ?? 'none');
      const [first, last] = [types?.[0], types?.[perPage - 1]];
      expect({ call, first }).toEqual({ call, first: last });
      seen.add(first ?? '');
    }
    expect([...seen].sort()).toEqual(['changed', 'none']);
  });

  test('lead on to others exactly where there are some that the client may see', async () => {
    const hidden = (document: CurrentDocument): CurrentDocument => {
      const security = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }];
      return {
        ...document,
        resource: { ...document.resource, meta: { ...document.resource.meta, security } },
      };
    };
    const shown = createMemoryRecordStore();
    await store(shown, asCurrent(aPatient('p')));
    for (let index = 0; index < perPage + 3; index++) {
      const letter = aLetter(idOf(index), dateOf(index));
      await store(shown, index < perPage ? letter : hidden(letter));
    }
    const target = 'DocumentReference?patient=p&_count=1000';
    const page = await search(shown, target);
    expect([page.entry?.length, linkOf(page, 'next')]).toEqual([perPage, undefined]);
    await store(shown, aLetter(idOf(perPage + 3), dateOf(0)));
    const pages = await pagesOf(shown, target);
    expect(pages.map((each) => entriesOf(each).length)).toEqual([perPage, 1]);
  });

  test('that come with a page are cut, and that is said', async () => {
    const bundle = await search(await letters(), 'Patient?_id=p&_revinclude=DocumentReference:patient');
    expect(entriesOf(bundle, 'include')).toEqual(all.slice(0, perPage));
    expect(JSON.stringify(bundle.entry?.at(-1)?.resource)).toContain('Not all included resources are given');
    expect(linkOf(bundle, 'next')).toBeUndefined();
  });
});
