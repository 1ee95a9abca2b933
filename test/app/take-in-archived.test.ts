/** What was accepted before the store was restored to an earlier time: its bytes are archived, its receipt is gone. */
import { beforeEach, expect, test } from '@jest/globals';
import { createMemoryIdentityStore } from '../../src/adapters/memory/identity-store.js';
import { createMemoryMessageStore } from '../../src/adapters/memory/message-store.js';
import { createMemoryRecordStore } from '../../src/adapters/memory/record-store.js';
import { acceptMessage } from '../../src/app/accept-message.js';
import { createKnownShared } from '../../src/app/known-shared.js';
import { balancePeriod } from '../../src/app/ledger/balance-period.js';
import { normaliseMessage } from '../../src/app/normalise-message.js';
import { wholeBody } from '../../src/app/receive-body.js';
import { recordDeadLetter } from '../../src/app/record-dead-letter.js';
import { receiptOnQueue } from '../../src/app/receipt-on-queue.js';
import { takeInArchived } from '../../src/app/take-in-archived.js';
import { correctMessage } from '../../src/app/triage/correct-message.js';
import { ExchangeError } from '../../src/core/errors.js';
import { acceptBytes, createMemoryExchange, type MemoryExchange } from '../support/exchange.js';
import { sampleFeed } from '../support/feeds.js';
import { aMessage } from '../support/messages.js';
import { accept, hl7v2TextOf, operator, poisonText } from './triage/triage-exchange.js';

const always = { feed: sampleFeed.id, from: '2000-01-01T00:00:00.000Z', to: '2100-01-01T00:00:00.000Z' };

const action = { at: '2026-03-30T15:00:00.000Z', by: 'olive', action: 'resubmitted' } as const;

let exchange: MemoryExchange;

beforeEach(() => {
  exchange = createMemoryExchange();
});

/** The same archive and queue over a store as it was before anything came. */
const restored = (): MemoryExchange => ({
  ...exchange,
  messages: createMemoryMessageStore(),
  records: createMemoryRecordStore(),
  identities: createMemoryIdentityStore(),
  knownShared: createKnownShared(),
});

const processFrom = async (at: MemoryExchange, first: number): Promise<void> => {
  for (const envelope of at.queue.sent.slice(first)) await normaliseMessage(at, envelope);
};

const patients = async ({ records }: MemoryExchange): Promise<unknown[]> => {
  const token = 'https://rzz.example.nhs.uk/Id/local-patient-id|M1';
  return (await records.findByIdentifier('Patient', token, { limit: 5 })).documents.map(
    ({ resource: { meta, ...said } }) => said,
  );
};

test('is accepted again under its id and takes effect once, however often that is asked for', async () => {
  await acceptBytes(exchange, aMessage({ controlId: 'C1' }));
  await acceptBytes(exchange, aMessage({ controlId: 'C2', at: '20260330110000', family: 'Bell' }));
  await processFrom(exchange, 0);
  const after = restored();
  const { differences } = await balancePeriod(after, always);
  expect(differences.map(({ problem }) => problem)).toEqual(['no-receipt', 'no-receipt']);
  const ids = [...differences].map(({ messageId }) => messageId);
  const sent = after.queue.sent.length;

  const { takenIn, left } = await takeInArchived(after, sampleFeed, ids, action);
  expect([takenIn.length, left]).toEqual([2, []]);
  await processFrom(after, sent);
  expect(await patients(after)).toEqual(await patients(exchange));
  expect(await balancePeriod(after, always)).toMatchObject({ counts: { normalised: 2 }, differences: [] });
  for (const { messageId, archivedAt } of differences) {
    const { receivedAt, status } = (await after.messages.get(messageId))!;
    expect([receivedAt, status]).toEqual([archivedAt, 'normalised']);
  }

  expect(await takeInArchived(after, sampleFeed, ids, action)).toEqual({
    takenIn: [],
    left: ids.map((messageId) => ({ messageId, reason: 'known' })),
  });
  expect((await after.messages.get(ids[0]!))?.duplicates).toBe(0);
});

