/** Bulk exports over stores in memory, whose queue a test empties by itself. */
import type { Resource } from 'fhir/r4.js';
import { createMemoryExportFiles } from '../../../src/adapters/memory/export-files.js';
import { createMemoryExportStore } from '../../../src/adapters/memory/export-store.js';
import { createMemoryRecordStore } from '../../../src/adapters/memory/record-store.js';
import { advanceExport } from '../../../src/app/export/advance-export.js';
import { beginExport, type ExportRequest } from '../../../src/app/export/begin-export.js';
import { cancelExport, findExport, openExportFile } from '../../../src/app/export/read-export.js';
import { sweepExports } from '../../../src/app/export/sweep-exports.js';
import { namedFiles } from '../../../src/core/fhir/export/export-job.js';
import type { AccessPolicy } from '../../../src/core/governance/access-policy.js';
import type { AccessPrincipal, PatientFacts } from '../../../src/core/governance/access-request.js';
import type { AuditEntry } from '../../../src/core/governance/audit/entry.js';
import type { CurrentDocument, RecordDocument } from '../../../src/core/records/types.js';
import { currentDocument } from '../../../src/core/records/versions.js';
import type { ExportKey } from '../../../src/ports/export-store.js';
import { policy as worldPolicy, system } from '../../core/governance/access-cases.js';
import { plainJudge } from '../../support/judge.js';

export const client: AccessPrincipal = { ...system, subject: 'warehouse' };

export function aWorld(policy: AccessPolicy = worldPolicy) {
  const patients = new Map<string, Partial<PatientFacts>>();
  const queued: { readonly key: ExportKey; readonly notBefore: Date | undefined }[] = [];
  const entries: AuditEntry[] = [];
  const world = { now: '2026-06-15T12:00:00.000Z', policy };
  const deps = {
    records: createMemoryRecordStore(),
    exports: createMemoryExportStore(),
    files: createMemoryExportFiles(),
    queue: {
      send: ({ client: of, id }: ExportKey, notBefore?: Date) => {
        queued.push({ key: { client: of, id }, notBefore });
        return Promise.resolve();
      },
    },
    get policy() {
      return world.policy;
    },
    clock: { now: () => new Date(world.now) },
    get judgeFor() {
      return plainJudge(world.policy, patients);
    },
    trail: {
      record: (entry: AuditEntry) => {
        entries.push(entry);
        return Promise.resolve();
      },
    },
    hours: 24,
    forgottenAfterSeconds: 600,
  };
  let count = 0;
  const begin = async (others: Partial<ExportRequest> = {}): Promise<ExportKey> => {
    const request: ExportRequest = {
      ...{ id: `job-${++count}`, client: 'client-1', level: 'system', parameters: [] },
      ...{ asker: { principal: client, purpose: 'direct-care' }, prefer: 'respond-async', accept: undefined },
      ...others,
    };
    await beginExport(deps, request);
    return { client: request.client, id: request.id };
  };
  const run = async (key: ExportKey) => advanceExport(deps, key, 3_600_000);
  const contentOf = async (
    key: ExportKey,
    name: string,
    principal = client,
    purpose = 'direct-care' as const,
  ) => {
    const request = {
      ...({ principal, purpose, interaction: 'export', now: Date.parse(world.now) } as const),
      breakGlass: undefined,
    };
    const chunks: Uint8Array[] = [];
    for await (const chunk of await openExportFile(deps, key, name, request)) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  };
  /** Ids of what was exported, by file. */
  const resultOf = async (key: ExportKey): Promise<Record<string, string[]>> => {
    const job = await findExport(deps, key);
    const found: Record<string, string[]> = {};
    for (const { name, count: lines } of namedFiles(job)) {
      const content = await contentOf(key, name, job.asker.principal, job.asker.purpose as 'direct-care');
      const ids = content
        .split('\n')
        .slice(0, -1)
        .map((line) => (JSON.parse(line) as { id: string }).id);
      if (ids.length !== lines) throw new Error(`${name} has ${ids.length} lines, not ${lines}`);
      found[name] = ids;
    }
    return found;
  };
  const find = (key: ExportKey) => findExport(deps, key);
  const cancel = (key: ExportKey) => cancelExport(deps, key);
  const sweep = () => sweepExports(deps);
  return { world, deps, patients, queued, entries, begin, run, resultOf, contentOf, find, cancel, sweep };
}

export type World = ReturnType<typeof aWorld>;

/** Before any export. */
const early = '2026-06-15T10:00:00.000Z';

interface Told {
  readonly version?: number;
  readonly at?: string;
  readonly feed?: string;
  readonly security?: readonly object[];
  readonly text?: string;
}

/** The version of a record that stands. */
export function aRecord(
  reference: string,
  { version = 1, at = early, feed = 'rbd-pas', security, text = '' }: Told = {},
): CurrentDocument {
  const [resourceType = '', id = ''] = reference.split('/');
  const resource = { resourceType, id, text: { div: text }, ...(security && { meta: { security } }) };
  const source = { messageId: 'm1', feed, pack: { name: 'hl7v2-uk', version: '1.0.0' } };
  const [partition = ''] = id.split('.');
  const lineage = { messages: [], rows: [] };
  return currentDocument(partition, resource as unknown as Resource, version, lineage, {
    ...{ source, eventTime: at, now: at },
  });
}

/** Puts documents into the store as they are. */
export async function store(
  { deps: { records } }: World,
  ...documents: readonly RecordDocument[]
): Promise<void> {
  for (const document of documents) await records.commit(document.partition, [{ kind: 'create', document }]);
}

export const restricted = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }];
