/**
 * How a record says which other record it comes after: as a deletion of what would bind it to that one. So the pure
 * converter needs no notion of what is stored, and refers to no record that its message does not state.
 */

const TAKEN_UP = /^partOf\[reference=(.+)\]$/;
const REPLACED = /^relatesTo\[target\.reference=(.+)\]$/;

/**
 * The path in `MappedRecord.removed` of a visit or account that goes on from another record: it is no part of that one.
 *
 * @param former `Encounter/<id>`
 */
export const takenUpFrom = (former: string): string => `partOf[reference=${former}]`;

/** The record that a visit or account goes on from, as `Encounter/<id>`; undefined where there is none. */
export const formerOf = (removed: readonly string[]): string | undefined => find(removed, TAKEN_UP);

/** The path in `MappedRecord.removed` of a document that replaces another. @param replaced `DocumentReference/<id>` */
export const replacing = (replaced: string): string => `relatesTo[target.reference=${replaced}]`;

/** The document that another replaces, as `DocumentReference/<id>`; undefined where there is none. */
export const replacedBy = (removed: readonly string[]): string | undefined => find(removed, REPLACED);

const isSuccession = (path: string): boolean => TAKEN_UP.test(path) || REPLACED.test(path);

/** What there is to delete besides. */
export const withoutSuccession = (removed: readonly string[]): readonly string[] =>
  removed.filter((path) => !isSuccession(path));

/** Which record it comes after, without what else there is to delete. */
export const onlySuccession = (removed: readonly string[]): readonly string[] => removed.filter(isSuccession);

function find(removed: readonly string[], pattern: RegExp): string | undefined {
  for (const path of removed) {
    const reference = pattern.exec(path)?.[1];
    if (reference !== undefined) return reference;
  }
  return undefined;
}
