/** A run of the synthetic hospital over the use cases in memory: calm, unless a test disturbs it. */
import { acceptMessage } from '../../src/app/accept-message.js';
import { wholeBody } from '../../src/app/receive-body.js';
import { balancePeriod } from '../../src/app/ledger/balance-period.js';
import { normaliseMessage } from '../../src/app/normalise-message.js';
import { ExchangeError } from '../../src/core/errors.js';
import type { Feed } from '../../src/core/feed.js';
import type { RecordDocument } from '../../src/core/records/types.js';
import type { Account, Answered, Evidence } from '../../chaos/checker/evidence.js';
import { isAbout } from '../../chaos/checker/view.js';
import { chaosFeeds } from '../../chaos/feeds.js';
import { feedIds, type FeedId, type Hospital, type Send } from '../../chaos/hospital/model.js';
import type { Json } from '../../chaos/json.js';
import { createMemoryExchange, type MemoryExchange } from '../support/exchange.js';

type MutableAnswered = { -readonly [K in keyof Answered]: Answered[K] } & { receiptIds: Set<string> };

export interface MemoryRun extends Evidence {
  readonly documents: readonly Json[];
  readonly answers: Map<number, MutableAnswered>;
}

/** Sends every lane to its end, one step of each in turn, and processes what is accepted at once. */
export async function runInMemory(hospital: Hospital): Promise<MemoryRun> {
  const base = createMemoryExchange();
  const stored = new Map<string, RecordDocument>();
  const exchange = {
    ...base,
    feeds: new Map(chaosFeeds.map((feed) => [feed.id, feed as Feed])),
    records: {
      ...base.records,
      commit: async (partition: string, operations: Parameters<typeof base.records.commit>[1]) => {
        const outcome = await base.records.commit(partition, operations);
        if (outcome === 'committed')
          for (const { document } of operations) stored.set(`${partition}/${document.id}`, document);
        return outcome;
      },
    },
  };
  const answers = new Map<number, MutableAnswered>();
  const reusesAccepted: number[] = [];
  let processed = 0;

  const post = async ({ message, way, text = message.text }: Send): Promise<void> => {
    const answered = answers.get(message.number) ?? {
      receiptIds: new Set(),
      accepted: 0,
      duplicate: 0,
      failed: 0,
      unanswered: 0,
    };
    answers.set(message.number, answered);
    const feed = exchange.feeds.get(message.feed)!;
    try {
      const { outcome, receipt } = await acceptMessage(exchange, {
        feed,
        body: wholeBody(Buffer.from(text)),
        contentType: '',
      });
      if (way === 'reuse') reusesAccepted.push(message.number);
      answered.receiptIds.add(receipt.id);
      answered[outcome] += 1;
    } catch (error) {
      if (!(error instanceof ExchangeError) || error.code !== 'HDE_CONTROL_ID_REUSED') throw error;
    }
    for (; processed < exchange.queue.sent.length; processed++)
      await normaliseMessage(exchange, exchange.queue.sent[processed]!);
  };

  const longest = Math.max(...hospital.lanes.map(({ sends }) => sends.length));
  for (let step = 0; step < longest; step++) {
    for (const { sends } of hospital.lanes) {
      const send = sends[step];
      if (send === undefined) continue;
      await post(send);
      if (send.way === 'twice') await post(send);
    }
  }

  const documents = [...stored.values()].map((document) => structuredClone(document) as unknown as Json);
  const receipts: Json[] = [];
  for (const { receiptIds } of answers.values())
    for (const id of receiptIds) receipts.push((await exchange.messages.get(id)) as unknown as Json);
  const current = documents.filter(({ kind }) => kind === 'resource').map(({ resource }) => resource as Json);
  return {
    answers,
    reusesAccepted,
    documents,
    receipts,
    senderReceipts: new Map(),
    events: documents.filter(({ kind }) => kind === 'event'),
    accounts: await accountsOf(exchange),
    records: new Map(hospital.people.map((person) => [person.id, everythingOf(person, current)])),
  };
}

/** The account of each feed, as the ledger of the exchange gives it. */
async function accountsOf(exchange: MemoryExchange): Promise<Evidence['accounts']> {
  const [from, to] = ['2000-01-01T00:00:00.000Z', '2100-01-01T00:00:00.000Z'];
  const balances = feedIds.map(async (feed): Promise<[FeedId, Account]> => {
    const { counts, ...balance } = await balancePeriod(exchange, { feed, from, to });
    return [feed, { ...balance, counts: new Map(Object.entries(counts)) }];
  });
  return new Map(await Promise.all(balances));
}

/** The person's records and the patients that they are linked to. */
function everythingOf(person: Hospital['people'][number], current: readonly Json[]): Json[] {
  const key = String(current.find((resource) => isAbout(person, resource))?.['id']);
  return current.filter(
    ({ id, resourceType }) => String(id).startsWith(`${key}.`) || resourceType === 'Patient',
  );
}
