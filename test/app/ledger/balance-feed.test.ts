/** The account of a feed: it balances when all is well, and names each message of which a promise is not kept. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { normaliseMessage, type SettledMessage } from '../../../src/app/normalise-message.js';
import { partitionsOfPeople } from '../../../src/core/records/ids.js';
import { acceptMessage } from '../../../src/app/accept-message.js';
import { wholeBody } from '../../../src/app/receive-body.js';
import { balanceArchive, balanceReceipts } from '../../../src/app/ledger/balance-feed.js';
import { balancePeriod } from '../../../src/app/ledger/balance-period.js';
import type { QueueView } from '../../../src/ports/message-queue.js';
import type { MessageReceipt } from '../../../src/ports/message-store.js';
import { acceptBytes, createMemoryExchange, type MemoryExchange } from '../../support/exchange.js';
import { sampleFeed } from '../../support/feeds.js';
import { aMessage } from '../../support/messages.js';

const period = {
  feed: sampleFeed.id,
  from: '2000-01-01T00:00:00.000Z',
  to: '2100-01-01T00:00:00.000Z',
};

let exchange: MemoryExchange;

const receiptOf = async (controlId: string): Promise<MessageReceipt> => {
  const { receipts } = await exchange.messages.search(
    { feeds: [sampleFeed.id], controlId },
    { limit: 1, order: 'oldest' },
  );
  return receipts[0]!;
};

/** Two messages that took effect (one sent twice), one that failed, one that waits. */
beforeEach(async () => {
  exchange = createMemoryExchange();
  for (const controlId of ['C1', 'C2']) {
    await normaliseMessage(exchange, await acceptBytes(exchange, aMessage({ controlId, mrn: controlId })));
  }
  await acceptBytes(exchange, aMessage({ controlId: 'C1', mrn: 'C1' }));
  await acceptMessage(exchange, {
    feed: sampleFeed,
    body: wholeBody(Buffer.from('no message')),
    contentType: '',
  });
  await acceptBytes(exchange, aMessage({ controlId: 'C3', mrn: 'C3' }));
});

const balance = () => balancePeriod(exchange, period);

