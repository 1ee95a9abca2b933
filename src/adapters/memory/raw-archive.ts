import type { RawArchive } from '../../ports/raw-archive.js';

/** An archive in memory, with the semantics of the real one: for unit tests. */
export function createMemoryRawArchive(): RawArchive {
  const blobs = new Map<string, { readonly bytes: Uint8Array; readonly storedAt: string }>();
  const put = (path: string, bytes: Uint8Array): Promise<void> => {
    if (!blobs.has(path))
      blobs.set(path, { bytes: Uint8Array.from(bytes), storedAt: new Date().toISOString() });
    return Promise.resolve();
  };
  return {
    put,
    async putUnnamed(chunks) {
      const held: Uint8Array[] = [];
      for await (const chunk of chunks) held.push(chunk);
      return { putAt: (path) => put(path, Buffer.concat(held)), discard: () => Promise.resolve() };
    },
    get: (path) => Promise.resolve(blobs.get(path)?.bytes),
    list(prefix, { limit, continuation = '' }) {
      const paths = [...blobs.keys()].filter((path) => path.startsWith(prefix) && path > continuation).sort();
      const page = paths.slice(0, limit);
      const entries = page.map((path) => ({ path, storedAt: blobs.get(path)?.storedAt ?? '' }));
      const last = page.at(-1);
      const isLast = last === undefined || page.length === paths.length;
      return Promise.resolve({ entries, ...(isLast ? {} : { continuation: last }) });
    },
  };
}
