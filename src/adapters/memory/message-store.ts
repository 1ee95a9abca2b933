import { compareText } from '../../core/compare-text.js';
import { actionWords, issueWords } from '../../core/triage/search-words.js';
import {
  applyTransition,
  messageStatuses,
  placeOf,
  type MessagePage,
  type MessagePageRequest,
  type MessageReceipt,
  type MessageSearch,
  type MessageStatus,
  type MessageStore,
} from '../../ports/message-store.js';

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
    update(id, change, { unlessFinished = false, attempts = 0, duplicates = 0 } = {}) {
      const receipt = receipts.get(id);
      if (receipt === undefined) return Promise.reject(new Error('no such receipt'));
      if (!unlessFinished || receipt.status === 'accepted') {
        const counted = {
          ...receipt,
          attempts: receipt.attempts + attempts,
          duplicates: receipt.duplicates + duplicates,
        };
        receipts.set(id, { ...counted, ...structuredClone(change) });
      }
      return Promise.resolve();
    },
    transition(id, from, change) {
      const receipt = receipts.get(id);
      if (receipt === undefined || !from.includes(receipt.status)) return Promise.resolve(undefined);
      const changed = applyTransition(receipt, structuredClone(change));
      receipts.set(id, changed);
      return Promise.resolve(changed);
    },
    search: (search, page) => Promise.resolve(searchPage([...receipts.values()], search, page)),
    ...createCounts(receipts),
  };
}

/** The questions about receipts that are not finished, and how many there are. */
function createCounts(
  receipts: ReadonlyMap<string, MessageReceipt>,
): Omit<MessageStore, 'create' | 'get' | 'update' | 'transition' | 'search'> {
  return {
    listUnfinished(queuedBefore, limit, requeuedBefore = []) {
      const instants = [queuedBefore, ...requeuedBefore];
      const unfinished = [...receipts.values()]
        .filter(({ status, queuedAt, requeued }) => {
          const before = instants[Math.min(requeued, requeuedBefore.length)] ?? queuedBefore;
          return status === 'accepted' && queuedAt !== undefined && queuedAt < before;
        })
        .sort((a, b) => (a.queuedAt ?? '').localeCompare(b.queuedAt ?? ''));
      return Promise.resolve(unfinished.slice(0, limit));
    },
    listEarlier(sessionKey, place) {
      const earlier = [...receipts.values()].filter(
        (receipt) =>
          receipt.status === 'accepted' && receipt.sessionKey === sessionKey && placeOf(receipt) < place,
      );
      return Promise.resolve(earlier.sort((a, b) => compareText(placeOf(a), placeOf(b))));
    },
    countReceived(feed, from, to) {
      const received = [...receipts.values()].filter((receipt) => fits(receipt, { feeds: [feed], from, to }));
      return Promise.resolve(received.length);
    },
    countWaiting() {
      const waiting = [...receipts.values()].filter(({ status }) => status === 'accepted');
      return Promise.resolve(waiting.length);
    },
    countByStatus: (feed) => Promise.resolve(countByStatus(receipts.values(), feed)),
  };
}

function countByStatus(
  receipts: Iterable<MessageReceipt>,
  feed: string | undefined,
): Record<MessageStatus, number> {
  const counts = Object.fromEntries(messageStatuses.map((status) => [status, 0])) as Record<
    MessageStatus,
    number
  >;
  for (const receipt of receipts) {
    if (feed === undefined || receipt.feed === feed) counts[receipt.status] += 1;
  }
  return counts;
}

function searchPage(
  receipts: readonly MessageReceipt[],
  search: MessageSearch,
  { limit, order, continuation }: MessagePageRequest,
): MessagePage {
  const sign = order === 'newest' ? -1 : 1;
  const found = receipts
    .filter((receipt) => fits(receipt, search))
    .map((receipt) => ({ receipt, place: placeOf(receipt) }))
    .sort((a, b) => sign * compareText(a.place, b.place))
    .filter(({ place }) => continuation === undefined || sign * compareText(place, continuation) > 0);
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return {
    receipts: page.map(({ receipt }) => receipt),
    ...(found.length > limit && last !== undefined ? { continuation: last.place } : {}),
  };
}

function fits(receipt: MessageReceipt, search: MessageSearch): boolean {
  const { feeds, from, to, subjects, words = [] } = search;
  const isSame = (['messageType', 'status', 'errorCode', 'controlId'] as const).every(
    (name) => search[name] === undefined || search[name] === receipt[name],
  );
  const reasons = new Set([...issueWords(receipt.issues), ...actionWords(receipt.history)]);
  return (
    isSame &&
    feeds.includes(receipt.feed) &&
    (from === undefined || receipt.receivedAt >= from) &&
    (to === undefined || receipt.receivedAt < to) &&
    (subjects === undefined || subjects.some((subject) => receipt.subjects.includes(subject))) &&
    words.every((word) => reasons.has(word))
  );
}
