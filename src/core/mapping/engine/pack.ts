/** Shapes of a mapping pack: rules as tables, plain data, so that a trust can keep its own in a JSON file. */
import type { UpdateMode } from '../types.js';

/**
 * One row: where a value comes from, where it goes, and what happens to it on the way.
 *
 * A rule whose element is already filled states nothing: rows in order are alternatives, the first one with a value
 * holds. Rows that append (`name[+]`) all hold.
 */
export interface Rule {
  /** Unique in the pack and those it extends; a pack replaces an inherited row by repeating its id. */
  readonly id: string;
  /**
   * Source path: `PID-7`, `PID-5[*]` (every repetition), `PV1-3.4` (component), `NTE(*)-3[*]` (every NTE below this
   * segment), `PV1` (the segment as such). Absent for constants.
   */
  readonly from?: string;
  /** Element path without the type: `birthDate`, `name[+]`, `hospitalization.extension(AdmissionMethod).valueCodeableConcept`. */
  readonly to: string;
  /** A transform by name, with arguments: `dateTime`, `code(AdministrativeSex)`. */
  readonly using: string;
  /** A condition; see `compileCondition`. */
  readonly when?: string;
  /**
   * What `""` deletes where that is not just the rule's element: other elements (`deceasedDateTime`), those items of a
   * list that the field states (`telecom[use=work]`), those that the rule itself stated (`telecom[rule]`), or an
   * extension (`extension(Religion)`). It goes from what is stored, even if another field of the message states it anew.
   * A rule that states labels (`meta.security`) takes back its own, unless it names others.
   */
  readonly deletes?: readonly string[];
}

/** Fields that carry nothing for a record, and why. They are accounted for in the ledger under the row's id. */
export interface IgnoredFields {
  readonly id: string;
  /** Fields, or segments with all their fields, separated by commas: `MSH-3, MSH-4`, `NTE`. */
  readonly from: string;
  readonly because: string;
  readonly when?: string;
}

/** What one segment becomes: each occurrence makes one record of this type. */
export interface ResourceMap {
  readonly id: string;
  readonly segment: string;
  readonly resource: string;
  /** Name of the function that gives the record its id. */
  readonly identity: string;
  /**
   * Fields whose repetitions stand for a record each, separated by commas: senders repeat what the standard has only
   * once (`AL1-3`). Their repetitions go together, and every record has what the other fields say.
   */
  readonly each?: string;
  readonly mode: UpdateMode;
  /** Other modes by message type (MSH-9.1): a result names its patient only in passing. */
  readonly modeByMessage?: Readonly<Record<string, UpdateMode>>;
  readonly when?: string;
  /**
   * Lists whose items come from several fields and messages, such as the participants of a visit: `""` in one field
   * deletes none of them, unless its rule says which.
   */
  readonly cumulative?: readonly string[];
  /**
   * Whether absent fields of the segment delete elements in the snapshot events of a feed, and which elements stay
   * because a record is none without them.
   */
  readonly snapshot?: { readonly keeps: readonly string[] };
  readonly rules: readonly Rule[];
}

/** What an extending pack changes in an inherited map: properties given here and rows by id; new rows come last. */
export type ResourceMapExtension = { readonly id: string } & Partial<ResourceMap>;

export interface CodedValue {
  readonly code: string;
  readonly system?: string;
  readonly display?: string;
}

/** Source code to target: a bare string is a code whose system the target element implies. */
export type ValueTable = Readonly<Record<string, string | CodedValue>>;

/** Where a segment stands among the others. Messages are read leniently: only what is said here is relied on. */
export interface SegmentPlace {
  /** Segments it may belong to; the nearest preceding one that is still open is its parent. */
  readonly under: readonly string[];
  /** One for all that stands under the same parent: rules of other segments there may read it (PV1 from OBX). */
  readonly context?: true;
  /** Belongs to this parent only when nothing of its name does yet (one OBR for each ORC). */
  readonly pairs?: string;
}

export interface MessageSupport {
  /** Not a statement about anybody, such as a query or an acknowledgement. */
  readonly refused?: true;
  /** Trigger events that would be misunderstood if their segments were mapped one by one. */
  readonly unsupported?: readonly string[];
  /** Trigger events that need MRG-1: its patient, or a visit or account of theirs, becomes that of PID-3. */
  readonly merges?: readonly string[];
  /** Trigger events by which the person of MRG-1 gets the identifiers of PID-3: both are one person. */
  readonly renumbers?: readonly string[];
  /** Those of `renumbers` that change the number of the person: two records that both numbers have are joined. */
  readonly joins?: readonly string[];
  /** What a segment pairs with (`SegmentPlace.pairs`) may follow it, as the first of both in a message does. */
  readonly pairsFollow?: true;
  /** The message concerns no patient (master files). */
  readonly withoutPatient?: true;
}

/** A complete pack. */
export interface Pack {
  readonly name: string;
  /** Semantic version. */
  readonly version: string;
  /** By type and event (`ADT^A20`), else by type (`ADT`); `*` holds for types that are not named. */
  readonly messages: Readonly<Record<string, MessageSupport>>;
  readonly structure: Readonly<Record<string, SegmentPlace>>;
  /** Extension urls by the name that rules use. */
  readonly extensions: Readonly<Record<string, string>>;
  /** Code system URIs by the names of HL7 table 0396 and those that senders use (CWE-3). */
  readonly codeSystems: Readonly<Record<string, string>>;
  /** Canonicals that records of a type declare in `meta.profile`, without version. */
  readonly profiles: Readonly<Record<string, string>>;
  readonly tables: Readonly<Record<string, ValueTable>>;
  readonly maps: readonly ResourceMap[];
  readonly ignored: readonly IgnoredFields[];
}

/** A pack that starts from another: rows of tables, maps and rules add to it or replace what has the same key. */
export interface PackExtension extends Partial<Omit<Pack, 'name' | 'version' | 'maps'>> {
  readonly name: string;
  readonly version: string;
  /** Name of the pack it starts from. */
  readonly extends: string;
  readonly maps?: readonly (ResourceMap | ResourceMapExtension)[];
  /** Ids of inherited rules, ignored rows and maps that do not hold here. */
  readonly dropped?: readonly string[];
}

/** A pack that cannot be used. The message lists every fault with its row. */
export class PackError extends Error {
  override readonly name = 'PackError';
  readonly faults: readonly string[];

  constructor(pack: string, faults: readonly string[]) {
    super(`Mapping pack ${pack} is not valid:\n${faults.map((fault) => `- ${fault}`).join('\n')}`);
    this.faults = faults;
  }
}
