/** What the pure converter gives. */
import type { Bundle, Resource } from 'fhir/r4.js';
import type { Issue } from '../errors.js';
import type { LedgerEntry, LineageEntry, PackReference } from '../mapping/types.js';

/**
 * `ledger` and `lineage` are written out when they are first asked for.
 *
 * In a file of several messages each place begins with the message it is in, counted from 1: `message 2: PID-5[1]`.
 * Character spans count within that message.
 */
export interface ConvertedBundle {
  /** A `collection`; references lead from one entry to another. */
  readonly bundle: Bundle;
  /** What is wrong or doubtful, with its place and never with a value. */
  readonly issues: readonly Issue[];
  /** What became of every populated field. */
  readonly ledger: readonly LedgerEntry[];
  readonly lineage: readonly LineageEntry[];
  /** The packs whose rules were applied, the outermost base first; rule ids are unique among them. */
  readonly packs: readonly PackReference[];
}

/** A Bundle of resources that refer to each other by relative references. */
export function toCollection(resources: readonly Resource[]): Bundle {
  return {
    resourceType: 'Bundle',
    type: 'collection',
    entry: resources.map((resource) => ({
      // Relative references are resolved against it (FHIR R4 section 2.36.4.1); nothing is served there.
      fullUrl: `https://hde.invalid/fhir/${nameOf(resource)}`,
      resource,
    })),
  };
}

/** `Patient/<id>`. */
export const nameOf = ({ resourceType, id = '' }: Resource): string => `${resourceType}/${id}`;
