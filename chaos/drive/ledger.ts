/** The exchange's own account of its feeds, asked for as an operator does (docs/operations/triage.md). */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Account } from '../checker/evidence.js';
import { feedIds, type FeedId } from '../hospital/model.js';
import { at, listAt, textAt, type Json } from '../json.js';

interface Period {
  readonly feed: FeedId;
  readonly from: string;
  readonly to: string;
}

const pageSize = 200;
const attempts = 20;
const attemptMs = 60_000;
/** Clocks of one machine: what was received now must not lie outside. */
const marginMs = 60_000;

/**
 * Accounts of all feeds from an instant until now.
 *
 * @param token of an operator
 * @throws Error when a page is not answered at all
 */
export async function readAccounts(
  url: string,
  token: string,
  began: Date,
): Promise<ReadonlyMap<FeedId, Account>> {
  const from = new Date(began.getTime() - marginMs).toISOString();
  const to = new Date(Date.now() + marginMs).toISOString();
  const pages = (path: string, period: Period) => readPages(`${url}/ledger/${path}`, token, period);
  const accounts = feedIds.map(async (feed): Promise<[FeedId, Account]> => {
    const period = { feed, from, to };
    const [receipts, archive] = await Promise.all([pages('receipts', period), pages('archive', period)]);
    return [feed, addUp(receipts, archive)];
  });
  return new Map(await Promise.all(accounts));
}

function addUp(receipts: readonly Json[], archive: readonly Json[]): Account {
  const counts = new Map<string, number>();
  for (const page of receipts) {
    for (const [status, count] of Object.entries(at(page, 'counts') as Record<string, number>))
      counts.set(status, (counts.get(status) ?? 0) + count);
  }
  const sum = (pages: readonly Json[], member: string) =>
    pages.reduce((total, page) => total + Number(at(page, member)), 0);
  return {
    counts,
    duplicates: sum(receipts, 'duplicates'),
    archived: sum(archive, 'archived'),
    differences: [...receipts, ...archive].flatMap((page) =>
      listAt(page, 'differences').map((difference) => ({
        messageId: textAt(difference, 'messageId'),
        problem: textAt(difference, 'problem'),
      })),
    ),
  };
}

async function readPages(url: string, token: string, period: Period): Promise<Json[]> {
  const pages: Json[] = [];
  let continuation = '';
  do {
    const place = continuation === '' ? {} : { continuation };
    const page = await readPage(url, token, { ...period, limit: pageSize, ...place });
    pages.push(page);
    continuation = textAt(page, 'continuation');
  } while (continuation !== '');
  return pages;
}

async function readPage(url: string, token: string, body: unknown): Promise<Json> {
  for (let attempt = 1; ; attempt++) {
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(attemptMs),
      });
      const answer = (await response.json()) as Json;
      if (response.status === 200) return answer;
      if (response.status < 500) throw new RangeError(`the ledger answers ${response.status}`);
    } catch (error) {
      if (error instanceof RangeError) throw error;
    }
    if (attempt === attempts) throw new Error('the ledger does not answer');
    await sleep(50 * attempt);
  }
}
