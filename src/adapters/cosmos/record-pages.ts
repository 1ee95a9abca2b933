/** Pages of the records container, by key. */
import type { Container, SqlParameter } from '@azure/cosmos';
import { placeKey, readPlaceKey } from '../../core/records/ids.js';
import type { CurrentDocument, ReceiptDocument } from '../../core/records/types.js';
import type { PageRequest, ReceiptPage, SearchPage } from '../../ports/record-store.js';
import { fetchAll } from './query.js';
import { readRows, withoutSystemProperties, type WithEtag } from './record-reads.js';
import { currentOf, isSurelyFound, type RecordRow } from './staged-reads.js';

/** Which records a page is of. */
export interface RecordQuery {
  /** Absent for all partitions. */
  readonly partition?: string;
  readonly condition: string;
  readonly parameters: readonly SqlParameter[];
  /** Then an id may occur once for each type. */
  readonly ofAllTypes?: boolean;
  /** The same condition, for what a staged document holds. */
  readonly matches: (document: CurrentDocument) => boolean;
}

/** Keyset paging: stable under concurrent writes and cheap at any depth, unlike offsets. */
export async function queryPage(
  container: Container,
  { limit, continuation }: PageRequest,
  query: RecordQuery,
): Promise<SearchPage> {
  const rows = await readRows(container, () => queryRows(container, limit, continuation, query));
  const found = rows
    .map(currentOf)
    .filter((document) => document !== undefined)
    .filter((document) => query.matches(document));
  const documents = found.slice(0, limit);
  const last = documents.at(-1);
  return found.length > limit && last !== undefined
    ? { documents, continuation: placeKey(last) }
    : { documents };
}

/** Rows read at once where some that are staged may turn out not to be there. */
const rowsBeyond = 500;

/** Rows from a place on: all, or so many that more than a page of them is visible. */
async function queryRows(
  container: Container,
  limit: number,
  continuation: string | undefined,
  query: RecordQuery,
): Promise<RecordRow[]> {
  const rows: RecordRow[] = [];
  let after = continuation;
  let top = limit + 1;
  for (;;) {
    const more = await queryRecords(container, top, after, query);
    rows.push(...more);
    const surely = rows.filter((row) => isSurelyFound(row, query.matches));
    if (surely.length > limit || more.length < top) return rows;
    const last = more.at(-1);
    after = last === undefined ? undefined : placeKey(last);
    top = Math.max(top, rowsBeyond);
  }
}

async function queryRecords(
  container: Container,
  top: number,
  after: string | undefined,
  { partition, condition, parameters, ofAllTypes = false }: RecordQuery,
): Promise<RecordRow[]> {
  const place = after === undefined ? undefined : readPlaceKey(after);
  const isWithin = ofAllTypes && place?.resourceType !== undefined;
  const beyond = isWithin
    ? ' AND (c.fhirId > @after OR (c.fhirId = @after AND c.resourceType > @afterType))'
    : ' AND c.fhirId > @after';
  const query =
    `SELECT TOP @top * FROM c WHERE c.kind IN ('resource', 'staged') AND ${condition}` +
    `${place === undefined ? '' : beyond} ORDER BY c.fhirId${ofAllTypes ? ', c.resourceType' : ''}`;
  const bound = [...parameters, { name: '@top', value: top }];
  if (place !== undefined) bound.push({ name: '@after', value: place.fhirId });
  if (isWithin) bound.push({ name: '@afterType', value: place.resourceType });
  const scope = { partition, maxItemCount: top };
  const rows = await fetchAll<WithEtag<RecordRow>>(container, { query, parameters: bound }, scope);
  return rows.map((document) => withoutSystemProperties(document));
}

/** The receipts of a partition, by their ids. */
export async function listReceipts(
  container: Container,
  partition: string,
  { limit, continuation = '' }: PageRequest,
): Promise<ReceiptPage> {
  const query = "SELECT TOP @top * FROM c WHERE c.kind = 'receipt' AND c.id > @after ORDER BY c.id";
  const parameters = [
    { name: '@top', value: limit + 1 },
    { name: '@after', value: continuation },
  ];
  const scope = { partition, maxItemCount: limit + 1 };
  const resources = await fetchAll<WithEtag<ReceiptDocument>>(container, { query, parameters }, scope);
  const receipts = resources.slice(0, limit).map((document) => withoutSystemProperties(document));
  const last = receipts.at(-1);
  return resources.length > limit && last !== undefined ? { receipts, continuation: last.id } : { receipts };
}
