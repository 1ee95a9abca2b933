/** Pages of the records container, by key. */
import type { Container, SqlParameter } from '@azure/cosmos';
import { placeKey, readPlaceKey } from '../../core/records/ids.js';
import { countWithin, pageRoom, weightOf } from '../../core/fhir/weight.js';
import type { CurrentDocument, ReceiptDocument } from '../../core/records/types.js';
import type { PageRequest, ReceiptPage, SearchPage } from '../../ports/record-store.js';
import { fetchAll, fetchUntil } from './query.js';
import { readRows, withoutSystemProperties, type WithEtag } from './record-reads.js';
import { currentOf, isSurelyFound, type RecordRow } from './staged-reads.js';

/** Which records a page is of. */
export interface RecordQuery {
  /** Absent for all partitions. */
  readonly partition?: string;
  /** What is read of each document `c`; absent for all of it. What is read of a record is one of the same kind, type and index. */
  readonly selection?: string;
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
  page: PageRequest,
  query: RecordQuery,
): Promise<SearchPage> {
  let read = nothingRead;
  const rows = await readRows(container, async () => (read = await queryRows(container, page, query)).rows);
  const found = rows
    .map(currentOf)
    .filter((document) => document !== undefined)
    .filter((document) => query.matches(document));
  const { limit, room } = page;
  // One answer of the service holds some 4 MB; to weigh it would cost every search.
  const isLight = read.answers === 1 && query.partition !== undefined && room === pageRoom;
  const most = room === undefined || isLight ? limit : Math.min(limit, countWithin(found, room));
  const documents = found.slice(0, most);
  const last = documents.at(-1);
  // Each partition answers by itself.
  const isInParts = documents.length > 1 && (read.answers > 1 || query.partition === undefined);
  return {
    documents,
    ...((found.length > most || read.isCut) && last !== undefined && { continuation: placeKey(last) }),
    ...(isInParts && { isInParts }),
  };
}

/** Rows from a place on. */
interface ReadRows {
  readonly rows: readonly RecordRow[];
  /** Of the service: each is of a moment of its own. */
  readonly answers: number;
  /** Whether there was no room for more of them. */
  readonly isCut: boolean;
}

const nothingRead: ReadRows = { rows: [], answers: 0, isCut: false };

/** Rows read at once where some that are staged may turn out not to be there. */
const rowsBeyond = 500;

/** Rows from a place on: all, or so many that more than a page of them is visible, or as many as there is room for. */
async function queryRows(
  container: Container,
  { limit, continuation, room }: PageRequest,
  query: RecordQuery,
): Promise<ReadRows> {
  const rows: RecordRow[] = [];
  let answers = 0;
  let after = continuation;
  const surely = () => rows.filter((row) => isSurelyFound(row, query.matches));
  for (let top = limit + 1; ; top = Math.max(top, rowsBeyond)) {
    const more = await queryRecords(container, { top, after, room }, query);
    rows.push(...more.rows);
    answers += more.answers;
    const { isCut } = more;
    const enough = isCut ? 1 : limit + 1;
    const isLast = !isCut && more.rows.length < top;
    if (isLast || surely().length >= enough) return { rows, answers, isCut };
    const last = more.rows.at(-1);
    after = last === undefined ? undefined : placeKey(last);
  }
}

async function queryRecords(
  container: Container,
  {
    top,
    after,
    room,
  }: {
    readonly top: number;
    readonly after: string | undefined;
    readonly room: number | undefined;
  },
  { partition, selection = '*', condition, parameters, ofAllTypes = false }: RecordQuery,
): Promise<ReadRows> {
  const place = after === undefined ? undefined : readPlaceKey(after);
  const isWithin = ofAllTypes && place?.resourceType !== undefined;
  const beyond = isWithin
    ? ' AND (c.fhirId > @after OR (c.fhirId = @after AND c.resourceType > @afterType))'
    : ' AND c.fhirId > @after';
  const query =
    `SELECT TOP @top ${selection} FROM c WHERE c.kind IN ('resource', 'staged') AND ${condition}` +
    `${place === undefined ? '' : beyond} ORDER BY c.fhirId${ofAllTypes ? ', c.resourceType' : ''}`;
  const bound = [...parameters, { name: '@top', value: top }];
  if (place !== undefined) bound.push({ name: '@after', value: place.fhirId });
  if (isWithin) bound.push({ name: '@afterType', value: place.resourceType });
  // What several partitions answer is put together by the client, which takes so many from each, however large they are.
  const maxItemCount = partition === undefined && room !== undefined ? Math.min(top, takenFromEach) : top;
  const spec = { query, parameters: bound };
  const found = await fetchUntil<WithEtag<RecordRow>>(container, spec, { partition, maxItemCount }, (rows) =>
    isBeyond(rows, room),
  );
  const { rows, answers, isAll } = found;
  return { rows: rows.map((document) => withoutSystemProperties(document)), answers, isCut: !isAll };
}

/** Rows of one answer of a query of several partitions. */
const takenFromEach = 100;

function isBeyond(rows: readonly RecordRow[], room: number | undefined): boolean {
  if (room === undefined) return false;
  let left = room;
  return rows.some((row) => (left -= weightOf(row)) < 0);
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
