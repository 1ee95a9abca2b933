import type { ExportJob } from '../core/fhir/export/export-job.js';

/** A job, and the tag that proves it has not changed since. */
export interface StoredExport {
  readonly job: ExportJob;
  readonly etag: string;
}

/** Which job. */
export type ExportKey = Pick<ExportJob, 'client' | 'id'>;

/** Bulk exports, by client. */
export interface ExportStore {
  create(job: ExportJob): Promise<void>;
  read(key: ExportKey): Promise<StoredExport | undefined>;
  /** `conflict`: somebody else has changed it since, or it is gone. */
  replace(job: ExportJob, etag: string): Promise<'replaced' | 'conflict'>;
  delete(key: ExportKey): Promise<void>;
  /** How many of a client's jobs have not ended. */
  countRunning(client: string): Promise<number>;
  /** Up to `limit` jobs that are not ended and were last touched before an ISO instant. */
  listForgotten(touchedBefore: string, limit: number): Promise<readonly StoredExport[]>;
  /** Up to `limit` jobs that are gone at an ISO instant. */
  listExpired(at: string, limit: number): Promise<readonly ExportKey[]>;
}
