/** Tries out what messages would do, by the very use case that normalises them, and writes nothing. */
import { currentId, partitionOf } from '../../core/records/ids.js';
import type { CurrentDocument } from '../../core/records/types.js';
import { comparePatient, type PatientDifference } from '../../core/replay/compare-records.js';
import type { IdentityClaim, IdentityStore } from '../../ports/identity-store.js';
import type { MessageStore } from '../../ports/message-store.js';
import { pagesOf } from '../../ports/pages.js';
import type { RecordStore } from '../../ports/record-store.js';
import { createKnownShared } from '../known-shared.js';
import type { NormaliseDependencies } from '../normalise-message.js';
import { readsOnly, type RebuildDependencies } from './rebuild-circle.js';
import { documentsOf, subjectOf } from './replay-page.js';

/** A world that starts from what is stored and keeps what is written to itself. */
export interface Trial {
  /** What messages are tried with, one after the other. */
  readonly deps: NormaliseDependencies;
  /** Says that a message took effect here. */
  settle(messageId: string): void;
  /** Whose records are not as they are stored. */
  differences(): Promise<PatientDifference[]>;
}

/** Begins a trial. It reads what is stored when that is first asked for. */
export function createTrial(deps: RebuildDependencies): Trial {
  const copy = copyOnDemand(deps.records, deps.createScratch());
  const settled = new Set<string>();
  return {
    deps: {
      ...deps,
      archive: readsOnly(deps.archive),
      records: copy.records,
      identities: copyOfClaims(deps.identities),
      messages: withSettled(deps.messages, settled),
      knownShared: createKnownShared(),
    },
    settle: (messageId) => settled.add(messageId),
    differences: () => copy.differences(),
  };
}

/** Nobody is waited for, and what took effect in the trial counts as done. */
const withSettled = (messages: MessageStore, settled: ReadonlySet<string>): MessageStore => ({
  ...messages,
  async get(id) {
    const receipt = await messages.get(id);
    return receipt !== undefined && settled.has(id) ? { ...receipt, status: 'normalised' } : receipt;
  },
  listEarlier: () => Promise.resolve([]),
});

/** Claims as they are stored, and those of the trial. */
function copyOfClaims(identities: IdentityStore): IdentityStore {
  const own = new Map<string, IdentityClaim>();
  const ownOf = (tokens: readonly string[]) => tokens.flatMap((token) => own.get(token) ?? []);
  return {
    find: async (tokens) =>
      new Map([
        ...(await identities.find(tokens)),
        ...ownOf(tokens).map((claim) => [claim.token, claim] as const),
      ]),
    load: async (tokens) =>
      new Map([
        ...(await identities.load(tokens)),
        ...ownOf(tokens).map((claim) => [claim.token, { claim, etag: '' }] as const),
      ]),
    async claim(claim) {
      const held = own.get(claim.token) ?? (await identities.load([claim.token])).get(claim.token)?.claim;
      if (held === undefined) own.set(claim.token, claim);
      return held ?? claim;
    },
    replace(claim) {
      own.set(claim.token, claim);
      return Promise.resolve('replaced');
    },
  };
}

/** Documents per read, and per page of a partition. */
const idsPerRead = 100;

/** A store that copies documents to another one before it reads or writes them there. */
function copyOnDemand(stored: RecordStore, scratch: RecordStore) {
  const seen = new Set<string>();
  const before = new Map<string, CurrentDocument[]>();

  async function copy(partition: string, ids: readonly string[]): Promise<void> {
    const missing = [...new Set(ids)].filter((id) => !seen.has(`${partition} ${id}`));
    for (let start = 0; start < missing.length; start += idsPerRead) {
      const part = missing.slice(start, start + idsPerRead);
      for (const { document } of (await stored.load(partition, part)).values())
        await scratch.commit(partition, [{ kind: 'create', document }]);
      const current = await stored.loadCurrent(partition, part);
      before.set(partition, [...(before.get(partition) ?? []), ...current.values()]);
      for (const id of part) seen.add(`${partition} ${id}`);
    }
  }

  const one = async (type: string, id: string, partition = partitionOf(id)): Promise<string> => {
    await copy(partition, [currentId(type, id)]);
    return partition;
  };
  const records: RecordStore = {
    ...stored,
    load: (partition, ids) => copy(partition, ids).then(() => scratch.load(partition, ids)),
    loadCurrent: (partition, ids) => copy(partition, ids).then(() => scratch.loadCurrent(partition, ids)),
    async commit(partition, operations) {
      await copy(
        partition,
        operations.map(({ document }) => document.id),
      );
      return scratch.commit(partition, operations);
    },
    async listStaged(partition, messageId, limit) {
      const staged = await stored.listStaged(partition, messageId, limit);
      await copy(
        partition,
        staged.map(({ document }) => document.id),
      );
      return scratch.listStaged(partition, messageId, limit);
    },
    readCurrent: async (type, id, partition) => scratch.readCurrent(type, id, await one(type, id, partition)),
    readLatest: async (type, id, partition) => scratch.readLatest(type, id, await one(type, id, partition)),
    async listPartition(partition, type, page) {
      const pages = pagesOf((from) => stored.listPartition(partition, type, { limit: idsPerRead, ...from }));
      for await (const { documents } of pages)
        await copy(
          partition,
          documents.map(({ id }) => id),
        );
      return scratch.listPartition(partition, type, page);
    },
    // It writes, where the store is a real one.
    catchUp: () => Promise.resolve(),
  };

  return { records, differences: () => differencesIn(scratch, before) };
}

/** @param before current documents as they are stored, by partition */
async function differencesIn(
  scratch: RecordStore,
  before: ReadonlyMap<string, readonly CurrentDocument[]>,
): Promise<PatientDifference[]> {
  const found: PatientDifference[] = [];
  for (const [partition, stored] of before) {
    const made = await documentsOf(scratch, partition);
    const resourcesOf = (documents: readonly CurrentDocument[]) => documents.map(({ resource }) => resource);
    const difference = comparePatient(subjectOf(partition, made), resourcesOf(stored), resourcesOf(made));
    if (difference !== undefined) found.push(difference);
  }
  return found;
}
