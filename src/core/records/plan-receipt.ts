/** The proof that a message took effect, and the event that tells of it. */
import {
  boundChanges,
  mostChangesOfEvent,
  mostChangesOfReceipt,
  mostIssuesOfReceipt,
} from './bound-changes.js';
import { changeEventId, eventId, receiptId } from './ids.js';
import type { CommitContext, CommitEffect } from './plan-commit.js';
import type { CommitOperation, EventDocument, ReceiptDocument } from './types.js';

/**
 * The receipt of a message and, where anything changed, its outbox event.
 *
 * @param stage the stage of a large message that the receipt makes visible
 */
export function planReceipt(
  partition: string,
  effect: CommitEffect,
  context: CommitContext,
  stage?: number,
): CommitOperation[] {
  const document = receiptDocument(partition, effect, context);
  const receipt = stage === undefined ? document : { ...document, stage };
  return effect.changes.length === 0
    ? [{ kind: 'create', document: receipt }]
    : [
        { kind: 'create', document: receipt },
        { kind: 'create', document: eventDocument(partition, effect, context) },
      ];
}

/** Of an effect what a receipt keeps, with the counts where that is not all. */
export function boundEffect({
  changes,
  changeCount = changes.length,
  issues,
  issueCount = issues.length,
}: CommitEffect) {
  const told = boundChanges(changes, mostChangesOfReceipt).changes;
  const named = issues.slice(0, mostIssuesOfReceipt);
  return {
    changes: told,
    ...(changeCount > told.length ? { changeCount } : {}),
    issues: named,
    ...(issueCount > named.length ? { issueCount } : {}),
  };
}

/** The effect of all parts of a message. */
export function joinEffects(effects: readonly CommitEffect[]): CommitEffect {
  const total = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0);
  return {
    changes: effects.flatMap(({ changes }) => changes),
    changeCount: total(effects.map(({ changes, changeCount = changes.length }) => changeCount)),
    issues: effects.flatMap(({ issues }) => issues),
    issueCount: total(effects.map(({ issues, issueCount = issues.length }) => issueCount)),
  };
}

/** What a receipt says was done. */
export const effectOf = ({
  changes,
  changeCount,
  issues = [],
  issueCount,
}: ReceiptDocument): CommitEffect => ({
  changes,
  changeCount,
  issues,
  issueCount,
});

function receiptDocument(
  partition: string,
  effect: CommitEffect,
  { source, eventTime, now }: CommitContext,
): ReceiptDocument {
  const { issues, ...told } = boundEffect(effect);
  return {
    id: receiptId(source.messageId),
    kind: 'receipt',
    partition,
    source,
    eventTime,
    lastUpdated: now,
    ...told,
    ...(issues.length === 0 ? {} : { issues }),
  };
}

/** Tells of what a message changed after its receipt was written: each such change has an event of its own. */
export function planEvents(
  partition: string,
  { changes }: Pick<CommitEffect, 'changes'>,
  context: CommitContext,
): CommitOperation[] {
  return changes.map((change) => {
    const event = eventDocument(partition, { changes: [change] }, context);
    return { kind: 'create', document: { ...event, id: changeEventId(context.source.messageId, change) } };
  });
}

/** Tells of all that one transaction changed, in whichever partitions (docs/adr/0013). */
export const planJointEvent = (
  partition: string,
  effect: Pick<CommitEffect, 'changes'>,
  context: CommitContext,
): CommitOperation => ({ kind: 'create', document: eventDocument(partition, effect, context) });

function eventDocument(
  partition: string,
  { changes }: Pick<CommitEffect, 'changes'>,
  context: CommitContext,
): EventDocument {
  return {
    id: eventId(context.source.messageId),
    kind: 'event',
    partition,
    messageId: context.source.messageId,
    feed: context.source.feed,
    messageType: context.messageType,
    eventTime: context.eventTime,
    lastUpdated: context.now,
    ...boundChanges(changes, mostChangesOfEvent),
    ...(context.traceparent === undefined ? {} : { traceparent: context.traceparent }),
  };
}
