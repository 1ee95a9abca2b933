/** A journal beside a snapshot: what changed in a Loki database since it was written as a whole. */
import { appendFileSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** A document of Loki; `$loki` is its id within its collection. */
export interface LokiDocument {
  readonly $loki: number;
}

/** What Loki writes of a database, as far as it matters here. */
export interface LokiSnapshot {
  readonly collections: readonly {
    readonly name: string;
    data: LokiDocument[];
    /** The highest id that was given. */
    maxId: number;
  }[];
}

/** A document was written, or the one of an id was removed. */
export type Change =
  | readonly [kind: 'set', collection: string, document: LokiDocument]
  | readonly [kind: 'delete', collection: string, id: number];

/** Changes of one database, in files beside it that are numbered in their order. */
export interface Journal {
  /** What was kept, oldest first. A last line that was cut off was never answered for. */
  read(): Change[];
  /** Keeps a change; it survives the end of the process. Answers the bytes since the last `begin`. */
  append(change: Change): number;
  /**
   * Begins a new file; the function that it answers removes all earlier ones. To be called when a snapshot is taken,
   * and the function when it has been written.
   */
  begin(): () => void;
}

/** The journal of a database file. */
export function openJournal(databaseFile: string): Journal {
  const folder = dirname(databaseFile);
  const prefix = `${basename(databaseFile)}.journal-`;
  const numbers = (): number[] =>
    readdirSync(folder)
      .filter((name) => name.startsWith(prefix))
      .map((name) => Number(name.slice(prefix.length)))
      .sort((a, b) => a - b);
  const fileOf = (number: number): string => join(folder, `${prefix}${number}`);
  let current = (numbers().at(-1) ?? 0) + 1;
  let bytes = 0;
  return {
    read: () => numbers().flatMap((number) => readChanges(readFileSync(fileOf(number), 'utf8'))),
    append(change) {
      const line = `${JSON.stringify(change)}\n`;
      appendFileSync(fileOf(current), line);
      bytes += line.length;
      return bytes;
    },
    begin() {
      current += 1;
      bytes = 0;
      const first = current;
      return () => {
        for (const number of numbers()) if (number < first) rmSync(fileOf(number));
      };
    },
  };
}

function readChanges(text: string): Change[] {
  const lines = text.split('\n');
  lines.pop(); // nothing, or a line that was cut off
  return lines.map((line) => JSON.parse(line) as Change);
}

/** Brings a snapshot up to date. Changes that it holds already change nothing in the end. */
export function applyChanges(snapshot: LokiSnapshot, changes: readonly Change[]): void {
  for (const collection of snapshot.collections) {
    const documents = new Map(collection.data.map((document) => [document.$loki, document]));
    for (const [kind, name, what] of changes) {
      if (name !== collection.name) continue;
      if (kind === 'delete') {
        documents.delete(what);
      } else {
        documents.set(what.$loki, what);
        collection.maxId = Math.max(collection.maxId, what.$loki);
      }
    }
    // Loki expects ascending ids.
    collection.data = [...documents.values()].sort((a, b) => a.$loki - b.$loki);
  }
}
