import type { RawArchive } from '../../ports/raw-archive.js';

/** An archive in memory, with the semantics of the real one: for unit tests. */
export function createMemoryRawArchive(): RawArchive {
  const blobs = new Map<string, Uint8Array>();
  return {
    put(path, bytes) {
      if (!blobs.has(path)) blobs.set(path, Uint8Array.from(bytes));
      return Promise.resolve();
    },
    get: (path) => Promise.resolve(blobs.get(path)),
  };
}
