/** One page of an export: which records it looks at, as they were at its time, and which of them it gives. */
import { randomUUID } from 'node:crypto';
import type { Criterion } from '../../core/fhir/search/criteria.js';
import {
  mostOfFile,
  openName,
  type ExportedPage,
  type ExportJob,
} from '../../core/fhir/export/export-job.js';
import { toJson } from '../../core/fhir/json-text.js';
import { codeOfPurpose } from '../../core/governance/access-vocabulary.js';
import type { Decision, ReasonCode } from '../../core/governance/decision-reasons.js';
import { placeKey } from '../../core/records/ids.js';
import type { CurrentDocument, VersionDocument } from '../../core/records/types.js';
import type { ExportFiles } from '../../ports/export-files.js';
import type { RecordStore } from '../../ports/record-store.js';
import type { Judge } from '../access/judge.js';
import { patientOf } from '../access/record-facts.js';
import { recordAccess, type AuditedDependencies } from '../audit/audited.js';

export interface PageDependencies extends AuditedDependencies {
  readonly records: RecordStore;
  readonly files: ExportFiles;
  readonly judge: Judge;
}

/** So many records are held at once. */
const pageSize = 100;

/** A record, and what it said at the time of the export. */
interface Looked {
  readonly current: CurrentDocument;
  /** Undefined where it was not there then, or is older than is asked for. */
  readonly stated: CurrentDocument | VersionDocument | undefined;
}

/** A line of a file, why it is given, and what it is about. */
interface Line {
  readonly text: string;
  readonly decision: Decision;
  readonly record: string;
  readonly patient: string | undefined;
}

/** What a page led to. */
export interface PageOutcome {
  readonly page: ExportedPage;
  /** Records given of which somebody is to know. */
  readonly alerts: number;
}

/**
 * Looks at the next records of the type, and stages those that are given. Whoever gets them is in the audit trail before.
 *
 * @param type that is being exported
 */
export async function exportPage(deps: PageDependencies, job: ExportJob, type: string): Promise<PageOutcome> {
  const found = await deps.records.findRecords(
    { resourceType: type, criterion: criterionOf(job) },
    { limit: pageSize, ...(job.after === undefined ? {} : { continuation: job.after }) },
  );
  const looked = await Promise.all(found.documents.map((current) => lookAt(deps.records, job, current)));
  const { lines, isCut, last } = fit(job, looked, await linesOf(deps.judge, looked));
  await recordLines(deps, job, lines);
  const text = lines.map((line) => `${line.text}\n`).join('');
  const bytes = Buffer.from(text);
  const name = randomUUID();
  if (lines.length > 0) await deps.files.stage(`${job.id}/${openName(job)}`, name, bytes);
  return {
    alerts: lines.filter(({ decision }) => decision.obligations.includes('alert')).length,
    page: {
      after: last === undefined ? undefined : placeKey(last),
      isLast: !isCut && found.continuation === undefined,
      ...(lines.length === 0 ? {} : { block: { name, count: lines.length, bytes: bytes.length } }),
    },
  };
}

/**
 * A version says when it was stored, which may be so long, in milliseconds, before it can be read: a message that is staged
 * in many batches, or held up by a busy store, becomes visible at the end. It has as long as its session is kept for it
 * (host.json, `maxAutoLockRenewalDuration`); clients are answered sooner.
 */
export const longestUntilVisible = 300_000;

/**
 * The instant after which a record must have been stored to be looked at. An export that began while it was being stored did
 * not see it, and its time is the `_since` of the next: some records come in both, and none is missing in both.
 */
const startOf = ({ since }: ExportJob): string | undefined =>
  since === undefined ? undefined : new Date(Date.parse(since) - longestUntilVisible).toISOString();

function criterionOf(job: ExportJob): Criterion {
  const start = startOf(job);
  return start === undefined
    ? { kind: 'all', of: [] }
    : { kind: 'lastUpdated', test: [[{ field: 'lo', operator: '>', value: start }]] };
}

