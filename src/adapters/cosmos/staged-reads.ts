/** Reads of records of which a large message or a transaction has staged some (docs/adr/0009, 0013). */
import { isFlipped, proofOf, visibleOf } from '../../core/records/stage-records.js';
import type {
  CurrentDocument,
  HistoryDocument,
  LatestDocument,
  RecordDocument,
  StagedDocument,
  VersionDocument,
} from '../../core/records/types.js';

/** What stands under the id of a record. */
export type RecordRow = LatestDocument | StagedDocument;

/** A row and what readers see of it; undefined when that is nothing. */
export interface VisibleRow {
  readonly row: RecordRow;
  readonly visible: LatestDocument | undefined;
}

/**
 * Reads rows and says what is visible of them, for all of one message alike. Whether it is visible is asked after the
 * rows were read: then what was staged by then, and is not visible, was not visible either. If it is, the rows are read
 * again, since some of them may not have been staged by then. A read of which nothing is staged costs nothing more.
 *
 * @param readProof the document in a partition that tells whether something is visible, if there is one
 */
export async function readVisible(
  read: () => Promise<readonly RecordRow[]>,
  readProof: (partition: string, id: string) => Promise<RecordDocument | undefined>,
): Promise<VisibleRow[]> {
  const flipped = new Set<string>();
  for (;;) {
    const rows = await read();
    const open = new Map(
      rows.flatMap((row) => (row.kind === 'staged' && !flipped.has(keyOf(row)) ? [[keyOf(row), row]] : [])),
    );
    const found = await Promise.all(
      [...open].map(async ([key, row]) => {
        const { partition, id } = proofOf(row);
        return isFlipped(row, await readProof(partition, id)) ? [key] : [];
      }),
    );
    if (found.flat().length === 0) {
      return rows.map((row) => ({
        row,
        visible: row.kind === 'staged' ? visibleOf(row, flipped.has(keyOf(row))) : row,
      }));
    }
    for (const key of found.flat()) flipped.add(key);
  }
}

/** What becomes visible together, wherever it is staged, has one key. */
function keyOf(row: StagedDocument): string {
  const { partition, id } = proofOf(row);
  return `${partition} ${id} ${row.stage}`;
}

/** Whether a row will count as found, whatever becomes of the message that has staged it. */
export function isSurelyFound(row: RecordRow, matches: (document: CurrentDocument) => boolean): boolean {
  if (row.kind !== 'staged') return row.kind === 'resource';
  const { current, next = current } = row;
  return [current, next].every((document) => document?.kind === 'resource' && matches(document));
}

/** The entry of a history that a document is. What is staged is none before it stands in its place. */
export function historyOf(document: RecordRow | VersionDocument): HistoryDocument[] {
  if (document.kind !== 'staged') return [document];
  return document.current === undefined ? [] : [document.current];
}

/** What a search may find of a row. */
export const currentOf = ({ visible }: VisibleRow): CurrentDocument | undefined =>
  visible?.kind === 'resource' ? visible : undefined;
