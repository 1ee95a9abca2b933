/** Exports that are cancelled while the store or the files fail. */
import { expect, test } from '@jest/globals';
import { cancelExport } from '../../../src/app/export/read-export.js';
import { aRecord, aWorld, store } from './export-world.js';

async function done() {
  const world = aWorld();
  await store(world, aRecord('Patient/p1'));
  const key = await world.begin();
  await world.run(key);
  const file = () => world.deps.files.read(`${key.id}/Patient.1.ndjson`);
  expect(await file()).toBeDefined();
  return { ...world, key, file };
}

test('an export of which the store says that it was not cancelled, though it was, is gone with its files', async () => {
  const { deps, key, file, find } = await done();
  const exports: typeof deps.exports = {
    ...deps.exports,
    replace: async (...given) => {
      await deps.exports.replace(...given);
      return 'conflict';
    },
  };
  await cancelExport({ ...deps, exports }, key);
  expect(await file()).toBeUndefined();
  await expect(find(key)).rejects.toMatchObject({ code: 'HDE_EXPORT_NOT_FOUND' });
});

test('files of an export that was cancelled and left them are deleted when it is cancelled again', async () => {
  const { deps, key, file, cancel } = await done();
  const files = { ...deps.files, deleteAll: () => Promise.reject(new Error('away')) };
  await expect(cancelExport({ ...deps, files }, key)).rejects.toThrow('away');
  expect(await file()).toBeDefined();
  await expect(cancel(key)).rejects.toMatchObject({ code: 'HDE_EXPORT_NOT_FOUND' });
  expect(await file()).toBeUndefined();
});