test('is what came first under a control id that was used again, and fails again where its sender was refused', async () => {
  const first = await accept(exchange, aMessage({ family: 'First' }));
  const again = { feed: sampleFeed, contentType: '', body: wholeBody(aMessage({ family: 'Second' })) };
  await expect(acceptMessage(exchange, again)).rejects.toThrow(ExchangeError);
  const refused = await accept(exchange, poisonText({ controlId: 'P1' }));
  const after = restored();
  const list: typeof exchange.archive.list = async (prefix, page) => {
    const { entries } = await exchange.archive.list(prefix, page);
    const stored = (path: string) =>
      path === first.archivePath ? '2026-03-30T10:00:00.000Z' : '2026-03-30T10:00:01.000Z';
    return { entries: entries.map(({ path }) => ({ path, storedAt: stored(path) })).reverse() };
  };
  const archive = { ...exchange.archive, list };

  await takeInArchived({ ...after, archive }, sampleFeed, [first.id, refused.id], action);
  expect(await after.messages.get(first.id)).toMatchObject({ sha256: first.sha256, status: 'accepted' });
  expect(await after.messages.get(refused.id)).toMatchObject({
    status: 'failed',
    stage: 'accept',
    errorCode: refused.errorCode,
  });
});

test('is left where it is an edited copy, and stored under no other name', async () => {
  const refused = await accept(exchange, poisonText());
  const text = hl7v2TextOf(aMessage({ family: 'Edited' }));
  const { receipt: copy } = await correctMessage(exchange, operator, refused.id, {
    text,
    reason: 'no PID-3',
  });
  const after = restored();
  const { archived } = await balancePeriod(after, always);
  expect(await takeInArchived(after, sampleFeed, [copy.id, 'nothing'], action)).toEqual({
    takenIn: [],
    left: [
      { messageId: copy.id, reason: 'edited' },
      { messageId: 'nothing', reason: 'not-archived' },
    ],
  });
  expect((await balancePeriod(after, always)).archived).toBe(archived);
});

test('waits where the exchange is busy', async () => {
  const { id } = await accept(exchange, aMessage());
  const backlog = {
    admit: () => Promise.reject(new ExchangeError('HDE_THROTTLED', { retryAfterSeconds: 30 })),
  };
  const done = await takeInArchived({ ...restored(), backlog }, sampleFeed, [id], action);
  expect(done).toEqual({ takenIn: [], left: [], stoppedBy: 'HDE_THROTTLED' });
});

test('and is still on the queue gets its receipt again when it is delivered', async () => {
  const refused = await accept(exchange, poisonText());
  const text = hl7v2TextOf(aMessage({ family: 'Edited' }));
  const { receipt: copy } = await correctMessage(exchange, operator, refused.id, {
    text,
    reason: 'no PID-3',
  });
  const after = restored();
  const envelope = exchange.queue.sent.at(-1)!;
  expect((await normaliseMessage(after, envelope)).status).toBe('normalised');
  expect(await after.messages.get(copy.id)).toMatchObject({
    ...{ status: 'normalised', attempts: 1, correctionOf: refused.id, receivedAt: refused.receivedAt },
    ...{ sha256: copy.sha256, size: copy.size, subjects: copy.subjects, sessionKey: copy.sessionKey },
  });
});

test('and whose deliveries are used up is kept as failed', async () => {
  const envelope = await acceptBytes(exchange, aMessage());
  const after = restored();
  await receiptOnQueue(after, envelope);
  expect(await recordDeadLetter(after, envelope, 10)).toBe('failed');
  expect(await after.messages.get(envelope.messageId)).toMatchObject({
    status: 'failed',
    errorCode: 'HDE_DELIVERY_EXHAUSTED',
  });
});

test('and counts as done, though its records are gone, is done again', async () => {
  const { messageId } = await acceptBytes(exchange, aMessage());
  await processFrom(exchange, 0);
  const before = await patients(exchange);
  const after = { ...restored(), messages: exchange.messages };
  expect((await balancePeriod(after, always)).differences).toEqual([{ messageId, problem: 'not-stored' }]);
  const other = { ...sampleFeed, id: 'another' };
  expect((await takeInArchived(after, other, [messageId], action)).takenIn).toEqual([]);
  const { takenIn } = await takeInArchived(after, sampleFeed, [messageId], action);
  expect(takenIn).toMatchObject([{ id: messageId, status: 'accepted', history: [action] }]);
  await processFrom(after, 1);
  expect(await patients(after)).toEqual(before);
  expect((await balancePeriod(after, always)).differences).toEqual([]);
  expect((await takeInArchived(after, sampleFeed, [messageId], action)).left).toEqual([
    { messageId, reason: 'known' },
  ]);
});
