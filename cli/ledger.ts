/** `hde ledger`: proves against a running exchange that a feed lost nothing. */
import { parseArgs } from 'node:util';
import { pagesOf, type Continued } from '../src/ports/pages.js';
import { connect, exchangeOptions, RefusedError, type ExchangeClient } from './exchange-client.js';
import { printTable } from './table.js';
import { exit, UsageError, type Terminal } from './terminal.js';

interface Difference {
  readonly messageId: string;
  readonly problem: string;
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

/** The whole account: each message is in exactly one of `counts`. */
interface Account {
  readonly received: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly duplicates: number;
  readonly archived: number;
  readonly differences: readonly Difference[];
}

/** @returns `exit.doubtful` when the account does not balance */
export async function runLedger(args: string[], terminal: Terminal): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      ...exchangeOptions,
      feed: { type: 'string' },
      from: { type: 'string' },
      to: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const { feed, from, to } = values;
  if (feed === undefined || from === undefined || to === undefined)
    throw new UsageError('--feed, --from and --to are needed');
  try {
    const account = await readAccount(connect(values, terminal), { feed, from, to });
    terminal.out(values.json ? `${JSON.stringify(account, null, 2)}\n` : explain(account));
    return account.differences.length === 0 ? exit.done : exit.doubtful;
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    terminal.err(`${error.message}\n`);
    return exit.refused;
  }
}

async function readAccount(client: ExchangeClient, period: object): Promise<Account> {
  const ask = async <P>(path: string, from: Continued): Promise<P> =>
    (await client.post(path, { ...period, limit: 200, ...from })) as P;
  const counts: Record<string, number> = {};
  const differences: Difference[] = [];
  let duplicates = 0;
  let archived = 0;
  for await (const page of pagesOf((from) => ask<ReceiptsView>('/ledger/receipts', from))) {
    for (const [status, count] of Object.entries(page.counts)) counts[status] = (counts[status] ?? 0) + count;
    duplicates += page.duplicates;
    differences.push(...page.differences);
  }
  for await (const page of pagesOf((from) => ask<ArchiveView>('/ledger/archive', from))) {
    archived += page.archived;
    differences.push(...page.differences);
  }
  const received = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return { received, counts, duplicates, archived, differences };
}

function explain({ received, counts, duplicates, archived, differences }: Account): string {
  const rows = [
    ['received', received],
    ...Object.entries(counts).map(([status, count]) => [`  ${status}`, count]),
    ['repeated by senders', duplicates],
    ['archived', archived],
  ];
  const table = printTable(['Messages', 'Count'], rows);
  if (differences.length === 0) return `${table}The account balances.\n`;
  const named = printTable(
    ['Message', 'Problem'],
    differences.map(({ messageId, problem }) => [messageId, problem]),
  );
  return `${table}\n${named}${differences.length} messages do not agree with what was promised.\n`;
}
