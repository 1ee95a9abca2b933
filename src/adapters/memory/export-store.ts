import type { ExportJob } from '../../core/fhir/export/export-job.js';
import type { ExportKey, ExportStore, StoredExport } from '../../ports/export-store.js';

/** Bulk exports in memory, with the semantics of the real store: for unit tests. */
export function createMemoryExportStore(): ExportStore {
  const stored = new Map<string, StoredExport>();
  let changes = 0;
  const keyOf = ({ client, id }: ExportKey): string => `${client}/${id}`;
  const put = (job: ExportJob): void => {
    changes += 1;
    stored.set(keyOf(job), { job: structuredClone(job), etag: String(changes) });
  };
  const jobs = (): readonly StoredExport[] => [...stored.values()];
  return {
    create: (job) => {
      if (stored.has(keyOf(job))) return Promise.reject(new Error('this export exists'));
      put(job);
      return Promise.resolve();
    },
    read: (key) => Promise.resolve(stored.get(keyOf(key))),
    replace: (job, etag) => {
      if (stored.get(keyOf(job))?.etag !== etag) return Promise.resolve('conflict');
      put(job);
      return Promise.resolve('replaced');
    },
    delete: (key) => {
      stored.delete(keyOf(key));
      return Promise.resolve();
    },
    countRunning: (client) =>
      Promise.resolve(jobs().filter(({ job }) => job.client === client && job.status === 'running').length),
    listForgotten: (touchedBefore, limit) =>
      Promise.resolve(
        jobs()
          .filter(({ job }) => job.status === 'running' && job.touchedAt < touchedBefore)
          .slice(0, limit),
      ),
    listExpired: (at, limit) =>
      Promise.resolve(
        jobs()
          .filter(({ job }) => job.expiresAt !== undefined && job.expiresAt <= at)
          .slice(0, limit)
          .map(({ job: { client, id } }) => ({ client, id })),
      ),
  };
}
