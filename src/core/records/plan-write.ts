/**
 * Decides what one write of a client of the FHIR API changes (docs/adr/0012): pure, so that it can be repeated with
 * fresh state whenever another writer came first.
 */
import type { Coding, Meta, Resource } from 'fhir/r4.js';
import type { Decimals } from '../fhir/decimals.js';
import { clearedAfter } from './cleared.js';
import { sameJson } from './equal.js';
import { labelsOf, missingFrom } from './labels.js';
import { eventsAfter, isOrder } from './order-states.js';
import type { CommitContext } from './plan-commit.js';
import { planEvents, planJointEvent } from './plan-receipt.js';
import type {
  CommitOperation,
  CurrentDocument,
  DeletedDocument,
  LatestDocument,
  LineageRow,
  RecordMemory,
  Stored,
  StoredLineage,
} from './types.js';
import { changeOf, currentDocument, memoryOf, succeed, withoutMemory } from './versions.js';

/** What records of clients have in the place of a feed, a pack and a rule. */
export const clientFeed = 'fhir-api';

/** The facts about a write. */
export interface WriteContext {
  /** Id of the request: it stands where records of messages name the message. */
  readonly requestId: string;
  /** Subject of the client's token. */
  readonly client: string;
  /** ODS code of the organisation whose record it is; absent where the client acts for none. */
  readonly organisation?: string | undefined;
  /** ISO instant: of the event and of the commit. */
  readonly now: string;
  readonly traceparent?: string;
}

/** What a write changes; the event that tells of it is planned apart (`planEventOfWrites`). */
export interface WritePlan {
  readonly operations: readonly CommitOperation[];
  /** What stands under the id from then on. */
  readonly document: LatestDocument;
  readonly outcome: 'created' | 'updated' | 'unchanged' | 'deleted';
}

/** A resource with the id under which it is stored. */
export type Identified = Resource & { readonly id: string };

/** What a client states of a record. */
export interface ClientStatement {
  readonly resource: Identified;
  /** Numbers as they were written. */
  readonly decimals?: Decimals | undefined;
  /** Whether labels and tags that it leaves out are removed, as by a patch, which says so. */
  readonly removesLabels?: boolean | undefined;
}

/**
 * Plans the whole statement of a record: its first version, the next one, or none where nothing changes. Labels and tags
 * that are stored stay, unless it removes them, labels also of what was deleted since, and what the statement leaves out is deleted: an earlier message does not bring it back.
 *
 * @param before what stands under its id
 */
export function planWrite(
  partition: string,
  { resource, decimals, removesLabels = false }: ClientStatement,
  before: Stored<LatestDocument> | undefined,
  context: WriteContext,
): WritePlan {
  const current = before?.document.kind === 'resource' ? before.document : undefined;
  const stated = {
    ...resource,
    ...metaOf(resource, removesLabels ? undefined : metaBefore(before?.document)),
  };
  const memory = memoryAfter(partition, stated, current, context);
  const { now } = context;
  if (before !== undefined && current !== undefined && isSaid(stated, decimals, current)) {
    // Nothing new, but said again later: a message between the two must count as stale from now on.
    const document = { ...withoutMemory(current), ...memory, writtenAt: now };
    return {
      operations: [{ kind: 'replace', etag: before.etag, document }],
      document: current,
      outcome: 'unchanged',
    };
  }
  const versionId = (before?.document.versionId ?? 0) + 1;
  const lineage = lineageOf(stated, context.requestId);
  const document: CurrentDocument = {
    ...currentDocument(partition, stated, versionId, lineage, commitOf(context)),
    ...memory,
    writtenAt: now,
    ...(decimals === undefined ? {} : { decimals }),
  };
  const outcome = current === undefined ? 'created' : 'updated';
  return {
    operations: before === undefined ? [{ kind: 'create', document }] : succeed(before, document),
    document,
    outcome,
  };
}

/** Plans the deletion of a record: its last version is kept. */
export function planDeletion(before: Stored<CurrentDocument>, context: WriteContext): WritePlan {
  const { id, partition, resourceType, fhirId, versionId, resource } = before.document;
  const { source, eventTime, now } = commitOf(context);
  const security = labelsOf(resource);
  const document: DeletedDocument = {
    ...{ id, kind: 'deleted', partition, resourceType, fhirId },
    ...{ versionId: versionId + 1, lastUpdated: now, eventTime, source },
    ...(security.length === 0 ? {} : { security }),
  };
  return {
    operations: succeed(before, document),
    document,
    outcome: 'deleted',
  };
}

