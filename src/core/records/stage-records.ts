/** How the records of what no atomic batch can hold are staged, seen and unfolded (docs/adr/0009, 0013). */
import { mergeIndexes } from '../fhir/search/merge-indexes.js';
import type { SearchIndex } from '../fhir/search/types.js';
import { sameJson } from './equal.js';
import { currentId, decisionId, receiptId, stageId } from './ids.js';
import type {
  CommitOperation,
  DecisionDocument,
  LatestDocument,
  LateDocument,
  RecordDocument,
  StagedDocument,
  Stored,
} from './types.js';
import { replacedVersion } from './versions.js';

type Loaded = ReadonlyMap<string, Stored<RecordDocument>>;

/** Begins to stage a message, or begins anew what an earlier delivery began: what that one staged counts no more. */
export function planStage(
  partition: string,
  messageId: string,
  before: Stored<RecordDocument> | undefined,
  now: string,
): { readonly stage: number; readonly operation: CommitOperation } {
  const stage = before?.document.kind === 'stage' ? before.document.stage + 1 : 1;
  const id = stageId(messageId);
  const document = {
    id,
    kind: 'stage',
    partition,
    messageId,
    stage,
    disturbances: 0,
    lastUpdated: now,
  } as const;
  return {
    stage,
    operation:
      before === undefined ? { kind: 'create', document } : { kind: 'replace', document, etag: before.etag },
  };
}

/** By whom something is staged: a stage of a message, or an attempt at a transaction with the place of its decision. */
export type Stager = Pick<StagedDocument, 'messageId' | 'stage' | 'decidedIn'>;

/** The operations that stage what a plan would change; those of records that are staged so already are left out. */
export function stageOperations(
  planned: readonly CommitOperation[],
  loaded: Loaded,
  { messageId, stage, decidedIn }: Stager,
): CommitOperation[] {
  const operations: CommitOperation[] = [];
  for (const [id, change] of changesById(planned)) {
    const stored = loaded.get(id);
    const { partition, resourceType, fhirId } = change.of;
    const current = stored === undefined ? undefined : currentOf(stored.document);
    const { next, late } = change;
    const document: StagedDocument = {
      ...{ id, kind: 'staged', partition, resourceType, fhirId, messageId, stage },
      ...(decidedIn === undefined ? {} : { decidedIn }),
      lastUpdated: (current ?? change.of).lastUpdated,
      index: mergeIndexes([...indexesOf(current), ...indexesOf(next)]),
      ...(current === undefined ? {} : { current }),
      ...(next === undefined
        ? {}
        : { next: decidedIn === undefined ? next : ofTransaction(next, messageId) }),
      ...(late === undefined ? {} : { late }),
    };
    if (stored?.document.kind === 'staged' && sameJson(stored.document, document)) continue;
    operations.push(
      stored === undefined ? { kind: 'create', document } : { kind: 'replace', document, etag: stored.etag },
    );
  }
  return operations;
}

/** A record that tells of the transaction that changed it, for those who read several partitions; a deletion is not read. */
const ofTransaction = (document: LatestDocument, transaction: string): LatestDocument =>
  document.kind === 'resource' ? { ...document, transaction } : document;

interface StagedChange {
  readonly of: LatestDocument | LateDocument;
  readonly next?: LatestDocument;
  readonly late?: LateDocument;
}

/** What a plan makes of each record, by the id of its document; versions follow from it. */
function changesById(planned: readonly CommitOperation[]): Map<string, StagedChange> {
  const changes = new Map<string, StagedChange>();
  for (const { document } of planned) {
    if (document.kind !== 'resource' && document.kind !== 'late' && document.kind !== 'deleted') continue;
    const id = currentId(document.resourceType, document.fhirId);
    // A deletion that is replaced is kept under the id of its version.
    if (document.kind === 'deleted' && document.id !== id) continue;
    const part = document.kind === 'late' ? { late: document } : { next: document };
    changes.set(id, { ...changes.get(id), of: document, ...part });
  }
  return changes;
}

const indexesOf = (document: LatestDocument | undefined): readonly SearchIndex[] =>
  document?.kind === 'resource' ? [document.index] : [];

/** Where the document is that tells whether a staged document is visible: a receipt, or the decision of a transaction. */
export const proofOf = ({
  partition,
  messageId,
  decidedIn,
}: StagedDocument): { readonly partition: string; readonly id: string } =>
  decidedIn === undefined
    ? { partition, id: receiptId(messageId) }
    : { partition: decidedIn, id: decisionId(messageId) };

