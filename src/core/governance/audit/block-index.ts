/** By what a block of the audit trail is found; it follows from its entries, and is verified with them. */
import type { AuditEntry, AuditOutcome } from './entry.js';
import type { Block } from './chain.js';

/** What the entries of a block say, each value once and in ascending order. */
export interface BlockIndex {
  /** Sequence of the first entry. */
  readonly first: number;
  /** The earliest and the latest instant. */
  readonly earliest: string;
  readonly latest: string;
  readonly patients: readonly string[];
  readonly subjects: readonly string[];
  readonly outcomes: readonly AuditOutcome[];
}

/** The index of a block that has at least one entry. */
export function indexOf({ entries }: Block): BlockIndex {
  const [first] = entries;
  let [earliest, latest] = [first?.entry.at ?? '', first?.entry.at ?? ''];
  const patients = new Set<string>();
  const subjects = new Set<string>();
  const outcomes = new Set<AuditOutcome>();
  for (const { entry } of entries) {
    if (entry.at < earliest) earliest = entry.at;
    if (entry.at > latest) latest = entry.at;
    for (const patient of entry.patients) patients.add(patient);
    subjects.add(entry.subject);
    outcomes.add(entry.outcome);
  }
  return {
    first: first?.sequence ?? 0,
    earliest,
    latest,
    patients: [...patients].sort(),
    subjects: [...subjects].sort(),
    outcomes: [...outcomes].sort(),
  };
}

/** What accesses are sought: those that fit everything given. */
export interface AuditSearch {
  /** One of these patients is concerned. */
  readonly patients?: readonly string[];
  readonly subject?: string;
  /** At or after, and before: ISO instants in UTC with milliseconds. */
  readonly from?: string;
  readonly to?: string;
  readonly outcome?: AuditOutcome;
}

/** Whether an entry is sought. */
export function isSought(entry: AuditEntry, { patients, subject, from, to, outcome }: AuditSearch): boolean {
  return (
    (patients === undefined || entry.patients.some((patient) => patients.includes(patient))) &&
    (subject === undefined || entry.subject === subject) &&
    (from === undefined || entry.at >= from) &&
    (to === undefined || entry.at < to) &&
    (outcome === undefined || entry.outcome === outcome)
  );
}
