/** Reading documents of the records container: by id, as they are stored or as readers see them. */
import type { Container, SqlParameter } from '@azure/cosmos';
import { currentId, partitionOf } from '../../core/records/ids.js';
import type { RecordDocument } from '../../core/records/types.js';
import { callCosmos } from './errors.js';
import { fetchAll } from './query.js';
import { readVisible, type RecordRow, type VisibleRow } from './staged-reads.js';

/** A document with the tag that Cosmos DB gives it. */
export type WithEtag<T> = T & { readonly _etag: string };

/** The documents of these ids that exist, in one request: reads side by side would show them as of different times. */
export async function readByIds(
  container: Container,
  partition: string,
  ids: readonly string[],
): Promise<WithEtag<RecordDocument>[]> {
  const [id, ...others] = ids;
  if (id === undefined) return [];
  if (others.length > 0) return queryByIds(container, partition, ids);
  const document = await readRaw<RecordDocument>(container, partition, id);
  return document === undefined ? [] : [document];
}

/** Whether a document stands under the id of a record. */
export const isRow = <T extends RecordDocument>(document: T): document is T & RecordRow =>
  document.kind === 'resource' || document.kind === 'staged' || document.kind === 'deleted';

/** What readers see of rows. */
export const readRows = (
  container: Container,
  read: () => Promise<readonly RecordRow[]>,
): Promise<VisibleRow[]> => readVisible(read, (partition, id) => readRaw(container, partition, id));

/** Where a record lives. */
export interface Place {
  readonly resourceType: string;
  readonly fhirId: string;
  readonly partition: string;
}

/** @param partition default: where its id says that it lives */
export const placeOf = (resourceType: string, fhirId: string, partition = partitionOf(fhirId)): Place => ({
  resourceType,
  fhirId,
  partition,
});

/** What stands under the id of a record, by a point read. */
export async function readRow(container: Container, place: Place): Promise<VisibleRow | undefined> {
  const [row] = await readRows(container, async () => {
    const id = currentId(place.resourceType, place.fhirId);
    const stored = await readDocument<RecordRow>(container, place.partition, id);
    return stored === undefined ? [] : [stored];
  });
  return row;
}

async function queryByIds(
  container: Container,
  partition: string,
  ids: readonly string[],
): Promise<WithEtag<RecordDocument>[]> {
  const parameters = ids.map((value, i): SqlParameter => ({ name: `@id${i}`, value }));
  const query = `SELECT * FROM c WHERE c.id IN (${parameters.map(({ name }) => name).join(', ')})`;
  return fetchAll(container, { query, parameters }, { partition, maxItemCount: 1000 });
}

/** A document as it is stored, by a point read. */
async function readRaw<T extends RecordDocument>(
  container: Container,
  partition: string,
  id: string,
): Promise<WithEtag<T> | undefined> {
  const { resource } = await callCosmos(() => container.item(id, partition).read<WithEtag<T>>());
  return resource;
}

/** The same without what Cosmos DB adds to it. */
export async function readDocument<T extends RecordDocument>(
  container: Container,
  partition: string,
  id: string,
): Promise<T | undefined> {
  const stored = await readRaw<T>(container, partition, id);
  return stored === undefined ? undefined : withoutSystemProperties(stored);
}

/** Removes what Cosmos DB adds to a document (`_rid`, `_ts` ...), so that what is read equals what was written. */
export function withoutSystemProperties<T extends object>(stored: T): T {
  return Object.fromEntries(Object.entries(stored).filter(([key]) => !key.startsWith('_'))) as T;
}
