import { weightOf } from '../../core/fhir/weight.js';
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

/** The current resources of these types and ids that exist, in the order asked for. */
export async function readMany(
  records: RecordStore,
  wanted: readonly { readonly type: string; readonly id: string }[],
): Promise<CurrentDocument[]> {
  const found: CurrentDocument[] = [];
  for (let start = 0; start < wanted.length; start += readsAtOnce) {
    const chunk = wanted.slice(start, start + readsAtOnce);
    const documents = await Promise.all(chunk.map(({ type, id }) => records.readCurrent(type, id)));
    found.push(...documents.filter((document) => document !== undefined));
  }
  return found;
}

/** Pages as a store gives them, by id alone. */
export function pageById(read: (page: PageRequest) => Promise<SearchPage>): PageReader {
  return async (limit, from) => {
    const { documents, continuation } = await read(pageAfter(limit, from?.after));
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
): PageReader {
  return async (limit, from) => {
    const begun = from?.partition;
    const isAtRoot = begun === undefined || begun === root;
    const later = [...others].sort().filter((key) => isAtRoot || key >= begun);
    const pending = root !== undefined && isAtRoot ? [root, ...later] : later;
    const documents: CurrentDocument[] = [];
    for (const partition of pending) {
      const after = partition === begun ? from?.after : undefined;
      const page = await read(partition, pageAfter(limit + 1 - documents.length, after));
      documents.push(...page.documents);
      if (documents.length > limit) break;
    }
    return cut(documents, limit);
  };
}

/**
 * In characters: what one page holds at most, unless it is one record. Records have up to 2 MB, documents of messages among
 * them, and an answer is one text.
 */
const mostInPage = 32 * 1024 * 1024;

/** How many of these records a page holds that has room for so many: at least one. */
export function countWithin(documents: readonly CurrentDocument[]): number {
  let room = mostInPage;
  const first = documents.findIndex(({ resource }, index) => {
    room -= weightOf(resource);
    return room < 0 && index > 0;
  });
  return first === -1 ? documents.length : first;
}

/**
 * A page of at most `limit` records, of fewer where they are large. It is read at once and cut then: in parts it would show
 * half of what is committed in between.
 */
export async function pageWithin(
  read: PageReader,
  limit: number,
  from: Place | undefined,
): Promise<RecordPage> {
  const page = await read(limit, from);
  const documents = page.documents.slice(0, countWithin(page.documents));
  const last = documents.at(-1);
  if (last === undefined || documents.length === page.documents.length) return page;
  return { documents, next: { after: placeKey(last), partition: last.partition } };
}

/** Pages of those records that pass a test. */
export function pageOfThose(read: PageReader, isWanted: (record: CurrentDocument) => boolean): PageReader {
  return async (limit, from) => {
    const documents: CurrentDocument[] = [];
    let place = from;
    do {
      const page: RecordPage = await read(limit, place);
      documents.push(...page.documents.filter(isWanted));
      place = page.next;
    } while (place !== undefined && documents.length <= limit);
    return cut(documents, limit);
  };
}

/** @param documents more than a page, where there is a next one */
function cut(documents: readonly CurrentDocument[], limit: number): RecordPage {
  const last = documents[limit - 1];
  return documents.length > limit && last !== undefined
    ? { documents: documents.slice(0, limit), next: { after: placeKey(last), partition: last.partition } }
    : { documents };
}

const pageAfter = (limit: number, continuation: string | undefined): PageRequest =>
  continuation === undefined ? { limit } : { limit, continuation };

/** Records read at once by who wants them all. */
const chunk = 500;

/** All records of a reader; undefined when there are more than `most`. */
export async function readAll(read: PageReader, most: number): Promise<CurrentDocument[] | undefined> {
  const { documents, isComplete } = await readSome(read, most);
  return isComplete ? documents : undefined;
}

/** The first records of a reader, up to one more than `most`, and whether that is all of them. */
export async function readSome(
  read: PageReader,
  most: number,
): Promise<{ readonly documents: CurrentDocument[]; readonly isComplete: boolean }> {
  const documents: CurrentDocument[] = [];
  let from: Place | undefined;
  do {
    const page: RecordPage = await read(Math.min(chunk, most + 1 - documents.length), from);
    documents.push(...page.documents);
    if (documents.length > most) return { documents, isComplete: false };
    from = page.next;
  } while (from !== undefined);
  return { documents, isComplete: true };
}
