/** What is said of a record, and how one statement meets another. */
import type { Resource } from 'fhir/r4.js';
import { mergeLineage } from './lineage.js';
import { mergeResources } from './merge.js';
import { withoutStated } from './stated-items.js';
import type { CurrentDocument, StoredLineage } from './types.js';

/** What is said of a resource, and where each element comes from. */
export interface Statement {
  readonly resource: Resource;
  readonly lineage: StoredLineage;
}

/** The time of a message, and the records that those it states depend on. */
export interface StandingContext {
  /** ISO instant of the event: the earliest that it can mean, and the latest. */
  readonly eventTime: string;
  readonly latestEventTime: string;
  /** As stored, by reference (`Encounter/<id>`): what `dependsOn` names. */
  readonly others?: ReadonlyMap<string, CurrentDocument>;
  /** Which record takes over from which by this message, by reference of the former one. */
  readonly successors?: ReadonlyMap<string, string>;
}

type Elements = Readonly<Record<string, unknown>>;

/** The elements of a resource by name. */
export const elementsOf = (resource: Resource): Elements => resource as unknown as Elements;

/** A resource without some of its elements. */
export const omit = <T extends Resource>(resource: T, names: readonly string[]): T =>
  Object.fromEntries(Object.entries(resource).filter(([name]) => !names.includes(name))) as unknown as T;

/** What a message says, in parts that meet what is stored in turn. */
export interface Part {
  readonly resource: Resource & { id: string };
  readonly removed: readonly string[];
  /** Whether the part only adds what is not known yet. */
  readonly fillsOnly: boolean;
  /** Absent where it is that of the message. */
  readonly lineage?: StoredLineage;
}

/** What a message meets, and what it says. */
export interface Meeting {
  readonly base: Statement;
  readonly parts: readonly Part[];
}

/** Two statements as one: the later one wins. */
export function mergeStatements(earlier: Statement, later: Statement, removed: readonly string[]): Statement {
  const { resource: known, lineage } = withoutStated(earlier, removed);
  const { resource, origins } = mergeResources(known, later.resource, removed);
  return { resource, lineage: mergeLineage(lineage, later.lineage, origins) };
}
