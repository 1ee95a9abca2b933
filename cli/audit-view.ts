/** The audit trail as people read it on a terminal. */
import type { Verdict } from '../src/core/governance/audit/verify-trail.js';
import { printTable } from './table.js';
import { shown } from './triage-view.js';

/** An entry as the exchange answers it (docs/reference/audit.md). */
export interface AccessView {
  readonly at: string;
  readonly subject: string;
  readonly organisation?: string;
  readonly onBehalfOf?: string;
  readonly purpose?: string;
  readonly interaction: string;
  readonly outcome: string;
  readonly reason: string;
  readonly records: readonly string[];
}

/** A table with a line for each access. */
export function printAccesses(accesses: readonly AccessView[]): string {
  const head = ['when', 'who', 'for', 'purpose', 'did', 'outcome', 'because of', 'records'];
  return printTable(
    head,
    accesses.map((access) => [
      access.at.slice(0, 19).replace('T', ' '),
      shown(access.subject),
      shown(access.onBehalfOf ?? access.organisation),
      shown(access.purpose),
      access.interaction,
      access.outcome,
      access.reason,
      recordsOf(access.records),
    ]),
  );
}

const recordsOf = ([first, ...others]: readonly string[]): string =>
  first === undefined ? '-' : `${shown(first)}${others.length === 0 ? '' : ` and ${others.length} more`}`;

const count = (number: number, one: string, several = `${one}s`): string =>
  `${number} ${number === 1 ? one : several}`;

/** What was verified, and what is wrong. */
export function printVerdict({ chains, entries, faults, faultCount, from, to, ends }: Verdict): string {
  const days = `${from === undefined ? '' : ` from ${shown(from)}`}${to === undefined ? '' : ` to ${shown(to)}`}`;
  const what = `${count(entries, 'entry', 'entries')} in ${count(chains, 'chain')} of ${count(ends.length, 'shard')}${days}`;
  if (faultCount === 0) return `${what}: nothing was changed, removed, inserted, reordered or cut off.\n`;
  const rows = faults.map(({ kind, day, shard, sequence, detail }) => [
    kind,
    shown(day === '' ? undefined : day),
    shown(shard === '' ? undefined : shard),
    sequence ?? '-',
    shown(detail),
  ]);
  const left = faultCount - faults.length;
  return (
    `${what}: the trail is broken.\n\n` +
    printTable(['what', 'day', 'shard', 'sequence', 'how it is known'], rows) +
    (left === 0 ? '' : `and ${left} more\n`)
  );
}
