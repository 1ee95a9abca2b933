import type { MessageReceipt } from '../../src/ports/message-store.js';

/** A receipt of an accepted message, with the given differences. */
export function aReceipt(change: Partial<MessageReceipt> = {}): MessageReceipt {
  const { id = 'receipt-1' } = change;
  return {
    feed: 'rzz-tie',
    status: 'accepted',
    messageType: 'ADT^A01',
    controlId: 'C1',
    sha256: 'a'.repeat(64),
    size: 10,
    archivePath: `rzz-tie/${id}/a`,
    sessionKey: 's1',
    receivedAt: '2026-03-29T10:00:00.000Z',
    queuedAt: '2026-03-29T10:00:00.000Z',
    subjects: [],
    duplicates: 0,
    requeued: 0,
    resubmitted: 0,
    attempts: 0,
    history: [],
    issues: [],
    changes: [],
    ...change,
    id,
  };
}
