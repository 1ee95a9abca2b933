import { Buffer } from 'node:buffer';
import type { ExportFiles } from '../../ports/export-files.js';

/** Files of bulk exports in memory, with the semantics of the real ones: for unit tests. */
export function createMemoryExportFiles(): ExportFiles {
  const staged = new Map<string, Uint8Array>();
  const finished = new Map<string, Uint8Array>();
  const keyOf = (path: string, block: string): string => `${path} ${block}`;
  return {
    stage: (path, block, bytes) => {
      staged.set(keyOf(path, block), Uint8Array.from(bytes));
      return Promise.resolve();
    },
    finish: (path, blocks) => {
      const parts = blocks.map((block) => staged.get(keyOf(path, block)));
      if (!parts.every((part) => part !== undefined))
        return Promise.reject(new Error('a block was not staged'));
      finished.set(path, Buffer.concat(parts));
      return Promise.resolve();
    },
    read: (path) => {
      const content = finished.get(path);
      return Promise.resolve(content && iterate(content));
    },
    deleteAll: (job) => {
      for (const path of finished.keys()) if (path.startsWith(`${job}/`)) finished.delete(path);
      return Promise.resolve();
    },
  };
}

// eslint-disable-next-line @typescript-eslint/require-await -- it stands for what comes over a wire
async function* iterate(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content;
}
