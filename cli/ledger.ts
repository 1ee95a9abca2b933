/** `hde ledger`: proves against a running exchange that a feed lost nothing. */
import { pagesOf, type Continued } from '../src/ports/pages.js';
import { parseOptions } from './parse-options.js';
import { connect, exchangeOptions, RefusedError, type ExchangeClient } from './exchange-client.js';
import { printTable } from './table.js';
import { exit, UsageError, type Terminal } from './terminal.js';

interface Difference {
  readonly messageId: string;
  readonly problem: string;
  readonly archivedAt?: string;
}

interface ReceiptsView {
  readonly counts: Readonly<Record<string, number>>;
  readonly duplicates: number;
  readonly differences: readonly Difference[];
  readonly continuation?: string;
}

interface ArchiveView {
  readonly archived: number;
  readonly differences: readonly Difference[];
  readonly continuation?: string;
}

interface TakenInView {
  readonly takenIn: readonly string[];
  readonly left: readonly { readonly messageId: string; readonly reason: string }[];
  readonly stoppedBy?: string;
}

/** The whole account: each message is in exactly one of `counts`. */
interface Account {
  readonly received: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly duplicates: number;
  readonly archived: number;
  readonly differences: readonly Difference[];
  /** Messages without a receipt, or without records, that are accepted again; present where that was asked for. */
  readonly takenIn?: readonly string[];
  /** Why not all of them were. */
  readonly stoppedBy?: string;
}

/** @returns `exit.doubtful` when the account does not balance */
export async function runLedger(args: string[], terminal: Terminal): Promise<number> {
  const { values } = parseOptions({
    args,
    options: {
      ...exchangeOptions,
      feed: { type: 'string' },
      from: { type: 'string' },
      to: { type: 'string' },
      'take-in': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const { feed, from, to } = values;
  if (feed === undefined || from === undefined || to === undefined)
    throw new UsageError('--feed, --from and --to are needed');
  try {
    const client = connect(values, terminal);
    const account = await readAccount(client, { feed, from, to });
    const told = values['take-in'] ? await takeIn(client, feed, account) : account;
    terminal.out(values.json ? `${JSON.stringify(told, null, 2)}\n` : explain(told));
    return told.differences.length === 0 ? exit.done : exit.doubtful;
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    terminal.err(`${error.message}\n`);
    return exit.refused;
  }
}

async function readAccount(client: ExchangeClient, period: object): Promise<Account> {
  const ask = async <P>(path: string, limit: number, from: Continued): Promise<P> =>
    (await client.post(path, { ...period, limit, ...from })) as P;
  const counts: Record<string, number> = {};
  const differences: Difference[] = [];
  let duplicates = 0;
  let archived = 0;
  for await (const page of pagesOf((from) => ask<ReceiptsView>('/ledger/receipts', 200, from))) {
    for (const [status, count] of Object.entries(page.counts)) counts[status] = (counts[status] ?? 0) + count;
    duplicates += page.duplicates;
    differences.push(...page.differences);
  }
  for await (const page of pagesOf((from) => ask<ArchiveView>('/ledger/archive', 5_000, from))) {
    archived += page.archived;
    differences.push(...page.differences);
  }
  const received = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return { received, counts, duplicates, archived, differences };
}

/** As many messages as are taken in by one request. */
const takenInAtOnce = 50;

/** Has what is lost but for its bytes taken in again, the oldest first, and takes it out of the differences. */
async function takeIn(client: ExchangeClient, feed: string, account: Account): Promise<Account> {
  const ofProblem = (wanted: string) => account.differences.filter(({ problem }) => problem === wanted);
  // Receipts are listed by age, the archive by name.
  const alone = ofProblem('no-receipt').sort(({ archivedAt: a = '' }, { archivedAt: b = '' }) =>
    a < b ? -1 : Number(a > b),
  );
  const lost = [...ofProblem('not-stored'), ...alone].map(({ messageId }) => messageId);
  const takenIn: string[] = [];
  const reasons = new Map<string, string>();
  let stoppedBy: string | undefined;
  for (let start = 0; start < lost.length && stoppedBy === undefined; start += takenInAtOnce) {
    const messageIds = lost.slice(start, start + takenInAtOnce);
    const done = (await client.post('/ledger/take-in', { feed, messageIds })) as TakenInView;
    takenIn.push(...done.takenIn);
    for (const { messageId, reason } of done.left) reasons.set(messageId, reason);
    ({ stoppedBy } = done);
  }
  const isTaken = new Set(takenIn);
  const differences = account.differences
    .filter(({ messageId }) => !isTaken.has(messageId) && reasons.get(messageId) !== 'known')
    .map((each) => {
      const reason = reasons.get(each.messageId);
      return reason === undefined ? each : { ...each, problem: `${each.problem}, ${reason}` };
    });
  return { ...account, differences, takenIn, ...(stoppedBy === undefined ? {} : { stoppedBy }) };
}

function explain({
  received,
  counts,
  duplicates,
  archived,
  differences,
  takenIn,
  stoppedBy,
}: Account): string {
  const rows = [
    ['received', received],
    ...Object.entries(counts).map(([status, count]) => [`  ${status}`, count]),
    ['repeated by senders', duplicates],
    ['archived', archived],
    ...(takenIn === undefined ? [] : [['taken in again', takenIn.length]]),
  ];
  const stopped = stoppedBy === undefined ? '' : `Stopped by ${stoppedBy}: do it again later.\n`;
  const table = `${printTable(['Messages', 'Count'], rows)}${stopped}`;
  if (differences.length === 0) return `${table}The account balances.\n`;
  const named = printTable(
    ['Message', 'Problem'],
    differences.map(({ messageId, problem }) => [messageId, problem]),
  );
  return `${table}\n${named}${differences.length} messages do not agree with what was promised.\n`;
}
