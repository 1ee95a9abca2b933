import { partitionOf } from '../../core/records/ids.js';
import type { CurrentDocument } from '../../core/records/types.js';
import type { PageRequest, RecordStore, SearchPage } from '../../ports/record-store.js';

/** Reads a page of records in an order that does not change; the continuation is the id to continue after. */
export type PageReader = (page: PageRequest) => Promise<SearchPage>;

/** Point reads under way at once. */
const readsAtOnce = 16;

/** How often a page that a filter left short is filled up before it is answered as it is. */
const maxRounds = 10;

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

/** Pages through the resources with these ids. */
export function pageByIds(records: RecordStore, type: string, ids: readonly string[]): PageReader {
  return async ({ limit, continuation }) => {
    const rest = ids.filter((id) => continuation === undefined || id > continuation).sort();
    const page = rest.slice(0, limit);
    const documents = await readMany(
      records,
      page.map((id) => ({ type, id })),
    );
    const last = page.at(-1);
    return rest.length > page.length && last !== undefined
      ? { documents, continuation: last }
      : { documents };
  };
}

/** Pages through the resources that carry one of these index entries, each resource once. */
export function pageByIdentifiers(
  records: RecordStore,
  type: string,
  entries: readonly string[],
): PageReader {
  return async (page) => {
    const pages = await Promise.all(entries.map((entry) => records.findByIdentifier(type, entry, page)));
    const byId = new Map<string, CurrentDocument>();
    for (const { documents } of pages) for (const document of documents) byId.set(document.fhirId, document);
    // The first `limit` of all are among the first `limit` of each.
    const documents = [...byId.values()].sort((left, right) => (left.fhirId < right.fhirId ? -1 : 1));
    const hasMore =
      documents.length > page.limit || pages.some(({ continuation }) => continuation !== undefined);
    return cut(documents, page.limit, hasMore);
  };
}

/**
 * Pages through the resources of several partitions: the first one, then the others in order of their keys. A
 * partition that joins or leaves between two pages disturbs no other.
 */
export function pageByPartitions(
  records: RecordStore,
  [root, ...others]: readonly string[],
  type: string | undefined,
): PageReader {
  return async ({ limit, continuation }) => {
    const begun = continuation === undefined ? undefined : partitionOf(continuation);
    const later = [...others].sort().filter((key) => begun === undefined || begun === root || key >= begun);
    const pending = root !== undefined && (begun === undefined || begun === root) ? [root, ...later] : later;
    const documents: CurrentDocument[] = [];
    for (const partition of pending) {
      const page = await records.listPartition(partition, type, {
        limit: limit + 1 - documents.length,
        ...(continuation !== undefined && partition === begun ? { continuation } : {}),
      });
      documents.push(...page.documents);
      if (documents.length > limit) break;
    }
    return cut(documents, limit, documents.length > limit);
  };
}

/**
 * Fills a page with the records that a filter accepts. The work is bounded: after some rounds the page is answered
 * shorter than asked for, with its continuation (FHIR R4 section 3.1.1.4.17 allows it).
 */
export async function fillPage(
  read: PageReader,
  accepts: (document: CurrentDocument) => boolean,
  { limit, continuation }: PageRequest,
): Promise<SearchPage> {
  const documents: CurrentDocument[] = [];
  let after = continuation;
  for (let round = 0; round < maxRounds && documents.length < limit; round += 1) {
    const page = await read({
      limit: limit - documents.length,
      ...(after === undefined ? {} : { continuation: after }),
    });
    documents.push(...page.documents.filter(accepts));
    after = page.continuation;
    if (after === undefined) return { documents };
  }
  return after === undefined ? { documents } : { documents, continuation: after };
}

function cut(documents: readonly CurrentDocument[], limit: number, hasMore: boolean): SearchPage {
  const page = documents.slice(0, limit);
  const last = page.at(-1);
  return hasMore && last !== undefined ? { documents: page, continuation: last.fhirId } : { documents: page };
}
