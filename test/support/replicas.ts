/**
 * Processes that share a store under session consistency. Of what others write a process sees no more than it must: in each
 * partition what was there when it began, and what was there when it last wrote in it or caught up with it.
 */
import { createMemoryRecordStore } from '../../src/adapters/memory/record-store.js';
import { partitionOf } from '../../src/core/records/ids.js';
import type { CommitOperation, RecordDocument, Stored } from '../../src/core/records/types.js';
import type { RecordStore } from '../../src/ports/record-store.js';

type Documents = ReadonlyMap<string, Stored<RecordDocument>>;

export interface Replicas {
  /** Sees everything at once. */
  readonly records: RecordStore;
  /** What a process sees that begins now. */
  begin(): RecordStore;
}

const nothing: Documents = new Map();
const documentsPerBatch = 50;

export function createReplicas(): Replicas {
  const store = createMemoryRecordStore();
  /** The documents of each partition after each of its commits. */
  const places = new Map<string, Documents[]>();
  const placesOf = (partition: string): Documents[] => places.get(partition) ?? [nothing];

  const commit: RecordStore['commit'] = async (partition, operations) => {
    const outcome = await store.commit(partition, operations);
    if (outcome === 'committed' && operations.length > 0) {
      const before = placesOf(partition);
      places.set(partition, [...before, await after(before.at(-1) ?? nothing, partition, operations)]);
    }
    return outcome;
  };

  const after = async (
    before: Documents,
    partition: string,
    operations: readonly CommitOperation[],
  ): Promise<Documents> => {
    const ids = operations.map(({ document }) => document.id);
    const changed = await store.load(partition, ids);
    return new Map([...[...before].filter(([id]) => !ids.includes(id)), ...changed]);
  };

  const begin = (): RecordStore => {
    const reached = new Map([...places].map(([partition, all]) => [partition, all.length - 1]));
    const seen = (partition: string): Documents =>
      placesOf(partition)[reached.get(partition) ?? 0] ?? nothing;
    const catchUp = (partition: string): void => {
      reached.set(partition, placesOf(partition).length - 1);
    };
    return { ...store, ...readsOf(seen), ...writesOf(commit, catchUp) };
  };

  return { records: { ...store, commit }, begin };
}

/** A write tells how far a partition is, whether it came first or not. */
const writesOf = (
  commit: RecordStore['commit'],
  catchUp: (partition: string) => void,
): Pick<RecordStore, 'commit' | 'catchUp'> => ({
  commit: async (partition, operations) => {
    const outcome = await commit(partition, operations);
    catchUp(partition);
    return outcome;
  },
  catchUp: (partition) => {
    catchUp(partition);
    return Promise.resolve();
  },
});

type Reads = 'load' | 'loadCurrent' | 'listStaged' | 'readCurrent' | 'readLatest' | 'listPartition';

/** What messages are processed with. */
const readsOf = (seen: (partition: string) => Documents): Pick<RecordStore, Reads> => ({
  load: (partition, ids) => Promise.resolve(new Map([...seen(partition)].filter(([id]) => ids.includes(id)))),
  listStaged: (partition, messageId, limit) =>
    Promise.resolve(
      [...seen(partition).values()]
        .flatMap(({ document, etag }) =>
          document.kind === 'staged' && document.messageId === messageId ? [{ document, etag }] : [],
        )
        .slice(0, limit),
    ),
  loadCurrent: async (partition, ids) => (await copyOf(seen(partition))).loadCurrent(partition, ids),
  readCurrent: async (type, id, partition = partitionOf(id)) =>
    (await copyOf(seen(partition))).readCurrent(type, id, partition),
  readLatest: async (type, id, partition = partitionOf(id)) =>
    (await copyOf(seen(partition))).readLatest(type, id, partition),
  listPartition: async (partition, type, page) =>
    (await copyOf(seen(partition))).listPartition(partition, type, page),
});

const copies = new WeakMap<Documents, Promise<RecordStore>>();

/** A store that holds the documents of one partition and nothing else. */
function copyOf(documents: Documents): Promise<RecordStore> {
  const known = copies.get(documents);
  if (known !== undefined) return known;
  const made = copy(documents);
  copies.set(documents, made);
  return made;
}

async function copy(documents: Documents): Promise<RecordStore> {
  const store = createMemoryRecordStore();
  const all = [...documents.values()].map(({ document }) => document);
  for (let start = 0; start < all.length; start += documentsPerBatch) {
    const part = all.slice(start, start + documentsPerBatch);
    const operations = part.map((document) => ({ kind: 'create', document }) as const);
    await store.commit(part[0]?.partition ?? '', operations);
  }
  return store;
}
