import { ErrorResponse, type Container, type PatchOperation } from '@azure/cosmos';
import type {
  MessageReceipt,
  MessageStatus,
  MessageStore,
  MessageUpdate,
} from '../../ports/message-store.js';
import { callCosmos, statusOf } from './errors.js';

/** Receipts in the `messages` container, each in a partition of its own: they spread evenly and are read by id. */
export function createCosmosMessageStore(container: Container): MessageStore {
  const get = async (id: string) => {
    const { resource } = await callCosmos(() => container.item(id, id).read<MessageReceipt>());
    return resource === undefined ? undefined : toReceipt(resource);
  };
  return {
    get,
    async create(receipt) {
      try {
        await callCosmos(() => container.items.create(receipt));
        return { created: true, receipt };
      } catch (error) {
        if (statusOf(error) !== 409) throw error;
        const existing = await get(receipt.id);
        if (existing === undefined) throw error;
        return { created: false, receipt: existing };
      }
    },
    update: (id, change, options) => update(container, id, change, options?.unlessFinished ?? false),
    listUnfinished: (queuedBefore, limit) => listUnfinished(container, queuedBefore, limit),
    countUnfinished: (sessionKey, receivedBefore) => countUnfinished(container, sessionKey, receivedBefore),
    countByStatus: (feed) => countByStatus(container, feed),
  };
}

async function update(
  container: Container,
  id: string,
  change: MessageUpdate,
  unlessFinished: boolean,
): Promise<void> {
  const operations = Object.entries(change).map(([field, value]): PatchOperation => ({
    op: 'set',
    path: `/${field}`,
    value,
  }));
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

async function listUnfinished(
  container: Container,
  queuedBefore: string,
  limit: number,
): Promise<MessageReceipt[]> {
  const query =
    "SELECT TOP @limit * FROM c WHERE c.status = 'accepted' AND c.queuedAt < @before ORDER BY c.queuedAt";
  const parameters = [
    { name: '@limit', value: limit },
    { name: '@before', value: queuedBefore },
  ];
  const iterator = container.items.query<MessageReceipt>({ query, parameters }, { maxItemCount: limit });
  const { resources } = await callCosmos(() => iterator.fetchAll());
  return resources.map(toReceipt);
}

async function countUnfinished(
  container: Container,
  sessionKey: string,
  receivedBefore: string,
): Promise<number> {
  const query =
    "SELECT VALUE COUNT(1) FROM c WHERE c.sessionKey = @session AND c.status = 'accepted' AND c.receivedAt < @before";
  const parameters = [
    { name: '@session', value: sessionKey },
    { name: '@before', value: receivedBefore },
  ];
  const { resources } = await callCosmos(() =>
    container.items.query<number>({ query, parameters }).fetchAll(),
  );
  return resources[0] ?? 0;
}

async function countByStatus(
  container: Container,
  feed: string | undefined,
): Promise<Record<MessageStatus, number>> {
  const counts: Record<MessageStatus, number> = { accepted: 0, normalised: 0, failed: 0 };
  const query = `SELECT c.status, COUNT(1) AS total FROM c ${feed === undefined ? '' : 'WHERE c.feed = @feed '}GROUP BY c.status`;
  const parameters = feed === undefined ? [] : [{ name: '@feed', value: feed }];
  const iterator = container.items.query<{ status: MessageStatus; total: number }>({ query, parameters });
  const { resources } = await callCosmos(() => iterator.fetchAll());
  for (const { status, total } of resources) counts[status] = total;
  return counts;
}

function toReceipt(stored: MessageReceipt): MessageReceipt {
  return Object.fromEntries(
    Object.entries(stored).filter(([key]) => !key.startsWith('_')),
  ) as unknown as MessageReceipt;
}
