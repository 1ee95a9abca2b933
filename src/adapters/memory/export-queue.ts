import type { ExportQueue } from '../../ports/export-queue.js';
import type { ExportKey } from '../../ports/export-store.js';

/** What was sent, without waiting: for unit tests. */
export function createMemoryExportQueue(): ExportQueue & { readonly sent: readonly ExportKey[] } {
  const sent: ExportKey[] = [];
  return {
    sent,
    send: ({ client, id }) => {
      sent.push({ client, id });
      return Promise.resolve();
    },
  };
}
