/** What is kept of records of which many are looked at: they may be too large together to be kept whole. */
import { countWithin, pageRoom } from '../../core/fhir/weight.js';
import type { CurrentDocument } from '../../core/records/types.js';
import type { RecordStore } from '../../ports/record-store.js';
import { readWithin } from './page-records.js';

/** A record without what it says: enough to find, sort, count and follow it. A whole record is one, too. */
export type Outline = Omit<CurrentDocument, 'resource' | 'decimals' | 'lineage'>;

export const outlineOf = ({
  resource: _,
  decimals: __,
  lineage: ___,
  ...outline
}: CurrentDocument): Outline => outline;

/** Whether records were kept whole. */
export const areWhole = (found: readonly Outline[]): found is readonly CurrentDocument[] =>
  found.every((each) => 'resource' in each);

/**
 * The first of these records, as many as a page has room for. Undefined where one of them has changed since: they would
 * not be of the moment that their outlines are of.
 */
export async function wholeOf(
  records: RecordStore,
  outlines: readonly Outline[],
  room = pageRoom,
): Promise<readonly CurrentDocument[] | undefined> {
  if (areWhole(outlines)) return outlines.slice(0, countWithin(outlines, room));
  const wanted = outlines.map(({ resourceType, fhirId, partition }) => ({
    ...{ type: resourceType, id: fhirId, partition },
  }));
  const { documents, isComplete } = await readWithin(records, wanted, room);
  const areSame =
    documents.every((document, index) => isVersion(document, outlines[index])) &&
    (!isComplete || documents.length === outlines.length);
  return areSame ? documents : undefined;
}

const isVersion = ({ id, partition, versionId }: CurrentDocument, outline: Outline | undefined): boolean =>
  id === outline?.id && partition === outline.partition && versionId === outline.versionId;
