/** Pages that the service answers in parts of 4 MB, over the wire with the real SDK. */
import type { Container } from '@azure/cosmos';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Bundle, DocumentReference, Resource } from 'fhir/r4.js';
import { startCosmosEndpoint } from '../../../local/cosmos/server.js';
import { containerOf, openCosmos } from '../../../src/adapters/cosmos/connect.js';
import { provisionCosmos } from '../../../src/adapters/cosmos/provision.js';
import { createCosmosRecordStore } from '../../../src/adapters/cosmos/record-store.js';
import { createMemoryIdentityStore } from '../../../src/adapters/memory/identity-store.js';
import { pageRoom } from '../../../src/core/fhir/weight.js';
import type { CurrentDocument } from '../../../src/core/records/types.js';
import type { RecordStore } from '../../../src/ports/record-store.js';
import { aPatient, aResource, asCurrent, entriesOf, linkOf, send, store } from '../../app/fhir/arrange.js';

/** Two of them are in an answer. */
const data = 'x'.repeat(1_800_000);
const ids = ['p.a', 'p.b', 'p.c', 'p.d', 'p.e', 'p.f'];
/** They can be changed together: a commit may have 2 MB. */
const [first, last] = ['p.a', 'p.f'];

const aLetter = (id: string, type: string, version: number): CurrentDocument =>
  asCurrent(
    aResource(`DocumentReference/${id}`, {
      ...{ status: 'current', subject: { reference: 'Patient/p' }, type: { text: type } },
      content: [{ attachment: id === first || id === last ? { title: 'none' } : { data } }],
    }),
    version,
  );

let records: RecordStore;
/** The same store, with something done before each answer of a query. */
let amid: RecordStore;
let answers = 0;
let before: (answer: number) => Promise<void>;
const closing: (() => Promise<void> | void)[] = [];

/** A part of the client with one of its methods replaced. */
const replacing = <T extends object>(target: T, name: keyof T, by: unknown): T =>
  new Proxy(target, {
    get(of, asked) {
      if (asked === name) return by;
      const value: unknown = Reflect.get(of, asked);
      return typeof value === 'function' ? (value as () => unknown).bind(of) : value;
    },
  });

function watching(container: Container): Container {
  const { items } = container;
  const query = (...asked: Parameters<typeof items.query>) => {
    const found = items.query(...asked);
    return replacing(found, 'fetchNext', async () => {
      await before(answers++);
      return found.fetchNext();
    });
  };
  return replacing(container, 'items', replacing(items, 'query', query));
}

beforeAll(async () => {
  const endpoint = await startCosmosEndpoint({ port: 0, ranges: 3 });
  const client = await openCosmos({
    kind: 'connection-string',
    connectionString: endpoint.connectionString,
  });
  await provisionCosmos(client);
  const container = containerOf(client, 'records');
  records = createCosmosRecordStore(container);
  amid = createCosmosRecordStore(watching(container));
  closing.push(
    () => {
      client.dispose();
    },
    () => endpoint.close(),
  );
  await store(records, asCurrent(aPatient('p')), ...ids.map((id) => aLetter(id, 'v1', 1)));
}, 60_000);

afterAll(async () => {
  for (const close of closing) await close();
});

beforeEach(() => {
  answers = 0;
  before = () => Promise.resolve();
});

const letters = {
  resourceType: 'DocumentReference',
  criterion: { kind: 'all', of: [] },
  partition: 'p',
} as const;
const namesOf = ({ documents }: { readonly documents: readonly CurrentDocument[] }) =>
  documents.map(({ fhirId }) => fhirId);

test('a page of several answers says so', async () => {
  const page = await amid.findRecords(letters, { limit: 100, room: pageRoom });
  expect(namesOf(page)).toEqual(ids);
  expect([page.isInParts, page.continuation, answers]).toEqual([true, undefined, 2]);
  const light = await amid.listPartition('p', 'Patient', { limit: 100, room: pageRoom });
  expect([light.isInParts, answers]).toEqual([undefined, 3]);
});

test('a page is read no further than there is room for', async () => {
  const room = 3_000_000;
  const begin = await amid.findRecords(letters, { limit: 100, room });
  expect([namesOf(begin), answers]).toEqual([['p.a', 'p.b'], 1]);
  const all: string[] = [];
  for (let continuation: string | undefined = ''; continuation !== undefined;) {
    const from: { continuation?: string } = continuation === '' ? {} : { continuation };
    const page = await amid.findRecords(letters, { limit: 4, room: 2 * data.length + 100_000, ...from });
    expect(page.documents.length).toBeLessThanOrEqual(3);
    all.push(...namesOf(page));
    continuation = page.continuation;
  }
  expect(all).toEqual(ids);
});

test('so is one of all partitions', async () => {
  const page = await amid.findRecords(
    { resourceType: 'DocumentReference', criterion: letters.criterion },
    { limit: 100, room: 3_000_000 },
  );
  expect([namesOf(page), page.continuation]).toEqual([['p.a', 'p.b'], 'p.b:DocumentReference']);
});

/** Gives the first and the last letter another type, in one commit. */
async function retype(type: string, version: number): Promise<void> {
  const documents = [first, last].map((id) => aLetter(id, type, version));
  const stored = await records.load(
    'p',
    documents.map(({ id }) => id),
  );
  const outcome = await records.commit(
    'p',
    documents.map((document) => ({ kind: 'replace', document, etag: stored.get(document.id)?.etag ?? '' })),
  );
  expect(outcome).toBe('committed');
}

test('what is committed between two answers is shown by both or by none', async () => {
  let version = 1;
  for (const target of ['DocumentReference?patient=p', 'DocumentReference?patient=p&_sort=-_id']) {
    for (let call = 0; call < 4; call++) {
      answers = 0;
      version += 1;
      before = async (answer) => {
        if (answer === call) await retype(`v${version}`, version);
      };
      const { resource } = await send(
        { records: amid, identities: createMemoryIdentityStore() },
        { target, now: () => new Date('2026-11-25T09:00:09Z') },
      );
      const types = (resource as Bundle).entry?.map(({ resource: letter }) => typeOf(letter));
      expect(entriesOf(resource as Bundle)).toHaveLength(ids.length);
      expect({ target, call, first: types?.[0] }).toEqual({ target, call, first: types?.at(-1) });
      expect(linkOf(resource as Bundle, 'next')).toBeUndefined();
      before = () => Promise.resolve();
      if (answers <= call) await retype(`v${version}`, version);
    }
  }
});

const typeOf = (letter: Resource | undefined) => (letter as DocumentReference | undefined)?.type?.text;