describe('the account of a feed', () => {
  test('puts each message in one class and counts repetitions apart', async () => {
    expect(await balance()).toEqual({
      counts: { accepted: 1, normalised: 2, failed: 1, dismissed: 0, corrected: 0 },
      duplicates: 1,
      archived: 4,
      differing: 0,
      differences: [],
    });
  });

  test('looks at the period that is asked for', async () => {
    const { receivedAt } = await receiptOf('C2');
    const until = await balanceReceipts(exchange, { ...period, to: receivedAt }, { limit: 10 });
    expect(until.counts.normalised).toBe(1);
    const since = await balanceReceipts(exchange, { ...period, from: receivedAt }, { limit: 10 });
    expect(since.counts).toMatchObject({ normalised: 1, failed: 1, accepted: 1 });
    const never = { ...period, from: '2099-01-01T00:00:00.000Z' };
    expect(await balanceArchive(exchange, never, { limit: 10 })).toEqual({ archived: 0, differences: [] });
  });

  test('names a message whose bytes are gone', async () => {
    const { id, archivePath } = await receiptOf('C1');
    const { archive } = exchange;
    const list: typeof archive.list = async (prefix, page) => {
      const { entries } = await archive.list(prefix, page);
      return { entries: entries.filter(({ path }) => path !== archivePath) };
    };
    const lossy = { ...exchange, archive: { ...archive, list } };
    expect((await balancePeriod(lossy, period)).differences).toEqual([
      { messageId: id, problem: 'not-archived' },
    ]);
  });

  test('names a message that claims an effect which is not there', async () => {
    const { id } = await receiptOf('C3');
    const changes = [{ resourceType: 'Patient', id: 'nobody', versionId: 1, change: 'created' } as const];
    await exchange.messages.update(id, { status: 'normalised', changes });
    expect((await balance()).differences).toEqual([{ messageId: id, problem: 'not-stored' }]);
  });

  test('names what was archived and has no receipt', async () => {
    await exchange.archive.put(`${sampleFeed.id}/forgotten/abc`, Uint8Array.of(1), '');
    const archivedAt = expect.stringMatching(/^2.*Z$/) as unknown as string;
    expect(await balance()).toMatchObject({
      archived: 5,
      differing: 1,
      differences: [{ messageId: 'forgotten', archivedAt, problem: 'no-receipt' }],
    });
  });

  test('names an accepted message that is not on the queue, unless it is finished meanwhile', async () => {
    const { id, receivedAt } = await receiptOf('C3');
    const after = (seconds: number) => {
      const at = new Date(Date.parse(receivedAt) + seconds * 1000);
      return { now: () => at };
    };
    const looked: string[] = [];
    const emptied = (during: () => Promise<void>) => ({
      async *waiting() {
        looked.push('queue');
        await during();
        yield ['another'];
      },
    });
    const balanceOver = async (queue: QueueView, clock = after(120)) =>
      (await balancePeriod({ ...exchange, queue, clock }, period)).differences;
    const nothing = () => Promise.resolve();

    expect(await balanceOver(exchange.queue)).toEqual([]);
    expect(await balanceOver(emptied(nothing), after(30))).toEqual([]);
    expect(looked).toEqual([]);
    expect(await balanceOver(emptied(nothing))).toEqual([{ messageId: id, problem: 'not-queued' }]);
    const queuedAt = after(60).now().toISOString();
    expect(await balanceOver(emptied(() => exchange.messages.update(id, { queuedAt })))).toEqual([]);
    expect(
      await balanceOver(
        emptied(() => exchange.messages.update(id, { status: 'failed' })),
        after(240),
      ),
    ).toEqual([]);
  });

  test('names a failed message that took effect, unless it is taken up meanwhile', async () => {
    const { id } = await receiptOf('C2');
    await exchange.messages.update(id, { status: 'failed' });
    const balanceWhile = async (during: () => Promise<unknown>) => {
      const findEffects: typeof exchange.records.findEffects = async (ids) => {
        await during();
        return exchange.records.findEffects(ids);
      };
      const records = { ...exchange.records, findEffects };
      return (await balancePeriod({ ...exchange, records }, period)).differences;
    };
    expect(await balanceWhile(() => Promise.resolve())).toEqual([{ messageId: id, problem: 'took-effect' }]);
    const queuedAt = '2026-03-30T12:30:00.000Z';
    const takeUp = () => exchange.messages.transition(id, ['failed'], { status: 'accepted', queuedAt });
    expect(await balanceWhile(takeUp)).toEqual([]);
  });

  test('finds bytes behind an empty page', async () => {
    const { archive } = exchange;
    const list: typeof archive.list = (prefix, page) =>
      page.continuation === undefined
        ? Promise.resolve({ entries: [], continuation: prefix.slice(0, -1) })
        : archive.list(prefix, page);
    expect(
      (await balanceReceipts({ ...exchange, archive: { ...archive, list } }, period, { limit: 10 }))
        .differences,
    ).toEqual([]);
  });

  test('balances where a late message changed a visit that has moved to another patient', async () => {
    const visit = (place: string) => `PV1|1|I|${place}${'|'.repeat(16)}V1`;
    const story = [
      { type: 'ADT^A01', at: '20260330080000', mrn: 'A', more: [visit('W1')] },
      { type: 'ADT^A45', at: '20260330100000', mrn: 'B', more: ['MRG|A^^^RZZ^MR', visit('')] },
      { type: 'ADT^A02', at: '20260330090000', mrn: 'A', more: [visit('W2')] },
    ];
    let last: SettledMessage | undefined;
    for (const [index, parts] of story.entries()) {
      const bytes = aMessage({ ...parts, controlId: `V${index}`, nhsNumber: '' });
      last = await normaliseMessage(exchange, await acceptBytes(exchange, bytes));
    }
    expect(partitionsOfPeople(last!.changes).size).toBe(2);
    expect((await balance()).differences).toEqual([]);
  });

  test('names what waits too long', async () => {
    const { id } = await receiptOf('C3');
    const later = { now: () => new Date(Date.now() + 400 * 86_400_000) };
    expect((await balancePeriod({ ...exchange, clock: later }, period)).differences).toEqual([
      { messageId: id, problem: 'overdue' },
    ]);
  });
});
