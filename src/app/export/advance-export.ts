/** Carries out a part of a bulk export. */
import {
  nextStep,
  openName,
  typeOf,
  withEnd,
  withFile,
  withNextType,
  withPage,
  type ExportJob,
} from '../../core/fhir/export/export-job.js';
import type { Clock } from '../../ports/clock.js';
import type { ExportKey, ExportStore } from '../../ports/export-store.js';
import type { JudgeFor } from '../access/judge.js';
import { exportPage, type PageDependencies } from './export-page.js';

export interface AdvanceDependencies extends Omit<PageDependencies, 'judge'> {
  readonly exports: ExportStore;
  readonly judgeFor: JudgeFor;
  readonly clock: Clock;
  /** How long an export is kept once it is done, in hours. */
  readonly hours: number;
}

/** What became of a part. */
export interface Advanced {
  /** `waiting`: there is more to do. `ended`: there is not, or somebody else does it. */
  readonly outcome: 'waiting' | 'done' | 'ended';
  /** Records given of which somebody is to know. */
  readonly alerts: number;
  /** Who gets them, and for which organisation; undefined where there is nothing to do. */
  readonly subject: string | undefined;
  readonly organisation: string | undefined;
}

/**
 * Goes on with an export from where it stands, for about `longestMs`. What it had done before it was interrupted, it finds
 * done; of two who go on with one, only one gets on.
 */
export async function advanceExport(
  deps: AdvanceDependencies,
  key: ExportKey,
  longestMs: number,
): Promise<Advanced> {
  const started = deps.clock.now().getTime();
  let alerts = 0;
  let subject: string | undefined;
  let organisation: string | undefined;
  const ended = (outcome: Advanced['outcome']): Advanced => ({ outcome, alerts, subject, organisation });
  for (;;) {
    const stored = await deps.exports.read(key);
    if (stored?.job.status !== 'running') return ended('ended');
    ({ subject, organisation } = stored.job.asker.principal);
    const next = await advance(deps, stored.job);
    alerts += next.alerts;
    const { status } = next.job;
    const isReplaced = (await deps.exports.replace(next.job, stored.etag)) === 'replaced';
    if (!isReplaced) return ended('ended');
    if (status === 'done') return ended('done');
    if (deps.clock.now().getTime() - started >= longestMs) return ended('waiting');
  }
}

/** The job after its next step. */
async function advance(
  deps: AdvanceDependencies,
  job: ExportJob,
): Promise<{ readonly job: ExportJob; readonly alerts: number }> {
  const now = deps.clock.now();
  const at = now.toISOString();
  const type = typeOf(job);
  switch (nextStep(job)) {
    case 'page': {
      // Decided anew each time, so that what has changed since counts.
      const judge = deps.judgeFor({ ...job.asker, now: now.getTime() });
      const { page, alerts } = await exportPage({ ...deps, judge }, job, type ?? '');
      return { job: withPage(job, page, at), alerts };
    }
    case 'file':
      await deps.files.finish(`${job.id}/${openName(job)}`, job.open?.blocks ?? []);
      return { job: withFile(job, at), alerts: 0 };
    case 'type':
      return { job: withNextType(job, at), alerts: 0 };
    case 'end':
      return { job: withEnd(job, 'done', now, deps.hours), alerts: 0 };
  }
}
