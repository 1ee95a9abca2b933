/** Takes up a bulk export. */
import { ExchangeError, type Issue } from '../../core/errors.js';
import type { ParameterPair } from '../../core/fhir/bundle.js';
import type { ExportAsker, ExportJob } from '../../core/fhir/export/export-job.js';
import {
  exportedTypes,
  readExport,
  type AskedExport,
  type ExportLevel,
} from '../../core/fhir/export/read-export.js';
import type { AccessPolicy } from '../../core/governance/access-policy.js';
import { compileDecisions } from '../../core/governance/decide.js';
import { decisionReasons } from '../../core/governance/decision-reasons.js';
import type { Clock } from '../../ports/clock.js';
import type { ExportQueue } from '../../ports/export-queue.js';
import type { ExportStore } from '../../ports/export-store.js';
import { refusalOf } from '../fhir/refusal.js';

export interface BeginDependencies {
  readonly exports: ExportStore;
  readonly queue: ExportQueue;
  readonly policy: AccessPolicy;
  readonly clock: Clock;
}

/** A bulk export that somebody asks for. */
export interface ExportRequest {
  /** Of the job, if one is made. */
  readonly id: string;
  /** Keyed hash of organisation and subject. */
  readonly client: string;
  readonly asker: ExportAsker;
  readonly level: ExportLevel;
  readonly parameters: readonly ParameterPair[];
  readonly prefer: string | undefined;
  readonly accept: string | undefined;
}

/** As many exports of one client run at a time. */
const mostRunning = 2;

/** When a client may ask again, in seconds. */
const againAfter = 120;

/** Commits that were under way at the time of an export are visible after this, in milliseconds. */
const settling = 10_000;

/**
 * Keeps the export, which the queue then carries out.
 *
 * @returns what was passed over
 * @throws ExchangeError HDE_FORBIDDEN where the policy gives nothing of what is asked for, whatever is stored;
 * HDE_EXPORT_LIMIT for more than a client may have at once; and those of reading the request
 */
export async function beginExport(
  deps: BeginDependencies,
  request: ExportRequest,
): Promise<readonly Issue[]> {
  const { exports, queue, clock } = deps;
  const asked = readExport(request);
  if (!asked.ok) throw refusalOf(asked.error);
  const now = clock.now();
  const types = permittedTypes(deps.policy, request, asked.value, now);
  if ((await exports.countRunning(request.client)) >= mostRunning)
    throw new ExchangeError('HDE_EXPORT_LIMIT', {
      detail: `at most ${mostRunning} at once`,
      retryAfterSeconds: againAfter,
    });
  const job = jobOf(request, asked.value, types, now.toISOString());
  await exports.create(job);
  try {
    await queue.send(job, new Date(now.getTime() + settling));
  } catch {
    // It is kept: whoever looks for forgotten exports takes it up.
  }
  return asked.value.ignored;
}

function permittedTypes(
  policy: AccessPolicy,
  { asker, level }: ExportRequest,
  { types }: AskedExport,
  now: Date,
): readonly string[] {
  const { principal, purpose } = asker;
  if (principal.kind === 'patient')
    throw new ExchangeError('HDE_FORBIDDEN', { detail: 'Patients read their own record with $everything.' });
  const request = {
    principal,
    purpose,
    now: now.getTime(),
    interaction: 'export',
    breakGlass: undefined,
  } as const;
  const compiled = compileDecisions(request, policy);
  const wanted = types ?? exportedTypes(level);
  const refusals = wanted.map((type) => ({ type, refusal: compiled.refusalOf(type) }));
  const refused = refusals.find(({ refusal }) => refusal !== undefined);
  const given = refusals.filter(({ refusal }) => refusal === undefined).map(({ type }) => type);
  // Of what was asked for by name nothing is left out.
  if (refused?.refusal !== undefined && (types !== undefined || given.length === 0))
    throw new ExchangeError('HDE_FORBIDDEN', {
      ...(types === undefined ? {} : { location: refused.type }),
      detail: decisionReasons[refused.refusal.reason].text,
    });
  return given;
}

function jobOf(
  { id, client, asker, level }: ExportRequest,
  { types: named, since }: AskedExport,
  types: readonly string[],
  at: string,
): ExportJob {
  const query = new URLSearchParams({
    ...(named === undefined ? {} : { _type: named.join(',') }),
    ...(since === undefined ? {} : { _since: since }),
  }).toString();
  return {
    ...{ id, client, asker, types, status: 'running' },
    // What was obeyed, and nothing else that somebody wrote.
    request: `/fhir/${level === 'patient' ? 'Patient/' : ''}$export${query === '' ? '' : `?${query}`}`,
    ...(since === undefined ? {} : { since }),
    ...{ transactionTime: at, touchedAt: at, typesDone: 0, files: [], resumed: 0 },
  };
}