const commitOf = ({ requestId, client, organisation, now, traceparent }: WriteContext): CommitContext => ({
  source: {
    messageId: requestId,
    client,
    ...(organisation === undefined ? {} : { organisation }),
    feed: clientFeed,
    pack: { name: clientFeed, version: '1.0.0' },
  },
  messageType: clientFeed,
  eventTime: now,
  latestEventTime: now,
  now,
  ...(traceparent === undefined ? {} : { traceparent }),
});

/**
 * The outbox event of writes that take effect together; none where nothing changed.
 *
 * @param partition where the event is written
 */
export function planEventOfWrites(
  partition: string,
  plans: readonly WritePlan[],
  context: WriteContext,
): CommitOperation[] {
  const changes = plans.flatMap(({ document, outcome }) =>
    outcome === 'unchanged' ? [] : [changeOf(document, outcome)],
  );
  const commit = commitOf(context);
  return changes.length > 1
    ? [planJointEvent(partition, { changes }, commit)]
    : planEvents(partition, { changes }, commit);
}

/** Whether a record says the same already. */
const isSaid = (resource: Identified, decimals: Decimals | undefined, current: CurrentDocument): boolean =>
  sameJson(contentOf(resource), contentOf(current.resource)) &&
  sameJson(decimals ?? {}, current.decimals ?? {});

/** What a resource says, without what the store adds to it. */
function contentOf({ meta, ...content }: Resource): unknown {
  const { versionId, lastUpdated, ...stated } = meta ?? {};
  return { ...content, meta: stated };
}

/**
 * Labels and tags can be added by an update, and are not removed by leaving them out (FHIR R4 section 2.26.3.5);
 * `versionId` and `lastUpdated` are ours.
 */
function metaOf({ meta }: Resource, stored: Meta | undefined): { readonly meta?: Meta } {
  const { versionId, lastUpdated, ...stated } = meta ?? {};
  const security = unite(stated.security, stored?.security);
  const tag = unite(stated.tag, stored?.tag);
  const united: Meta = {
    ...stated,
    ...(security.length === 0 ? {} : { security }),
    ...(tag.length === 0 ? {} : { tag }),
  };
  return Object.keys(united).length === 0 ? { meta: {} } : { meta: united };
}

const unite = (stated: readonly Coding[] = [], stored: readonly Coding[] = []): Coding[] => [
  ...stated,
  ...missingFrom(stated, stored),
];

/** Whoever was deleted is as restricted as before when they are stated again. */
function metaBefore(before: LatestDocument | undefined): Meta | undefined {
  if (before?.kind !== 'deleted') return before?.resource.meta;
  return before.security === undefined ? undefined : { security: [...before.security] };
}

/**
 * What later messages must know of the record. A result that was held back is outdated by what the client says, who states
 * all identifiers at once.
 */
function memoryAfter(
  partition: string,
  resource: Identified,
  current: CurrentDocument | undefined,
  context: WriteContext,
): RecordMemory {
  const commit = commitOf(context);
  const { deferred, identified, ...known } =
    current === undefined ? {} : (memoryOf(current) as Partial<RecordMemory>);
  const gone = Object.keys(current?.resource ?? {}).filter((name) => !(name in resource));
  const cleared = clearedAfter(gone, current?.cleared, resource, commit);
  const statement = { partition, resource, mode: 'replace', removed: [], lineage: [] } as const;
  const events = isOrder(resource) ? eventsAfter(statement, current, commit) : undefined;
  return withoutUndefined({ ...known, eventTime: context.now, cleared, events });
}

const withoutUndefined = (memory: {
  readonly [Name in keyof RecordMemory]: RecordMemory[Name] | undefined;
}): RecordMemory =>
  Object.fromEntries(
    Object.entries(memory).filter(([, value]) => value !== undefined),
  ) as unknown as RecordMemory;

/** One row for each part of the record that may come to be mixed with what messages state (`merge.ts`). */
function lineageOf({ resourceType, id, ...elements }: Identified, requestId: string): StoredLineage {
  const rows = Object.entries(elements).flatMap(([name, value]) => pathsOf(name, value as unknown));
  return { messages: [requestId], rows: rows.map((path): LineageRow => [path, 0, clientFeed]) };
}

function pathsOf(name: string, value: unknown): string[] {
  if (Array.isArray(value)) return value.map((_, index) => `${name}[${index}]`);
  if (typeof value !== 'object' || value === null) return [name];
  return Object.entries(value).flatMap(([child, part]) =>
    Array.isArray(part) ? part.map((_, index) => `${name}.${child}[${index}]`) : [`${name}.${child}`],
  );
}
