import { beforeEach, describe, expect, test } from '@jest/globals';
import { ExchangeError } from '../../../src/core/errors.js';
import { dismissMessage } from '../../../src/app/triage/dismiss-message.js';
import { resubmitMessage, resubmitMessages } from '../../../src/app/triage/resubmit-messages.js';
import { createMemoryExchange, type MemoryExchange } from '../../support/exchange.js';
import { aMessage } from '../../support/messages.js';
import { accept, failLater, operator, poisonText, processQueue } from './triage-exchange.js';

let exchange: MemoryExchange;

beforeEach(() => {
  exchange = createMemoryExchange();
});

const receipt = async (id: string) => (await exchange.messages.get(id))!;

describe('a failed message that is resubmitted', () => {
  test('is queued under its own id, counted as taken up again, and ends as it would have', async () => {
    const failed = await failLater(exchange);
    const { receipt: again } = await resubmitMessage(
      exchange,
      operator,
      failed.id,
      'The archive was repaired',
    );
    expect(again).toMatchObject({ id: failed.id, status: 'accepted', resubmitted: 1, issues: [] });
    expect(exchange.queue.sent.at(-1)).toMatchObject({ messageId: failed.id, resubmitted: 1 });
    await processQueue(exchange, 1);
    expect(await receipt(failed.id)).toMatchObject({ status: 'normalised', attempts: 2 });
    expect(await receipt(failed.id)).not.toHaveProperty('errorCode');
    expect(await receipt(failed.id)).not.toHaveProperty('stage');
  });

  test('says in its history who did it, when, why, and what was wrong', async () => {
    const failed = await failLater(exchange);
    await resubmitMessage(exchange, operator, failed.id, '  The archive\nwas repaired ');
    expect((await receipt(failed.id)).history).toEqual([
      {
        at: expect.stringMatching(/^2026-/),
        by: 'olive',
        action: 'resubmitted',
        reason: 'The archive was repaired',
        failedWith: 'HDE_HL7_TYPE_UNSUPPORTED',
      },
    ]);
  });

  test('may be one that was refused while its sender waited, and fails again with stage and pack', async () => {
    const refused = await accept(exchange, poisonText());
    expect(refused).toMatchObject({ status: 'failed', stage: 'accept', attempts: 1 });
    await resubmitMessage(exchange, operator, refused.id);
    await processQueue(exchange);
    expect(await receipt(refused.id)).toMatchObject({
      status: 'failed',
      stage: 'identify',
      pack: { name: 'hl7v2-uk' },
      errorCode: 'HDE_HL7_NO_PATIENT',
      attempts: 2,
      resubmitted: 1,
    });
  });

  test('is accepted even when the queue is away: the reconciler will queue it', async () => {
    const failed = await failLater(exchange);
    const queue = {
      ...exchange.queue,
      send: () => Promise.reject(new ExchangeError('HDE_DEPENDENCY_UNAVAILABLE')),
    };
    const { delayedBy } = await resubmitMessage({ ...exchange, queue }, operator, failed.id);
    expect(delayedBy?.code).toBe('HDE_DEPENDENCY_UNAVAILABLE');
    const [forgotten] = await exchange.messages.listUnfinished('2027-01-01T00:00:00.000Z', 10);
    expect(forgotten?.id).toBe(failed.id);
  });

  test('is taken up once by two operators who decide at once', async () => {
    const failed = await failLater(exchange);
    const results = await Promise.allSettled([
      resubmitMessage(exchange, operator, failed.id),
      resubmitMessage(exchange, operator, failed.id),
    ]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(exchange.queue.sent).toHaveLength(2);
  });

  test.each(['accepted', 'normalised'] as const)(
    'may not be %s: it takes effect by itself',
    async (status) => {
      const { id } = await accept(exchange, aMessage());
      if (status === 'normalised') await processQueue(exchange);
      await expect(resubmitMessage(exchange, operator, id)).rejects.toMatchObject({
        code: 'HDE_MESSAGE_STATUS',
        location: 'status',
        detail: `${status}, where failed or dismissed is needed`,
      });
      expect(exchange.queue.sent).toHaveLength(1);
    },
  );
});

describe('a message that is dismissed', () => {
  test('keeps why it had failed, and why it was dismissed', async () => {
    const { id } = await accept(exchange, poisonText());
    await dismissMessage(exchange, operator, id, 'Sent by mistake');
    expect(await receipt(id)).toMatchObject({
      status: 'dismissed',
      errorCode: 'HDE_HL7_NO_PATIENT',
      history: [{ by: 'olive', action: 'dismissed', reason: 'Sent by mistake' }],
    });
  });

  test('stays dismissed when its sender repeats it, even one that only ran out of deliveries', async () => {
    const { id } = await accept(exchange, aMessage());
    await exchange.messages.update(id, {
      status: 'failed',
      errorCode: 'HDE_DELIVERY_EXHAUSTED',
      issues: [{ code: 'HDE_DELIVERY_EXHAUSTED', severity: 'error' }],
    });
    await dismissMessage(exchange, operator, id, 'Sent by mistake');
    await accept(exchange, aMessage());
    expect((await receipt(id)).status).toBe('dismissed');
    expect(exchange.queue.sent).toHaveLength(1);
  });

  test('has no effect, even when a repetition of it is still on the queue', async () => {
    const failed = await failLater(exchange);
    await dismissMessage(exchange, operator, failed.id, 'Sent by mistake');
    await processQueue(exchange);
    expect(await receipt(failed.id)).toMatchObject({ status: 'dismissed', attempts: 1 });
    const identifier = 'https://rzz.example.nhs.uk/Id/local-patient-id|M1';
    const found = await exchange.records.findByIdentifier('Patient', identifier, { limit: 1 });
    expect(found.documents).toEqual([]);
  });

  test('may be resubmitted all the same', async () => {
    const failed = await failLater(exchange);
    await dismissMessage(exchange, operator, failed.id, 'Sent by mistake');
    await resubmitMessage(exchange, operator, failed.id, 'It was none');
    expect((await receipt(failed.id)).history.map(({ action }) => action)).toEqual([
      'dismissed',
      'resubmitted',
    ]);
  });

  test('must have failed', async () => {
    const { id } = await accept(exchange, aMessage());
    await expect(dismissMessage(exchange, operator, id, 'No')).rejects.toMatchObject({
      code: 'HDE_MESSAGE_STATUS',
      detail: 'accepted, where failed is needed',
    });
    expect((await receipt(id)).status).toBe('accepted');
  });

  test.each([
    ['empty', ' '],
    ['too long', 'x'.repeat(501)],
    ['about a patient by number', 'Wrong number 999 000 0018 in PID-3'],
    ['about a patient by number with hyphens', 'was 999-000-0018'],
  ])('needs a reason that is not %s', async (_what, reason) => {
    const { id } = await accept(exchange, poisonText());
    await expect(dismissMessage(exchange, operator, id, reason)).rejects.toMatchObject({
      code: 'HDE_REQUEST_INVALID',
      location: 'reason',
    });
    expect((await receipt(id)).status).toBe('failed');
  });
});

describe('many failed messages', () => {
  const failMany = async (count: number) => {
    const ids: string[] = [];
    for (let i = 0; i < count; i++)
      ids.push((await failLater(exchange, { controlId: `F${i}`, mrn: `F${i}`, nhsNumber: '' })).id);
    return ids;
  };
  const queued = (from: number) => exchange.queue.sent.slice(from).map(({ messageId }) => messageId);

  test('are resubmitted the oldest first, page by page, and none twice though it fails again', async () => {
    const ids = await failMany(5);
    const first = await resubmitMessages(exchange, operator, {}, { limit: 3 });
    expect(first).toMatchObject({ resubmitted: 3, skipped: 0 });
    expect(queued(5)).toEqual(ids.slice(0, 3));
    for (const id of ids.slice(0, 3)) await exchange.messages.update(id, { status: 'failed' });
    const second = await resubmitMessages(
      exchange,
      operator,
      {},
      {
        limit: 3,
        continuation: first.continuation,
      },
    );
    expect(second).toEqual({ resubmitted: 2, skipped: 0 });
    expect(queued(8)).toEqual(ids.slice(3));
  });

  test('are those that fit the filter', async () => {
    const ids = await failMany(2);
    const refused = await accept(exchange, poisonText({ controlId: 'P' }));
    const done = await resubmitMessages(exchange, operator, { code: 'HDE_HL7_NO_PATIENT' }, { limit: 9 });
    expect(done).toEqual({ resubmitted: 1, skipped: 0 });
    expect(queued(2)).toEqual([refused.id]);
    expect((await receipt(ids[0]!)).status).toBe('failed');
  });

  test('are not those that were dismissed, unless asked for', async () => {
    const [id = ''] = await failMany(1);
    await dismissMessage(exchange, operator, id, 'Sent by mistake');
    expect(await resubmitMessages(exchange, operator, {}, { limit: 9 })).toEqual({
      resubmitted: 0,
      skipped: 0,
    });
    const done = await resubmitMessages(exchange, operator, { status: 'dismissed' }, { limit: 9 });
    expect(done.resubmitted).toBe(1);
  });

  test('of another status cannot be asked for', async () => {
    await expect(
      resubmitMessages(exchange, operator, { status: 'normalised' }, { limit: 9 }),
    ).rejects.toMatchObject({ code: 'HDE_SEARCH_PARAMETER', location: 'status' });
  });

  test('wait for later when the exchange is busy', async () => {
    const ids = await failMany(3);
    let admitted = 0;
    const backlog = {
      admit: () => (++admitted > 1 ? Promise.reject(new ExchangeError('HDE_THROTTLED')) : Promise.resolve()),
    };
    const first = await resubmitMessages({ ...exchange, backlog }, operator, {}, { limit: 9 });
    expect(first).toMatchObject({ resubmitted: 1, skipped: 0, stoppedBy: 'HDE_THROTTLED' });
    const rest = await resubmitMessages(
      exchange,
      operator,
      {},
      { limit: 9, continuation: first.continuation },
    );
    expect(rest).toEqual({ resubmitted: 2, skipped: 0 });
    expect(queued(3)).toEqual(ids);
  });

  test('are skipped when somebody decided about them meanwhile', async () => {
    const [first = '', second = ''] = await failMany(2);
    const messages = {
      ...exchange.messages,
      search: async (...args: Parameters<typeof exchange.messages.search>) => {
        const page = await exchange.messages.search(...args);
        await dismissMessage(exchange, operator, first, 'Meanwhile');
        await resubmitMessage(exchange, operator, second);
        return page;
      },
    };
    const done = await resubmitMessages({ ...exchange, messages }, operator, {}, { limit: 9 });
    // A message that was dismissed meanwhile is not put on the queue by a filter for failed ones.
    expect(done).toEqual({ resubmitted: 0, skipped: 2 });
  });
});

describe('who may decide', () => {
  test.each([
    ['a reader', { ...operator, roles: ['reader'] as const }, 'HDE_FORBIDDEN'],
    ['a sender of the feed', { ...operator, roles: ['sender'] as const }, 'HDE_FORBIDDEN'],
    ['an operator of no feed', { ...operator, feeds: [] }, 'HDE_FORBIDDEN'],
    ['an operator of another feed', { ...operator, feeds: ['other'] }, 'HDE_RECEIPT_NOT_FOUND'],
  ])('is not %s', async (_who, principal, code) => {
    const { id } = await accept(exchange, poisonText());
    await expect(resubmitMessage(exchange, principal, id)).rejects.toMatchObject({ code });
    await expect(dismissMessage(exchange, principal, id, 'Sent by mistake')).rejects.toMatchObject({ code });
    expect(await receipt(id)).toMatchObject({ status: 'failed', history: [] });
  });
});