async function lookAt(records: RecordStore, job: ExportJob, current: CurrentDocument): Promise<Looked> {
  const stated = await statedAt(records, job.transactionTime, current);
  const start = startOf(job);
  const isOlder = stated !== undefined && start !== undefined && stated.lastUpdated <= start;
  return { current, stated: isOlder ? undefined : stated };
}

/** Versions that are read at once. */
const versionsAtOnce = 10;

/** What a record said at a time: it may have been changed since. */
async function statedAt(
  records: RecordStore,
  time: string,
  current: CurrentDocument,
): Promise<CurrentDocument | VersionDocument | undefined> {
  if (current.lastUpdated <= time) return current;
  const { resourceType, fhirId, partition } = current;
  let before = current.versionId;
  for (;;) {
    const page = { limit: versionsAtOnce, before };
    const versions = await records.listVersions(resourceType, fhirId, page, partition);
    const version = versions.find(({ lastUpdated }) => lastUpdated <= time);
    if (version !== undefined) return version.kind === 'deleted' ? undefined : version;
    const last = versions.at(-1);
    if (last === undefined || versions.length < versionsAtOnce) return undefined;
    before = last.versionId;
  }
}

/** The lines of those that are given: what stands and what is told both have to be for the asker. */
async function linesOf(judge: Judge, looked: readonly Looked[]): Promise<readonly (Line | undefined)[]> {
  const documents = looked.flatMap(({ current, stated }) =>
    stated === undefined ? [] : stated === current ? [current] : [current, stated],
  );
  const decided = documents.length === 0 ? [] : await judge.decide('export', documents);
  const decisions = new Map(documents.map((document, at) => [document, decided[at]]));
  return looked.map(({ current, stated }) => {
    if (stated === undefined) return undefined;
    const [first, second] = [decisions.get(current), decisions.get(stated)];
    if (first?.outcome !== 'permit' || second?.outcome !== 'permit') return undefined;
    const { resourceType, fhirId, versionId, resource, decimals } = stated;
    return {
      text: toJson(resource, decimals === undefined ? {} : { decimals }),
      decision: first.obligations.includes('alert') ? first : second,
      record: `${resourceType}/${fhirId}/_history/${versionId}`,
      patient: patientOf(stated),
    };
  });
}

/** As many lines as the file takes. */
function fit(
  { open }: ExportJob,
  looked: readonly Looked[],
  all: readonly (Line | undefined)[],
): { readonly lines: readonly Line[]; readonly isCut: boolean; readonly last: CurrentDocument | undefined } {
  const lines: Line[] = [];
  let [count, bytes] = [open?.count ?? 0, open?.bytes ?? 0];
  for (const [at, line] of all.entries()) {
    if (line === undefined) continue;
    lines.push(line);
    count += 1;
    bytes += Buffer.byteLength(line.text) + 1;
    const isCut = (count >= mostOfFile.count || bytes >= mostOfFile.bytes) && at + 1 < all.length;
    if (isCut) return { lines, isCut, last: looked[at]?.current };
  }
  return { lines, isCut: false, last: looked.at(-1)?.current };
}

/** One entry for each reason. */
async function recordLines(
  deps: AuditedDependencies,
  { id, asker }: ExportJob,
  lines: readonly Line[],
): Promise<void> {
  const { principal, purpose, onBehalfOf } = asker;
  const access = {
    ...{ request: id, interaction: 'export', subject: principal.subject, onBehalfOf },
    ...{ organisation: principal.organisation, purpose: purpose && codeOfPurpose[purpose] },
  };
  const reasons = new Set(lines.map(({ decision }): ReasonCode => decision.reason));
  for (const reason of reasons) {
    const own = lines.filter(({ decision }) => decision.reason === reason);
    await recordAccess(deps, { ...access, reason }, 'done', {
      records: own.map(({ record }) => record),
      patients: [...new Set(own.flatMap(({ patient }) => patient ?? []))],
    });
  }
}
