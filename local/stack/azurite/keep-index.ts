/**
 * Preloaded into Azurite, which keeps the index of its blobs in memory (Loki), writes all of it every five seconds, and
 * goes through all of it to find one. So `kill -9` would lose the blobs of the last seconds, and the more blobs there
 * are, the slower it would be. Azure does neither:
 *
 * - each change is written to a journal before its request is answered, and the whole index only when that has grown;
 * - blobs are found by their name first, or by its beginning.
 *
 * Nor does a blob wait until the disk has it: what the process has written survives `kill -9`, and only the end of the
 * machine would lose it, which nothing of a local stack is kept through.
 */
import { createRequire } from 'node:module';
import { applyChanges, openJournal, type Journal, type LokiDocument, type LokiSnapshot } from './journal.js';

interface Adapter {
  loadDatabase(file: string, done: (content: unknown) => void): void;
  saveDatabase(file: string, content: string, done: (error?: unknown) => void): void;
}

interface Collection {
  readonly name: string;
  on(event: 'insert' | 'update' | 'delete', listener: (document: LokiDocument) => void): void;
  ensureAllIndexes(force: boolean): void;
}

interface Database {
  readonly filename: string;
  readonly collections: readonly Collection[];
  persistenceAdapter: Adapter | null;
  autosave: boolean;
  saveDatabase(): void;
}

interface Loki {
  prototype: {
    autosaveEnable(this: Database): void;
    addCollection(this: Database, ...args: unknown[]): Collection;
    loadJSONObject(this: Database, ...args: unknown[]): void;
  };
  Resultset: { prototype: { find(query?: unknown, firstOnly?: boolean): unknown } };
}

/** A journal may grow to so many bytes, or to as many as the snapshot has. */
const leastJournalBytes = 16_777_216;

const resolveFrom = createRequire(import.meta.url);
const loki = createRequire(resolveFrom.resolve('azurite/dist/src/blob/main.js'))('lokijs') as Loki;
const journals = new WeakMap<Database, { readonly journal: Journal; limit: number }>();

const files = resolveFrom('node:fs') as { fdatasync: (file: number, done: (error: null) => void) => void };
files.fdatasync = (_file, done) => {
  setImmediate(done, null);
};

const { prototype } = loki;

/** Takes the place of the timer. With `autosave`, closing still writes all. */
prototype.autosaveEnable = function keepJournal() {
  this.autosave = true;
  const adapter = this.persistenceAdapter;
  if (adapter === null || journals.has(this)) return;
  const journal = openJournal(this.filename);
  const kept = { journal, limit: leastJournalBytes };
  journals.set(this, kept);
  this.persistenceAdapter = {
    loadDatabase(file, done) {
      adapter.loadDatabase(file, (content) => {
        if (typeof content !== 'string') {
          done(content);
          return;
        }
        const snapshot = JSON.parse(content) as LokiSnapshot;
        applyChanges(snapshot, journal.read());
        done(snapshot);
      });
    },
    saveDatabase(file, content, done) {
      kept.limit = Math.max(leastJournalBytes, content.length);
      const removeEarlier = journal.begin();
      adapter.saveDatabase(file, content, (error) => {
        if (!error) removeEarlier();
        done(error);
      });
    },
  };
};

// eslint-disable-next-line @typescript-eslint/unbound-method -- called with its object below
const { addCollection, loadJSONObject } = prototype;
prototype.addCollection = function addKeptCollection(...args) {
  const count = this.collections.length;
  const collection = addCollection.apply(this, args);
  const kept = journals.get(this);
  if (kept === undefined || this.collections.length === count) return collection;
  const { journal } = kept;
  const saveWhenLong = (bytes: number) => {
    if (bytes > kept.limit) this.saveDatabase();
  };
  const set = (document: LokiDocument) => {
    saveWhenLong(journal.append(['set', collection.name, document]));
  };
  collection.on('insert', set);
  collection.on('update', set);
  collection.on('delete', ({ $loki }) => {
    saveWhenLong(journal.append(['delete', collection.name, $loki]));
  });
  return collection;
};

prototype.loadJSONObject = function loadAndIndex(...args) {
  loadJSONObject.apply(this, args);
  // The indexes in the snapshot know nothing of the journal.
  for (const collection of this.collections) collection.ensureAllIndexes(true);
};

// Loki looks up the first property of a query only, and compares the others one by one.
const resultset = loki.Resultset.prototype;
// eslint-disable-next-line @typescript-eslint/unbound-method -- called with its object below
const { find } = resultset;
resultset.find = function findByName(query, firstOnly) {
  return find.call(this, nameFirst(query), firstOnly);
};

function nameFirst(query: unknown): unknown {
  if (typeof query !== 'object' || query === null || !('name' in query)) return query;
  const { name, ...others } = query;
  // Loki takes conditions apart and comes here with each: those that stand alone are done.
  if (Object.keys(others).length === 0) return query;
  const prefix = prefixOf(name);
  if (prefix === undefined) return { name, ...others };
  // The second condition decides; the first one is what the index knows.
  const span = { $between: [prefix, `${prefix}\uFFFF`] };
  return {
    $and: [{ name: span }, { name }, ...Object.entries(others).map(([key, value]) => ({ [key]: value }))],
  };
}

/** The beginning of the names that a list asks for; Azurite makes an escaped pattern of it. */
function prefixOf(name: unknown): string | undefined {
  const pattern = (name as { readonly $regex?: unknown } | null)?.$regex;
  return typeof pattern === 'string' ? pattern.replace(/^\^/, '').replaceAll(/\\(.)/gs, '$1') : undefined;
}
