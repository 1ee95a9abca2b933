/** One converted message, whose account is written out when it is asked for. */
import type { Bundle } from 'fhir/r4.js';
import type { Issue } from '../errors.js';
import { completeRecord } from '../mapping/complete-record.js';
import type { Mapping } from '../mapping/convert.js';
import { drawLedger } from '../mapping/engine/ledger.js';
import { writeLineage } from '../mapping/engine/lineage.js';
import type { LedgerEntry, LineageEntry, PackReference } from '../mapping/types.js';
import { toCollection, type ConvertedBundle } from './converted-bundle.js';

/**
 * A class, although core prefers plain data: getters of an object literal would give each message a shape of its own,
 * which costs more than the account. Ledger and lineage are own properties all the same, so that copies and JSON hold
 * them.
 */
export class ConvertedMessage implements ConvertedBundle {
  readonly bundle: Bundle;
  readonly issues: readonly Issue[];
  declare readonly ledger: readonly LedgerEntry[];
  declare readonly lineage: readonly LineageEntry[];
  declare readonly packs: readonly PackReference[];
  readonly #mapping: Mapping;
  #ledger: readonly LedgerEntry[] | undefined;
  #lineage: readonly LineageEntry[] | undefined;

  constructor(mapping: Mapping, packs: readonly PackReference[]) {
    this.bundle = toCollection(
      mapping.drafts.map(({ resource, removed }) => completeRecord(resource, removed)),
    );
    this.issues = mapping.issues;
    this.#mapping = mapping;
    Object.defineProperties(this, ConvertedMessage.#account);
    this.packs = packs;
  }

  static readonly #account: PropertyDescriptorMap & ThisType<ConvertedMessage> = {
    ledger: {
      enumerable: true,
      get() {
        return (this.#ledger ??= drawLedger(this.#mapping.nodes));
      },
    },
    lineage: {
      enumerable: true,
      get() {
        return (this.#lineage ??= writeLineage(this.#mapping.drafts));
      },
    },
  };
}
