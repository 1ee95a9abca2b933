import { ErrorResponse, type Container, type PatchOperation } from '@azure/cosmos';
import { compareText } from '../../core/compare-text.js';
import { ExchangeError } from '../../core/errors.js';
import { issueWords } from '../../core/triage/search-words.js';
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
  type MessageTransition,
  type MessageUpdate,
  type UpdateOptions,
} from '../../ports/message-store.js';
import { callCosmos, statusOf } from './errors.js';
import { searchFieldsOf, toQuery, type SearchFields } from './message-search.js';
import { fetchAll } from './query.js';

/** The most operations of one patch (Azure Cosmos DB, partial document update). */
const maxPatchOperations = 10;
/** Whoever loses to other writers this often meets a fault, not a race. */
const maxAttempts = 10;

type StoredReceipt = MessageReceipt & SearchFields & { readonly _etag: string };

/** Receipts in the `messages` container, each in a partition of its own: they spread evenly and are read by id. */
export function createCosmosMessageStore(container: Container): MessageStore {
  const get = async (id: string) => {
    const stored = await read(container, id);
    return stored === undefined ? undefined : toReceipt(stored);
  };
  return {
    get,
    async create(receipt) {
      try {
        await callCosmos(() => container.items.create({ ...receipt, ...searchFieldsOf(receipt) }));
        return { created: true, receipt };
      } catch (error) {
        if (statusOf(error) !== 409) throw error;
        const existing = await get(receipt.id);
        if (existing === undefined) throw error;
        return { created: false, receipt: existing };
      }
    },
    update: (id, change, options) => update(container, id, change, options),
    transition: (id, from, change) => transition(container, id, from, change),
    search: (search, page) => searchPage(container, search, page),
    listUnfinished: (queuedBefore, limit, requeuedBefore) =>
      listUnfinished(container, queuedBefore, limit, requeuedBefore),
    listEarlier: (sessionKey, place) => listEarlier(container, sessionKey, place),
    countReceived: (feed, from, to) => countReceived(container, feed, from, to),
    countWaiting: () => countWaiting(container),
    countByStatus: (feed) => countByStatus(container, feed),
  };
}

async function read(container: Container, id: string): Promise<StoredReceipt | undefined> {
  const { resource } = await callCosmos(() => container.item(id, id).read<StoredReceipt>());
  return resource;
}

async function update(
  container: Container,
  id: string,
  change: MessageUpdate,
  { unlessFinished = false, attempts = 0, duplicates = 0 }: UpdateOptions = {},
): Promise<void> {
  const all = toPatch(change, { attempts, duplicates });
  for (let start = 0; start < all.length; start += maxPatchOperations) {
    const operations = all.slice(start, start + maxPatchOperations);
    const body = unlessFinished
      ? { condition: "FROM c WHERE c.status = 'accepted'", operations }
      : { operations };
    try {
      await callCosmos(() => container.item(id, id).patch(body));
    } catch (error) {
      // 412: the condition does not hold, so the message is finished already and stays as it is.
      if (unlessFinished && error instanceof ErrorResponse && error.code === 412) return;
      throw error;
    }
  }
}

/** The status last, so that a patch which needs two requests is not finished before all of it is done. */
function toPatch(
  { status, ...change }: MessageUpdate,
  added: Readonly<Record<'attempts' | 'duplicates', number>>,
): PatchOperation[] {
  const set = (field: string, value: unknown): PatchOperation => ({ op: 'set', path: `/${field}`, value });
  return [
    ...Object.entries(change).map(([field, value]) => set(field, value)),
    ...(change.issues === undefined ? [] : [set('issueWords', issueWords(change.issues))]),
    ...Object.entries(added)
      .filter(([, value]) => value !== 0)
      .map(([field, value]): PatchOperation => ({ op: 'incr', path: `/${field}`, value })),
    ...(status === undefined ? [] : [set('status', status)]),
  ];
}

async function transition(
  container: Container,
  id: string,
  from: readonly MessageStatus[],
  change: MessageTransition,
): Promise<MessageReceipt | undefined> {
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const stored = await read(container, id);
    if (stored === undefined || !from.includes(stored.status)) return undefined;
    const receipt = applyTransition(toReceipt(stored), change);
    const accessCondition = { type: 'IfMatch', condition: stored._etag };
    try {
      const document = { ...receipt, ...searchFieldsOf(receipt) };
      await callCosmos(() => container.item(id, id).replace(document, { accessCondition }));
      return receipt;
    } catch (error) {
      if (statusOf(error) !== 412) throw error;
    }
  }
  throw new ExchangeError('HDE_CONCURRENT_UPDATE');
}

