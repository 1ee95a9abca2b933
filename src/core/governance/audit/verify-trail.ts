/** Verifies the audit trail as it streams by: what it remembers does not grow with the number of entries. */
import { genesisHash, type ChainedEntry, type ChainLink } from './chain.js';
import { canonicalEntry, hashOf } from './entry.js';
import { hashOfTrail, type EndLine, type GenesisLine, type Line, type TrailLine } from './lines.js';

/** What is wrong with an entry, or with a chain as a whole. */
export type FaultKind = 'changed' | 'removed' | 'inserted' | 'reordered' | 'truncated';

/** Where the trail was edited. */
export interface Fault {
  readonly kind: FaultKind;
  readonly day: string;
  readonly shard: string;
  /** Of the first entry that is concerned; absent where it is the chain as a whole. */
  readonly sequence?: number;
  readonly detail: string;
}

/** What was found. The trail is unbroken exactly when `faultCount` is 0. */
export interface Verdict {
  /** The days that the trail tells of, as it says itself. */
  readonly from?: string;
  readonly to?: string;
  readonly chains: number;
  readonly entries: number;
  /** The first of them, at most 100. */
  readonly faults: readonly Fault[];
  readonly faultCount: number;
  /** Where each shard stands at its end: what is kept elsewhere and compared later proves that no chain was made anew. */
  readonly ends: readonly EndLine[];
}

/** What is kept of a verdict for later ones. */
export type NotedEnds = Pick<Verdict, 'ends' | 'from' | 'to'>;

const mostFaults = 100;
/** As many gaps of one chain as are remembered until what is missing may come after all. */
const mostGaps = 1000;

interface Gap {
  readonly from: number;
  readonly to: number;
}

/** The chain that streams by. */
interface Course {
  readonly day: string;
  readonly shard: string;
  /** Sequence and hash that the next entry must follow. */
  expected: number;
  hash: string;
  readonly gaps: Gap[];
  readonly noted: EndLine | undefined;
}

const chainName = ({ day, shard }: { readonly day: string; readonly shard: string }): string =>
  `${shard}/${day}`;

/** Takes the lines of a trail one after the other. */
export class TrailVerifier {
  readonly #faults: Fault[] = [];
  readonly #ends = new Map<string, EndLine>();
  /** The first chain of each shard, where it goes on for an earlier one. */
  readonly #starts: GenesisLine[] = [];
  #faultCount = 0;
  #chains = 0;
  #entries = 0;
  #course: Course | undefined;
  #trail: TrailLine | undefined;
  /** Ends that were noted before, by chain. */
  readonly #noted: Map<string, EndLine>;
  readonly #before: NotedEnds;

  /** @param before what an earlier verdict told of: a chain that was made anew, or made up, does not meet it */
  constructor(before: NotedEnds = { ends: [] }) {
    this.#before = before;
    this.#noted = new Map(before.ends.map((end) => [chainName(end), end]));
  }

