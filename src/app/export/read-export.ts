/** What a client is told of its export, and given of it. */
import { ExchangeError } from '../../core/errors.js';
import { namedFiles, withEnd, type ExportJob } from '../../core/fhir/export/export-job.js';
import type { AccessPolicy } from '../../core/governance/access-policy.js';
import type { AccessRequest } from '../../core/governance/access-request.js';
import { isAsWide } from '../../core/governance/as-wide.js';
import { compileDecisions } from '../../core/governance/decide.js';
import { decisionReasons } from '../../core/governance/decision-reasons.js';
import type { Clock } from '../../ports/clock.js';
import type { ExportFiles } from '../../ports/export-files.js';
import type { ExportKey, ExportStore } from '../../ports/export-store.js';
import type { RecordStore } from '../../ports/record-store.js';
import type { JudgeFor } from '../access/judge.js';
import { stillGiven } from './still-given.js';

export interface ReadDependencies {
  readonly exports: ExportStore;
  readonly files: ExportFiles;
  readonly policy: AccessPolicy;
  readonly clock: Clock;
  readonly records: RecordStore;
  readonly judgeFor: JudgeFor;
}

/**
 * An export of the client, which runs or is done.
 *
 * @throws ExchangeError HDE_EXPORT_NOT_FOUND for one that is somebody else's, was cancelled, or is gone; and that by which
 * it failed
 */
export async function findExport(
  { exports, clock }: Pick<ReadDependencies, 'exports' | 'clock'>,
  key: ExportKey,
): Promise<ExportJob> {
  const job = (await exports.read(key))?.job;
  const isGone = job?.expiresAt !== undefined && job.expiresAt <= clock.now().toISOString();
  if (job === undefined || isGone || job.status === 'cancelled')
    throw new ExchangeError('HDE_EXPORT_NOT_FOUND');
  if (job.status === 'failed') throw new ExchangeError(job.errorCode ?? 'HDE_INTERNAL');
  return job;
}

/** Attempts to cancel an export that goes on meanwhile. */
const maxAttempts = 20;

/**
 * Cancels an export, or ends its time: its files are deleted at once, and again by whoever deletes what is gone.
 *
 * @throws ExchangeError HDE_EXPORT_NOT_FOUND
 */
export async function cancelExport(
  deps: Pick<ReadDependencies, 'exports' | 'files' | 'clock'>,
  key: ExportKey,
): Promise<void> {
  const { exports, files, clock } = deps;
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const stored = await exports.read(key);
    if (stored === undefined) throw new ExchangeError('HDE_EXPORT_NOT_FOUND');
    if (stored.job.status === 'cancelled') {
      // Whoever cancelled it may not have come to its files, or may be this request, whose answer was lost on its way.
      await files.deleteAll(key.id);
      if (attempt > 1) return;
      throw new ExchangeError('HDE_EXPORT_NOT_FOUND');
    }
    // Kept for an hour, so that whoever goes on with it learns of it.
    const cancelled = withEnd(stored.job, 'cancelled', clock.now(), 1);
    if ((await exports.replace(cancelled, stored.etag)) === 'replaced') return files.deleteAll(key.id);
  }
  throw new ExchangeError('HDE_CONCURRENT_UPDATE');
}

/**
 * A file of an export that is done: those of its records that may still be given, decided on again one by one.
 *
 * @param request what the client may do today
 * @throws ExchangeError HDE_EXPORT_NOT_FOUND, or HDE_FORBIDDEN where the policy gives no record of the type any more, or
 * less than to the token for which the file was made
 */
export async function openExportFile(
  deps: ReadDependencies,
  key: ExportKey,
  name: string,
  request: AccessRequest,
): Promise<AsyncIterable<Uint8Array>> {
  const job = await findExport(deps, key);
  const file = job.status === 'done' ? namedFiles(job).find((each) => each.name === name) : undefined;
  if (file === undefined) throw new ExchangeError('HDE_EXPORT_NOT_FOUND');
  // Asked for a purpose, files are not fetched for another one.
  if (request.purpose !== job.asker.purpose)
    throw new ExchangeError('HDE_FORBIDDEN', { detail: decisionReasons['purpose-not-allowed'].text });
  const refusal = compileDecisions(request, deps.policy).refusalOf(file.type);
  if (refusal !== undefined)
    throw new ExchangeError('HDE_FORBIDDEN', { detail: decisionReasons[refusal.reason].text });
  // What a narrower token would not have been given is not given to it now.
  if (
    !isAsWide(request.principal, job.asker.principal, { interaction: 'export', type: file.type }, deps.policy)
  )
    throw new ExchangeError('HDE_FORBIDDEN', { detail: decisionReasons['outside-scope'].text });
  const content = await deps.files.read(`${key.id}/${name}`);
  if (content === undefined) throw new ExchangeError('HDE_EXPORT_NOT_FOUND');
  const newJudge = () => deps.judgeFor({ ...request, now: deps.clock.now().getTime() });
  return stillGiven({ records: deps.records, newJudge }, file.type, content);
}