async function searchPage(
  container: Container,
  search: MessageSearch,
  page: MessagePageRequest,
): Promise<MessagePage> {
  if (search.feeds.length === 0 || search.subjects?.length === 0) return { receipts: [] };
  const iterator = container.items.query<StoredReceipt>(toQuery(search, page), {
    maxItemCount: page.limit + 1,
  });
  const { resources } = await callCosmos(() => iterator.fetchAll());
  const receipts = resources.slice(0, page.limit).map(toReceipt);
  const last = receipts.at(-1);
  return resources.length > page.limit && last !== undefined
    ? { receipts, continuation: placeOf(last) }
    : { receipts };
}

async function listUnfinished(
  container: Container,
  queuedBefore: string,
  limit: number,
  requeuedBefore: readonly string[] = [],
): Promise<MessageReceipt[]> {
  const again = requeuedBefore.map((_, index) => {
    const isLast = index === requeuedBefore.length - 1;
    return `(c.requeued ${isLast ? '>=' : '='} ${index + 1} AND c.queuedAt < @again${index})`;
  });
  const isDue = again.length === 0 ? '' : `AND (${['c.requeued = 0', ...again].join(' OR ')})`;
  // The status is the same in all of them, and stands there so that one index serves filter and order (`toQuery`).
  const query =
    `SELECT TOP @limit * FROM c WHERE c.status = 'accepted' AND c.queuedAt < @before ${isDue} ` +
    'ORDER BY c.status, c.queuedAt';
  const parameters = [
    { name: '@limit', value: limit },
    { name: '@before', value: queuedBefore },
    ...requeuedBefore.map((value, index) => ({ name: `@again${index}`, value })),
  ];
  const found = await fetchAll<StoredReceipt>(container, { query, parameters }, { maxItemCount: limit });
  return found.map(toReceipt);
}

/** Few of one session wait at a time, so that they are put in order here and need no index of their own. */
async function listEarlier(
  container: Container,
  sessionKey: string,
  place: string,
): Promise<MessageReceipt[]> {
  const query =
    "SELECT * FROM c WHERE c.sessionKey = @session AND c.status = 'accepted' AND c.arrival < @place";
  const parameters = [
    { name: '@session', value: sessionKey },
    { name: '@place', value: place },
  ];
  const iterator = container.items.query<StoredReceipt>({ query, parameters });
  const { resources } = await callCosmos(() => iterator.fetchAll());
  return resources.sort((a, b) => compareText(a.arrival, b.arrival)).map(toReceipt);
}

async function countReceived(container: Container, feed: string, from: string, to: string): Promise<number> {
  const query =
    'SELECT VALUE COUNT(1) FROM c WHERE c.feed = @feed AND c.receivedAt >= @from AND c.receivedAt < @to';
  const parameters = [
    { name: '@feed', value: feed },
    { name: '@from', value: from },
    { name: '@to', value: to },
  ];
  const { resources } = await callCosmos(() =>
    container.items.query<number>({ query, parameters }).fetchAll(),
  );
  return resources[0] ?? 0;
}

async function countWaiting(container: Container): Promise<number> {
  const query = "SELECT VALUE COUNT(1) FROM c WHERE c.status = 'accepted'";
  const { resources } = await callCosmos(() => container.items.query<number>(query).fetchAll());
  return resources[0] ?? 0;
}

async function countByStatus(
  container: Container,
  feed: string | undefined,
): Promise<Record<MessageStatus, number>> {
  const counts = Object.fromEntries(messageStatuses.map((status) => [status, 0])) as Record<
    MessageStatus,
    number
  >;
  const query = `SELECT c.status, COUNT(1) AS total FROM c ${feed === undefined ? '' : 'WHERE c.feed = @feed '}GROUP BY c.status`;
  const parameters = feed === undefined ? [] : [{ name: '@feed', value: feed }];
  const iterator = container.items.query<{ status: MessageStatus; total: number }>({ query, parameters });
  const { resources } = await callCosmos(() => iterator.fetchAll());
  for (const { status, total } of resources) counts[status] = total;
  return counts;
}

/** The receipt without what the document has for searching and what Cosmos DB adds. */
function toReceipt(stored: StoredReceipt): MessageReceipt {
  const { arrival, issueWords: ofIssues, actionWords, ...receipt } = stored;
  return Object.fromEntries(
    Object.entries(receipt).filter(([key]) => !key.startsWith('_')),
  ) as unknown as MessageReceipt;
}
