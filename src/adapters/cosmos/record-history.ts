/** Versions of records, by number and by time. */
import type { Container, SqlParameter } from '@azure/cosmos';
import { replacedId } from '../../core/records/ids.js';
import { replacedVersion } from '../../core/records/versions.js';
import type { DeletedDocument, HistoryDocument, VersionDocument } from '../../core/records/types.js';
import type { HistoryPageRequest, VersionPageRequest } from '../../ports/record-store.js';
import { fetchAll } from './query.js';
import {
  readDocument,
  readByIds,
  readRow,
  withoutSystemProperties,
  type WithEtag,
  type Place,
} from './record-reads.js';
import { historyOf, type RecordRow } from './staged-reads.js';

/** One version, current or replaced. */
export async function readVersion(
  container: Container,
  place: Place,
  versionId: number,
): Promise<HistoryDocument | undefined> {
  // The older version first: if it is replaced between the two reads, the second one misses and the first is read again.
  const { resourceType, fhirId, partition } = place;
  const replaced = () =>
    readDocument<VersionDocument | DeletedDocument>(
      container,
      partition,
      replacedId(resourceType, fhirId, versionId),
    );
  const older = await replaced();
  if (older !== undefined) return older;
  const { row, visible } = (await readRow(container, place)) ?? {};
  if (visible === undefined || visible.versionId < versionId) return undefined;
  if (visible.versionId === versionId) return visible;
  // A large message has replaced it, and the version is not apart from the record yet.
  if (row?.kind === 'staged' && row.current?.versionId === versionId) return replacedVersion(row.current);
  return replaced();
}

/** Versions are counted without gaps, so that their ids are known. */
export async function listVersions(
  container: Container,
  place: Place,
  { limit, before = Infinity }: VersionPageRequest,
): Promise<HistoryDocument[]> {
  const { resourceType, fhirId, partition } = place;
  const { row, visible } = (await readRow(container, place)) ?? {};
  if (visible === undefined) return [];
  const last = Math.min(visible.versionId, before - 1);
  const wanted = Array.from({ length: Math.max(0, Math.min(limit, last)) }, (_, index) => last - index);
  const ids = wanted.map((versionId) => replacedId(resourceType, fhirId, versionId));
  const apart = await readByIds(container, partition, ids);
  // A large message has replaced it, and the version is not apart from the record yet.
  const replaced = row?.kind === 'staged' && row.current !== undefined ? [replacedVersion(row.current)] : [];
  const versions = new Map<number, HistoryDocument>();
  for (const document of [...replaced, ...apart.map((stored) => withoutSystemProperties(stored)), visible])
    if ('versionId' in document && document.kind !== 'late') versions.set(document.versionId, document);
  return wanted.flatMap((versionId) => versions.get(versionId) ?? []);
}

/** Over all partitions, by the time of the commit. */
export async function listHistory(
  container: Container,
  resourceType: string,
  page: HistoryPageRequest,
): Promise<HistoryDocument[]> {
  const found: HistoryDocument[] = [];
  let { after } = page;
  for (;;) {
    const limit = page.limit - found.length;
    const rows = await historyRows(container, resourceType, { ...page, limit, ...(after && { after }) });
    found.push(...rows.flatMap(historyOf));
    const last = rows.at(-1);
    // Among them are those that are staged, and stood nowhere before.
    if (last === undefined || rows.length < limit || found.length === page.limit) return found;
    after = { lastUpdated: last.lastUpdated, id: last.id };
  }
}

async function historyRows(
  container: Container,
  resourceType: string,
  { limit, since, after }: HistoryPageRequest,
): Promise<(RecordRow | VersionDocument)[]> {
  const query =
    'SELECT TOP @top * FROM c WHERE c.resourceType = @type' +
    " AND c.kind IN ('resource', 'version', 'deleted', 'staged')" +
    (since === undefined ? '' : ' AND c.lastUpdated >= @since') +
    (after === undefined ? '' : ' AND (c.lastUpdated < @at OR (c.lastUpdated = @at AND c.id < @id))') +
    ' ORDER BY c.lastUpdated DESC, c.id DESC';
  const bound = {
    '@top': limit,
    '@type': resourceType,
    '@since': since,
    '@at': after?.lastUpdated,
    '@id': after?.id,
  };
  const parameters = Object.entries(bound).flatMap(([name, value]): SqlParameter[] =>
    value === undefined ? [] : [{ name, value }],
  );
  const spec = { query, parameters };
  const rows = await fetchAll<WithEtag<RecordRow | VersionDocument>>(container, spec, {
    maxItemCount: limit,
  });
  return rows.map((document) => withoutSystemProperties(document));
}
