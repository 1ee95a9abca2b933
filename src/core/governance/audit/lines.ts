/** The audit trail as lines of JSON, one a line: for exports, and for whoever verifies it. */
import { hash } from 'node:crypto';
import type { Chain, ChainedEntry, ChainLink } from './chain.js';
import { canonicalEntry } from './entry.js';

/** A chain begins. */
export interface GenesisLine {
  readonly kind: 'genesis';
  readonly day: string;
  readonly shard: string;
  readonly link?: ChainLink;
}
export interface EntryLine extends ChainedEntry {
  readonly kind: 'entry';
}
/** A chain ends here, for now or, with the day of the next one, for good. */
export interface EndLine {
  readonly kind: 'end';
  readonly day: string;
  readonly shard: string;
  readonly count: number;
  readonly hash: string;
  readonly next?: string;
}
/** All chains of these days were told of. */
export interface TrailLine {
  readonly kind: 'trail';
  readonly chains: number;
  /** The first day that was asked for; absent for all from the beginning. */
  readonly from?: string;
  /** The last one. */
  readonly to: string;
  /** Of what the line says, so that an edit of it is seen, too. */
  readonly hash: string;
}

/** The trail is, for each shard and day in ascending order, a genesis, the entries and an end; and one trail line at last. */
export type Line = GenesisLine | EntryLine | EndLine | TrailLine;

export const genesisLine = ({ day, shard, link }: Chain): GenesisLine => ({
  kind: 'genesis',
  day,
  shard,
  ...(link === undefined ? {} : { link }),
});

export const endLine = ({ day, shard, count, hash: last, next }: Chain): EndLine => ({
  kind: 'end',
  day,
  shard,
  count,
  hash: last,
  ...(next === undefined ? {} : { next }),
});

export const entryLine = ({ previous, sequence, hash: own, entry }: ChainedEntry): EntryLine => ({
  kind: 'entry',
  previous,
  sequence,
  hash: own,
  entry,
});

/** The last line of a trail. */
export const trailLine = (told: Omit<TrailLine, 'kind' | 'hash'>): TrailLine => ({
  kind: 'trail',
  ...told,
  hash: hashOfTrail(told),
});

/** The hash that a trail line should have. */
export const hashOfTrail = ({ chains, from, to }: Omit<TrailLine, 'kind' | 'hash'>): string =>
  hash('sha256', text({ chains, from, to }), 'hex');

const text = (value: unknown): string => JSON.stringify(value);

/** The one text of a line, without a line end. */
export function writeLine(line: Line): string {
  switch (line.kind) {
    case 'genesis': {
      const { day, shard, link } = line;
      const before =
        link === undefined ? '' : `,"link":${text({ day: link.day, count: link.count, hash: link.hash })}`;
      return `{"kind":"genesis","day":${text(day)},"shard":${text(shard)}${before}}`;
    }
    case 'entry':
      return writeEntryLine(line, canonicalEntry(line.entry));
    case 'end': {
      const { day, shard, count, hash: last, next } = line;
      return text({ kind: 'end', day, shard, count, hash: last, next });
    }
    case 'trail': {
      const { chains, from, to, hash: own } = line;
      return text({ kind: 'trail', chains, from, to, hash: own });
    }
  }
}

/** The same of an entry whose canonical text is known. */
const writeEntryLine = ({ previous, sequence, hash: own }: EntryLine, canonical: string): string =>
  `{"kind":"entry","previous":${text(previous)},"sequence":${sequence},"hash":${text(own)},"entry":${canonical}}`;

const kinds: ReadonlySet<unknown> = new Set(['genesis', 'entry', 'end', 'trail']);

/**
 * Reads a line; undefined for a text that `writeLine` would not have written, such as one with another name, a second value
 * of a name or white space: what is not read must not differ either.
 */
export function readLine(line: string): Line | undefined {
  let read: unknown;
  try {
    read = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isLine(read)) return undefined;
  return writeLine(read) === line ? read : undefined;
}

/** What was read as JSON, as a line; undefined for what has not the form of one. */
export const toLine = (value: unknown): Line | undefined => (isLine(value) ? value : undefined);

function isLine(value: unknown): value is Line {
  if (typeof value !== 'object' || value === null || !kinds.has((value as { readonly kind?: unknown }).kind))
    return false;
  const { entry, sequence, link, kind } = value as Partial<
    Record<'entry' | 'sequence' | 'link' | 'kind', unknown>
  >;
  if (kind === 'entry') return typeof entry === 'object' && entry !== null && Number.isSafeInteger(sequence);
  return link === undefined || (typeof link === 'object' && link !== null);
}
