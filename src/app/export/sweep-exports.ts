/** Takes up exports that nobody goes on with, and deletes those that are gone. */
import { withEnd } from '../../core/fhir/export/export-job.js';
import type { Clock } from '../../ports/clock.js';
import type { ExportFiles } from '../../ports/export-files.js';
import type { ExportQueue } from '../../ports/export-queue.js';
import type { ExportStore } from '../../ports/export-store.js';

export interface SweepDependencies {
  readonly exports: ExportStore;
  readonly files: ExportFiles;
  readonly queue: ExportQueue;
  readonly clock: Clock;
  /** Age of the last step from which an export counts as forgotten. */
  readonly forgottenAfterSeconds: number;
  /** How long an export is kept once it has ended, in hours. */
  readonly hours: number;
}

/** What was done. */
export interface SweptExports {
  readonly resumed: number;
  readonly failed: number;
  readonly deleted: number;
}

/** So many are looked at in one run. */
const atOnce = 100;

/** What does not get on after so many attempts never will. */
const mostResumed = 10;

export async function sweepExports(deps: SweepDependencies): Promise<SweptExports> {
  const { exports, files, clock } = deps;
  const deleted = await exports.listExpired(clock.now().toISOString(), atOnce);
  for (const key of deleted) {
    await files.deleteAll(key.id);
    await exports.delete(key);
  }
  return { ...(await resume(deps)), deleted: deleted.length };
}

async function resume({
  exports,
  queue,
  clock,
  forgottenAfterSeconds,
  hours,
}: SweepDependencies): Promise<Omit<SweptExports, 'deleted'>> {
  const now = clock.now();
  const before = new Date(now.getTime() - forgottenAfterSeconds * 1000).toISOString();
  let [resumed, failed] = [0, 0];
  for (const { job, etag } of await exports.listForgotten(before, atOnce)) {
    const isHopeless = job.resumed >= mostResumed;
    const next = isHopeless
      ? { ...withEnd(job, 'failed', now, hours), errorCode: 'HDE_INTERNAL' as const }
      : { ...job, touchedAt: now.toISOString(), resumed: job.resumed + 1 };
    // Who was faster goes on with it.
    if ((await exports.replace(next, etag)) === 'conflict') continue;
    if (isHopeless) failed += 1;
    else {
      await queue.send(job);
      resumed += 1;
    }
  }
  return { resumed, failed };
}
