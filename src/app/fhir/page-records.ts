import { countWithin, pageRoom, weightOf } from '../../core/fhir/weight.js';
import { placeKey } from '../../core/records/ids.js';
import type { CurrentDocument } from '../../core/records/types.js';
import type { PageRequest, RecordStore, SearchPage } from '../../ports/record-store.js';

/** Where a page begins: after an id, and where records of several partitions are read, in which of them. */
export interface Place {
  readonly after: string;
  readonly partition?: string;
}

/** A page of records; `next` is present exactly when there is more. */
export interface RecordPage {
  readonly documents: readonly CurrentDocument[];
  readonly next?: Place;
}

/** Reads a page of at most `limit` records in an order that does not change. */
export type PageReader = (limit: number, from: Place | undefined) => Promise<RecordPage>;

/** Point reads under way at once. */
const readsAtOnce = 16;

interface Named {
  readonly type: string;
  readonly id: string;
  /** Where it lives, if that is known. */
  readonly partition?: string;
}

/** What is kept of the current resources of these types and ids that exist, in the order asked for. */
export async function readMany<T>(
  records: RecordStore,
  wanted: readonly Named[],
  keep: (document: CurrentDocument) => T,
): Promise<T[]> {
  const found: T[] = [];
  for (let start = 0; start < wanted.length; start += readsAtOnce) {
    const documents = await readAtOnce(records, wanted.slice(start, start + readsAtOnce));
    for (const document of documents) found.push(keep(document));
  }
  return found;
}

/** The first of them, as many as there is room for but at least one, and whether that is all of them. */
export async function readWithin(
  records: RecordStore,
  wanted: readonly Named[],
  room: number,
): Promise<{ readonly documents: CurrentDocument[]; readonly isComplete: boolean }> {
  const documents: CurrentDocument[] = [];
  let left = room;
  for (let start = 0; start < wanted.length; start += readsAtOnce) {
    for (const document of await readAtOnce(records, wanted.slice(start, start + readsAtOnce))) {
      left -= weightOf(document.resource);
      if (left < 0 && documents.length > 0) return { documents, isComplete: false };
      documents.push(document);
    }
  }
  return { documents, isComplete: true };
}

async function readAtOnce(records: RecordStore, wanted: readonly Named[]): Promise<CurrentDocument[]> {
  const documents = await Promise.all(
    wanted.map(({ type, id, partition }) => records.readCurrent(type, id, partition)),
  );
  return documents.filter((document) => document !== undefined);
}

/** Pages as a store gives them, by id alone. */
export function pageById(read: (page: PageRequest) => Promise<SearchPage>, room = pageRoom): PageReader {
  return async (limit, from) => {
    const { documents, continuation } = await read(pageAfter(limit, room, from?.after));
    return continuation === undefined ? { documents } : { documents, next: { after: continuation } };
  };
}

/**
 * Pages through the records of several partitions: the first one, then the others in order of their keys. A partition
 * that joins or leaves between two pages disturbs no other.
 */
export function pageByPartitions(
  read: (partition: string, page: PageRequest) => Promise<SearchPage>,
  [root, ...others]: readonly string[],
  room = pageRoom,
): PageReader {
  return async (limit, from) => {
    const begun = from?.partition;
    const isAtRoot = begun === undefined || begun === root;
    const later = [...others].sort().filter((key) => isAtRoot || key >= begun);
    const pending = root !== undefined && isAtRoot ? [root, ...later] : later;
    const documents: CurrentDocument[] = [];
    let isCut = false;
    for (const partition of pending) {
      const after = partition === begun ? from?.after : undefined;
      // One record more than there is room for tells that there is more.
      const left = Math.max(1, documents.length === 0 ? room : room - weightOfAll(documents));
      const page = await read(partition, pageAfter(limit + 1 - documents.length, left, after));
      documents.push(...page.documents);
      isCut = page.continuation !== undefined;
      if (isCut || documents.length > limit) break;
    }
    // What one read gives there is room for.
    const most = pending.length === 1 ? limit : Math.min(limit, countWithin(documents, room));
    return cut(documents, most, isCut);
  };
}

/** In characters. */
export const weightOfAll = (documents: readonly CurrentDocument[]): number =>
  documents.reduce((sum, { resource }) => sum + weightOf(resource), 0);

/** Records that are looked at together where some are left out, however short the page is. */
const lookedAtOnce = 100;

/** Pages of those records that pass a test. */
export function pageOfThose(
  read: PageReader,
  isWanted: (record: CurrentDocument) => boolean,
  room = pageRoom,
): PageReader {
  return async (limit, from) => {
    const documents: CurrentDocument[] = [];
    let place = from;
    let most: number;
    do {
      const page: RecordPage = await read(Math.max(limit, lookedAtOnce), place);
      documents.push(...page.documents.filter(isWanted));
      place = page.next;
      most = Math.min(limit, countWithin(documents, room));
    } while (place !== undefined && documents.length <= most);
    return cut(documents, most);
  };
}

/**
 * The first `most` as a page.
 *
 * @param documents more than a page, where there is a next one
 * @param isCut there is a next one all the same
 */
function cut(documents: readonly CurrentDocument[], most: number, isCut = false): RecordPage {
  const page = documents.slice(0, most);
  const last = page.at(-1);
  return last !== undefined && (isCut || documents.length > page.length)
    ? { documents: page, next: { after: placeKey(last), partition: last.partition } }
    : { documents };
}

const pageAfter = (limit: number, room: number, continuation: string | undefined): PageRequest =>
  continuation === undefined ? { limit, room } : { limit, room, continuation };

/** Those records of a reader that are kept, from up to one more than `most` of them, and whether that is all of them. */
export async function readSome<T>(
  read: PageReader,
  most: number,
  keep: (document: CurrentDocument) => T,
  begin?: Place,
): Promise<{ readonly kept: T[]; readonly isComplete: boolean }> {
  const kept: T[] = [];
  let from = begin;
  do {
    const page: RecordPage = await read(most + 1 - kept.length, from);
    for (const document of page.documents) kept.push(keep(document));
    if (kept.length > most) return { kept, isComplete: false };
    from = page.next;
  } while (from !== undefined);
  return { kept, isComplete: true };
}
