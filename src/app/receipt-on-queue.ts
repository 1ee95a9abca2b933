/** Gives a message that is on the queue its receipt again, where a restored store has lost it. */
import type { Feed } from '../core/feed.js';
import type { MessageEnvelope } from '../ports/message-queue.js';
import type { MessageReceipt } from '../ports/message-store.js';
import { describeMessage, type AcceptDependencies } from './accept-message.js';
import { wholeBody } from './receive-body.js';

/** What giving a message a receipt again needs. */
export interface RestoreDependencies extends Pick<
  AcceptDependencies,
  'archive' | 'messages' | 'clock' | 'identitySecret' | 'packs'
> {
  readonly feeds: ReadonlyMap<string, Feed>;
}

/**
 * The receipt of a message that is on the queue: the one that is kept, else a new one, since it had one when it was put
 * there.
 *
 * @returns undefined where its feed is no longer configured, or its bytes are not there
 */
export async function receiptOnQueue(
  deps: RestoreDependencies,
  envelope: MessageEnvelope,
): Promise<MessageReceipt | undefined> {
  const { messageId, feed: feedId, sessionKey, receivedAt, resubmitted = 0, correctionOf } = envelope;
  const held = await deps.messages.get(messageId);
  const feed = deps.feeds.get(feedId);
  if (held !== undefined || feed === undefined) return held;
  const { archivePath } = envelope;
  const bytes = await deps.archive.get(archivePath);
  if (bytes === undefined) return undefined;
  const described = describeMessage(deps, { feed, body: wholeBody(bytes), contentType: '', receivedAt });
  const { stage, errorCode, finishedAt, ...rest } = described;
  const now = deps.clock.now().toISOString();
  const { receipt } = await deps.messages.create({
    ...{ ...rest, id: messageId, archivePath, sessionKey, resubmitted, attempts: 0, issues: [] },
    ...{ status: 'accepted', queuedAt: now, acceptedAt: now },
    ...(correctionOf === undefined ? {} : { correctionOf }),
    ...(envelope.traceparent === undefined ? {} : { traceparent: envelope.traceparent }),
  });
  return receipt;
}