/** Whether a staged document is visible by its proof (`proofOf`), if there is one. */
export const isFlipped = ({ stage }: StagedDocument, proof: RecordDocument | undefined): boolean =>
  proof?.kind === 'decision'
    ? proof.outcome === 'committed'
    : proof?.kind === 'receipt' && proof.stage === stage;

/** Records what becomes of an attempt at a transaction: of all who try, the first one says it. */
export const planDecision = (
  attempt: string,
  { partition, partitions, outcome }: Pick<DecisionDocument, 'partition' | 'partitions' | 'outcome'>,
): CommitOperation => ({
  kind: 'create',
  document: { id: decisionId(attempt), kind: 'decision', partition, attempt, outcome, partitions },
});

/** What readers see of a staged document; undefined when it is a record that is not there yet. */
export const visibleOf = ({ current, next }: StagedDocument, flipped: boolean): LatestDocument | undefined =>
  flipped ? (next ?? current) : current;

/** The document that a message not yet visible leaves as it is. */
function currentOf(document: RecordDocument): LatestDocument | undefined {
  if (document.kind === 'resource' || document.kind === 'deleted') return document;
  return document.kind === 'staged' ? document.current : undefined;
}

/** Current documents and deletions as who writes them meets them; of those that are staged the ones still visible. */
export function currentDocuments(loaded: Loaded): Map<string, Stored<LatestDocument>> {
  const current = new Map<string, Stored<LatestDocument>>();
  for (const [id, { document, etag }] of loaded) {
    const visible = currentOf(document);
    if (visible !== undefined) current.set(id, { document: visible, etag });
  }
  return current;
}

/** Messages by which loaded documents are staged. */
export const stagingMessages = (loaded: Loaded): string[] => [
  ...new Set(
    [...loaded.values()].flatMap(({ document }) =>
      document.kind === 'staged' && document.decidedIn === undefined ? [document.messageId] : [],
    ),
  ),
];

/** An attempt at a transaction by which documents are staged. */
export interface Attempt {
  readonly attempt: string;
  readonly decidedIn: string;
}

/** Transactions by which loaded documents are staged. */
export const stagingTransactions = (loaded: Loaded): Attempt[] => [
  ...new Map(
    [...loaded.values()].flatMap(({ document }): [string, Attempt][] =>
      document.kind === 'staged' && document.decidedIn !== undefined
        ? [[document.messageId, { attempt: document.messageId, decidedIn: document.decidedIn }]]
        : [],
    ),
  ).values(),
];

/**
 * Operations as they must be where a record is staged by another message that is not visible: what that one made of the
 * record is dropped, and it is told so, since it must not become visible without it. A transaction has been decided on
 * before (`loadSettled`): it never becomes visible.
 *
 * @param stages what is being staged, by the id of its document
 */
export function overStages(
  operations: readonly CommitOperation[],
  loaded: Loaded,
  stages: Loaded,
  ownMessageId?: string,
): CommitOperation[] {
  const disturbed = new Set<string>();
  const over = operations.map((operation): CommitOperation => {
    const { document } = operation;
    const stored = loaded.get(document.id);
    if (stored?.document.kind !== 'staged') return operation;
    const { messageId, decidedIn } = stored.document;
    if (messageId !== ownMessageId && decidedIn === undefined) disturbed.add(stageId(messageId));
    return { kind: 'replace', document, etag: stored.etag };
  });
  for (const id of disturbed) {
    const stage = stages.get(id);
    if (stage?.document.kind !== 'stage') continue;
    const document = { ...stage.document, disturbances: stage.document.disturbances + 1 };
    over.push({ kind: 'replace', document, etag: stage.etag });
  }
  return over;
}

/** Puts in the place of a staged document what became of the record, or, when it is not visible, what was there before. */
export function unfoldOperations(
  { document, etag }: Stored<StagedDocument>,
  flipped: boolean,
): CommitOperation[] {
  const { current, next, late } = document;
  const visible = visibleOf(document, flipped);
  const operations: CommitOperation[] = [
    visible === undefined ? { kind: 'delete', document, etag } : { kind: 'replace', document: visible, etag },
  ];
  if (!flipped) return operations;
  if (late !== undefined) operations.push({ kind: 'create', document: late });
  if (current !== undefined && next !== undefined && next.versionId !== current.versionId)
    operations.push({ kind: 'create', document: replacedVersion(current) });
  return operations;
}
