/** Messages change records, too: what each changed stands in the audit trail, in the trace of the request that brought it. */
import { recordAccess, type AuditedDependencies } from '../app/audit/audited.js';
import type { NormaliseOutcome } from '../app/normalise-message.js';
import { Witness } from '../app/audit/witness.js';
import type { Feed } from '../core/feed.js';
import type { MessageEnvelope } from '../ports/message-queue.js';
import { traceIdOf } from './telemetry/trace-context.js';

/**
 * Records what a message did: at least once, since one that is delivered again before it was done is recorded again. The
 * subject is its feed.
 *
 * @throws ExchangeError HDE_DEPENDENCY_UNAVAILABLE or HDE_THROTTLED when it could not be recorded: the queue delivers the
 * message again
 */
export async function recordMessageEffects(
  deps: AuditedDependencies,
  feed: Feed | undefined,
  { messageId, feed: feedId, traceparent }: MessageEnvelope,
  { status, issues, changes }: NormaliseOutcome,
): Promise<void> {
  const witness = new Witness('');
  for (const { resourceType, id, versionId } of changes)
    witness.named({ type: resourceType, id }, String(versionId));
  const { records, patients } = await witness.tell(() => Promise.resolve(undefined));
  const isDone = status === 'normalised';
  const access = {
    interaction: 'message',
    organisation: feed?.organisation,
    reason: isDone ? 'role-sender' : (issues.find(({ severity }) => severity === 'error')?.code ?? status),
    request: messageId,
    subject: `feed:${feedId}`,
    trace: traceIdOf(traceparent),
  };
  const concerned = { records: [`message/${messageId}`, ...records], patients };
  await recordAccess(deps, access, isDone ? 'done' : 'failed', concerned);
}
