import type { ExportKey } from './export-store.js';

/** Exports that are to go on. Who takes one up does a part of it, and sends it again for the next one. */
export interface ExportQueue {
  /** @param notBefore until then it waits */
  send(key: ExportKey, notBefore?: Date): Promise<void>;
}