  /** The next line; undefined for one that could not be read. */
  take(line: Line | undefined): void {
    if (this.#trail !== undefined) this.#reportHere('inserted', 'a line after the end of the trail');
    switch (line?.kind) {
      case undefined:
        this.#reportHere('changed', 'a line that is none of the trail');
        break;
      case 'genesis':
        this.#begin(line);
        break;
      case 'entry':
        this.#entries++;
        if (this.#course === undefined) this.#reportHere('inserted', 'an entry of no chain');
        else checkEntry(this.#course, line, this.report);
        break;
      case 'end':
        this.#end(line);
        break;
      case 'trail':
        this.#breakOff();
        this.#trail = line;
        if (line.hash !== hashOfTrail(line)) this.#reportHere('changed', 'the last line');
        if (line.chains !== this.#chains)
          this.#reportHere('removed', `${line.chains} chains were told of, and ${this.#chains} came`);
    }
  }

  /** A fault, found here or elsewhere. */
  readonly report = (fault: Fault): void => {
    this.#faultCount++;
    if (this.#faults.length < mostFaults) this.#faults.push(fault);
  };

  /** After the last line. */
  finish(): Verdict {
    this.#breakOff();
    if (this.#trail === undefined) this.#reportHere('truncated', 'the trail has no end');
    const { from, to } = this.#trail ?? {};
    const ends = [...this.#ends.values()];
    this.#checkBounds(ends, { from, to });
    const days = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
    const [chains, entries, faults, faultCount] = [
      this.#chains,
      this.#entries,
      this.#faults,
      this.#faultCount,
    ];
    return { ...days, chains, entries, faults, faultCount, ends };
  }

  /** What is asked for begins and ends where it says: nothing before or behind may be missing within its days. */
  #checkBounds(
    ends: readonly EndLine[],
    { from = '', to = '9999-12-31' }: { readonly from: string | undefined; readonly to: string | undefined },
  ): void {
    for (const { day, shard, link } of this.#starts)
      if (link !== undefined && link.day >= from)
        this.report({ kind: 'removed', day, shard, detail: `the chain of ${link.day} is not there` });
    for (const { day, shard } of this.#noted.values())
      if (day >= from && day <= to)
        this.report({ kind: 'removed', day, shard, detail: 'the chain was noted before, and is not there' });
    for (const { day, shard, next } of ends)
      if (next !== undefined && next <= to)
        this.report({
          kind: 'truncated',
          day: next,
          shard,
          detail: `sealed on ${day}, and not gone on with`,
        });
  }

  #begin(line: GenesisLine): void {
    this.#breakOff();
    this.#chains++;
    const { day, shard } = line;
    const before = this.#ends.get(shard);
    if (before === undefined) {
      this.#starts.push(line);
      checkStart(line, this.#before, this.report);
    } else checkLink(line, before, this.report);
    const noted = this.#noted.get(chainName(line));
    this.#noted.delete(chainName(line));
    const hash = genesisHash(line);
    if (noted?.count === 0 && noted.hash !== hash) this.report({ kind: 'changed', day, shard, detail: anew });
    this.#course = { day, shard, expected: 0, hash, gaps: [], noted };
  }

  #end(line: EndLine): void {
    const { day, shard } = line;
    const course = this.#course;
    if (course?.day !== day || course.shard !== shard) {
      this.report({ kind: 'changed', day, shard, detail: 'an end of a chain that has not begun' });
    } else {
      checkEnd(course, line, this.report);
      reportGaps(course, this.report);
    }
    this.#ends.set(shard, line);
    this.#course = undefined;
  }

  /** A chain that has no end. */
  #breakOff(): void {
    if (this.#course === undefined) return;
    reportGaps(this.#course, this.report);
    this.#reportHere('truncated', 'the chain has no end');
    this.#course = undefined;
  }

  #reportHere(kind: FaultKind, detail: string): void {
    const { day = '', shard = '', expected } = this.#course ?? {};
    this.report({ kind, day, shard, ...(expected === undefined ? {} : { sequence: expected }), detail });
  }
}

type Report = (fault: Fault) => void;

const anew = 'the chain is another one than was noted before';

/** The first chain of a shard that comes by, against what was noted of the shard. */
function checkStart(
  { day, shard, link }: GenesisLine,
  { ends, from = '', to = '' }: NotedEnds,
  report: Report,
): void {
  const noted = ends.find((end) => end.shard === shard);
  if (noted === undefined && from <= day && day < to)
    report({ kind: 'inserted', day, shard, detail: 'there was no such chain when ends were noted' });
  if (noted === undefined || link?.day !== noted.day) return;
  if (link.count < noted.count || (link.count === noted.count && link.hash !== noted.hash))
    report({ kind: 'changed', day, shard, detail: `does not go on where ${noted.day} was noted to end` });
}

/** A chain goes on where the one before of its shard ended. */
function checkLink({ day, shard, link }: GenesisLine, before: EndLine, report: Report): void {
  const fault = (kind: FaultKind, detail: string): void => {
    report({ kind, day, shard, detail });
  };
  if (before.day >= day) fault('reordered', `comes after that of ${before.day}`);
  else if (before.next !== day) fault('removed', `${before.day} does not lead to it`);
  else if (!isLinked(link, before)) fault('changed', `does not go on where ${before.day} ended`);
}

const isLinked = (link: ChainLink | undefined, before: EndLine): boolean =>
  link?.day === before.day && link.count === before.count && link.hash === before.hash;

function checkEntry(course: Course, line: ChainedEntry, report: Report): void {
  const { day, shard, expected } = course;
  const { sequence, previous, hash } = line;
  const fault = (kind: FaultKind, detail: string): void => {
    report({ kind, day, shard, sequence, detail });
  };
  if (hashOf(previous, sequence, canonicalEntry(line.entry)) !== hash)
    fault('changed', 'its hash is not that of what it says');
  if (sequence < expected) {
    // What is out of its place says nothing of what follows.
    if (takeFromGap(course, sequence)) fault('reordered', `stands after ${expected - 1}`);
    else fault('inserted', 'there is one of this sequence already');
    return;
  }
  if (sequence > expected) {
    // Whether it is missing, or stands later, is seen later.
    if (course.gaps.length < mostGaps) course.gaps.push({ from: expected, to: sequence });
    else fault('removed', `${expected} is missing before it`);
  } else if (previous !== course.hash)
    fault('changed', sequence === 0 ? 'does not follow its genesis' : 'it, or the one before, was changed');
  course.expected = sequence + 1;
  course.hash = hash;
  if (sequence + 1 === course.noted?.count && hash !== course.noted.hash) fault('changed', anew);
}

/** Whether a sequence was missing; it no longer is. */
function takeFromGap({ gaps }: Course, sequence: number): boolean {
  const at = gaps.findIndex(({ from, to }) => from <= sequence && sequence < to);
  const gap = gaps[at];
  if (gap === undefined) return false;
  const rest = [
    { from: gap.from, to: sequence },
    { from: sequence + 1, to: gap.to },
  ].filter(({ from, to }) => from < to);
  gaps.splice(at, 1, ...rest);
  return true;
}

function reportGaps({ day, shard, gaps }: Course, report: Report): void {
  for (const { from, to } of gaps)
    report({ kind: 'removed', day, shard, sequence: from, detail: `${to - from} missing` });
}

function checkEnd(course: Course, { count, hash, next }: EndLine, report: Report): void {
  const { day, shard, expected, noted } = course;
  const place = { day, shard, sequence: expected };
  if (count > expected)
    report({ kind: 'truncated', ...place, detail: `${count - expected} of ${count} entries are missing` });
  else if (count < expected)
    report({ kind: 'inserted', ...place, sequence: count, detail: `the chain has ${count} entries` });
  else if (noted !== undefined && count < noted.count)
    report({ kind: 'truncated', ...place, detail: `${noted.count} entries were noted before` });
  else if (noted?.next !== undefined && next !== noted.next)
    report({ kind: 'removed', ...place, detail: `the chain was noted to go on at ${noted.next}` });
  else if (hash !== course.hash)
    report({
      kind: 'changed',
      ...place,
      sequence: Math.max(0, expected - 1),
      detail: 'the end has another hash',
    });
}
