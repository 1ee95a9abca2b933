import type { MessageReceipt, MessageStatus, MessageStore } from '../../ports/message-store.js';

/** Receipts in memory, with the semantics of the real store: for unit tests. */
export function createMemoryMessageStore(): MessageStore {
  const receipts = new Map<string, MessageReceipt>();
  return {
    create(receipt) {
      const existing = receipts.get(receipt.id);
      if (existing !== undefined) return Promise.resolve({ created: false, receipt: existing });
      receipts.set(receipt.id, structuredClone(receipt));
      return Promise.resolve({ created: true, receipt });
    },
    get: (id) => Promise.resolve(receipts.get(id)),
    update(id, change, options) {
      const receipt = receipts.get(id);
      if (receipt === undefined) return Promise.reject(new Error('no such receipt'));
      if (options?.unlessFinished !== true || receipt.status === 'accepted') {
        receipts.set(id, { ...receipt, ...structuredClone(change) });
      }
      return Promise.resolve();
    },
    listUnfinished(queuedBefore, limit) {
      const unfinished = [...receipts.values()]
        .filter(
          ({ status, queuedAt }) =>
            status === 'accepted' && queuedAt !== undefined && queuedAt < queuedBefore,
        )
        .sort((a, b) => (a.queuedAt ?? '').localeCompare(b.queuedAt ?? ''));
      return Promise.resolve(unfinished.slice(0, limit));
    },
    countUnfinished(sessionKey, receivedBefore) {
      const unfinished = [...receipts.values()].filter(
        (receipt) =>
          receipt.status === 'accepted' &&
          receipt.sessionKey === sessionKey &&
          receipt.receivedAt < receivedBefore,
      );
      return Promise.resolve(unfinished.length);
    },
    countByStatus(feed) {
      const counts: Record<MessageStatus, number> = { accepted: 0, normalised: 0, failed: 0 };
      for (const receipt of receipts.values()) {
        if (feed === undefined || receipt.feed === feed) counts[receipt.status] += 1;
      }
      return Promise.resolve(counts);
    },
  };
}
