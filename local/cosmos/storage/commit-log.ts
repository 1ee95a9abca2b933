import {
  closeSync,
  existsSync,
  fdatasync,
  fsyncSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import type { LogEntry } from './entries.js';

const chunkSize = 1 << 20;
const newline = 0x0a;
const sync = promisify(fdatasync);

/** The complete lines of a file with the offset of each; text after the last newline is not a line. */
function* readLines(
  path: string,
): Generator<{ readonly text: string; readonly start: number; readonly end: number }> {
  const file = openSync(path, 'r');
  try {
    let start = 0;
    let pending: Buffer = Buffer.alloc(0);
    for (;;) {
      const chunk = Buffer.allocUnsafe(chunkSize);
      const length = readSync(file, chunk, 0, chunkSize, null);
      if (length === 0) return;
      pending =
        pending.length === 0
          ? chunk.subarray(0, length)
          : Buffer.concat([pending, chunk.subarray(0, length)]);
      let from = 0;
      for (let at = pending.indexOf(newline); at >= 0; at = pending.indexOf(newline, from)) {
        const end = start + (at + 1 - from);
        yield { text: pending.toString('utf8', from, at), start, end };
        start = end;
        from = at + 1;
      }
      pending = pending.subarray(from);
    }
  } finally {
    closeSync(file);
  }
}

function sizeOf(path: string): number {
  const file = openSync(path, 'r');
  try {
    return fstatSync(file).size;
  } finally {
    closeSync(file);
  }
}

function parseEntry(text: string): LogEntry | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'op' in value ? (value as LogEntry) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Applies every entry of a log in order. What a killed process left behind at the end, a torn or unreadable last
 * line, was never acknowledged and is cut off.
 *
 * @returns how many entries were applied.
 * @throws Error naming the line when a line before the last is damaged, or the format is unknown.
 */
export function replayLog(path: string, apply: (entry: LogEntry) => void): number {
  if (!existsSync(path)) return 0;
  const size = sizeOf(path);
  let good = 0;
  let count = 0;
  for (const line of readLines(path)) {
    const entry = parseEntry(line.text);
    if (entry === undefined) {
      if (line.end === size) break;
      throw new Error(
        `The Cosmos DB log is damaged at line ${count + 1}; later lines exist, so nothing is cut off.`,
      );
    }
    if (entry.op === 'format' && (entry.version as number) !== 1) {
      throw new Error(`The Cosmos DB log has format ${entry.version}; this version reads format 1.`);
    }
    apply(entry);
    good = line.end;
    count += 1;
  }
  if (good < size) truncateSync(path, good);
  return count;
}

function writeFully(file: number, text: string): void {
  const bytes = Buffer.from(text, 'utf8');
  for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
}

/**
 * Replaces the log by other entries. They are written to a temporary file first and renamed, so that a kill leaves
 * either the old log or the new one.
 */
export function rewriteLog(path: string, entries: Iterable<LogEntry>): void {
  const temporary = `${path}.compacting`;
  const file = openSync(temporary, 'w');
  try {
    for (const entry of entries) writeFully(file, `${JSON.stringify(entry)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** Where commits are recorded before they become visible. */
export interface Journal {
  /** Records an entry; it has reached the operating system when the call returns. */
  append(entry: LogEntry): void;
  /** Resolves when everything appended so far is as safe as configured. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** The journal of an endpoint that keeps nothing. */
export const noJournal: Journal = {
  append: () => undefined,
  settled: () => Promise.resolve(),
  close: () => Promise.resolve(),
};

/**
 * An append-only file of JSON lines. A line is written before its commit is applied and before the client gets its
 * answer: a killed process loses nothing acknowledged. With `fsync`, answers also wait until the disk has the line,
 * and all requests that wait share one flush.
 */
export class CommitLog implements Journal {
  readonly #file: number;
  readonly #fsync: boolean;
  #size: number;
  #flushing: Promise<void> | undefined;
  #queued: Promise<void> | undefined;

  constructor(path: string, options: { readonly fsync: boolean }) {
    this.#file = openSync(path, 'a');
    this.#size = fstatSync(this.#file).size;
    this.#fsync = options.fsync;
    if (this.#size === 0) this.append({ op: 'format', version: 1 });
  }

  append(entry: LogEntry): void {
    const text = `${JSON.stringify(entry)}\n`;
    try {
      writeFully(this.#file, text);
      this.#size += Buffer.byteLength(text);
    } catch (error) {
      // A full disk may have taken half of the line: what follows must start on a line of its own.
      ftruncateSync(this.#file, this.#size);
      throw error;
    }
  }

  settled(): Promise<void> {
    if (!this.#fsync) return Promise.resolve();
    // A flush that has begun may have missed the latest lines, so join or start the one after it.
    this.#queued ??= (this.#flushing ?? Promise.resolve()).then(() => {
      this.#queued = undefined;
      this.#flushing = sync(this.#file).finally(() => {
        this.#flushing = undefined;
      });
      return this.#flushing;
    });
    return this.#queued;
  }

  async close(): Promise<void> {
    await this.settled();
    closeSync(this.#file);
  }
}
