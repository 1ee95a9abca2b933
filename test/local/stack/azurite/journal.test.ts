import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { applyChanges, openJournal, type Change } from '../../../../local/stack/azurite/journal.js';

let folder = '';
let database = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hde-journal-'));
  database = join(folder, 'index.json');
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const set = (id: number): Change => ['set', 'blobs', { $loki: id }];

test('a journal that is opened again holds all changes in their order', () => {
  const journal = openJournal(database);
  journal.append(set(1));
  journal.append(['delete', 'blobs', 1]);
  openJournal(database).append(set(2));
  expect(openJournal(database).read()).toEqual([set(1), ['delete', 'blobs', 1], set(2)]);
});

test('a line that was cut off counts as never written, also when later ones follow', () => {
  const journal = openJournal(database);
  journal.append(set(1));
  const [file] = readdirSync(folder);
  appendFileSync(join(folder, file!), '["set","blo');
  openJournal(database).append(set(2));
  expect(openJournal(database).read()).toEqual([set(1), set(2)]);
});

test('a snapshot takes the place of what came before it, once it is written, and of nothing that came later', () => {
  const journal = openJournal(database);
  journal.append(set(1));
  const removeEarlier = journal.begin();
  journal.append(set(2));
  expect(journal.read()).toEqual([set(1), set(2)]);
  removeEarlier();
  expect(journal.read()).toEqual([set(2)]);
});

test('the size of a journal is counted from its last beginning', () => {
  const journal = openJournal(database);
  const one = journal.append(set(1));
  expect(journal.append(set(1))).toBe(2 * one);
  journal.begin();
  expect(journal.append(set(1))).toBe(one);
});

test('changes bring a snapshot up to date, in the order of ids, each collection by itself', () => {
  const old = { $loki: 2, size: 1 };
  const snapshot = {
    collections: [
      { name: 'blobs', data: [{ $loki: 1 }, old], maxId: 2 },
      { name: 'blocks', data: [{ $loki: 1 }], maxId: 1 },
    ],
  };
  const changed = { $loki: 2, size: 7 };
  applyChanges(snapshot, [set(4), ['delete', 'blobs', 1], ['set', 'blobs', changed], set(3)]);
  expect(snapshot.collections).toEqual([
    { name: 'blobs', data: [changed, { $loki: 3 }, { $loki: 4 }], maxId: 4 },
    { name: 'blocks', data: [{ $loki: 1 }], maxId: 1 },
  ]);
});

test('changes that a snapshot holds already change nothing', () => {
  const changes: Change[] = [set(1), set(2), ['delete', 'blobs', 1]];
  const snapshot = { collections: [{ name: 'blobs', data: [{ $loki: 2 }], maxId: 2 }] };
  applyChanges(snapshot, changes);
  expect(snapshot.collections).toEqual([{ name: 'blobs', data: [{ $loki: 2 }], maxId: 2 }]);
});
