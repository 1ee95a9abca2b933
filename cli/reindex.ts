/** `hde reindex`: the search index of all records by the definitions of today, page by page against a running exchange. */
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { connect, exchangeOptions, RefusedError } from './exchange-client.js';
import { exit, wholeNumber, type Terminal } from './terminal.js';

/** One page as the exchange answers it. */
interface PageView {
  readonly definitions: string;
  readonly records: number;
  readonly rewritten: number;
  readonly waiting: number;
  readonly continuation?: string;
}

type Totals = Omit<PageView, 'continuation'>;

const options = {
  ...exchangeOptions,
  limit: { type: 'string', default: '50' },
  pause: { type: 'string', default: '200' },
  continuation: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

/** @returns `exit.doubtful` when records were being changed, so that it should be run again */
export async function runReindex(args: string[], terminal: Terminal): Promise<number> {
  const { values } = parseArgs({ args, options });
  const client = connect(values, terminal);
  const [limit, pause] = [wholeNumber(values.limit, 'limit'), wholeNumber(values.pause, 'pause')];
  let totals: Totals = { definitions: '', records: 0, rewritten: 0, waiting: 0 };
  let { continuation } = values;
  try {
    do {
      const page = (await client.post('/reindex/run', { limit, continuation })) as PageView;
      totals = {
        definitions: page.definitions,
        records: totals.records + page.records,
        rewritten: totals.rewritten + page.rewritten,
        waiting: totals.waiting + page.waiting,
      };
      continuation = page.continuation;
      if (continuation !== undefined) await setTimeout(pause);
    } while (continuation !== undefined);
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    terminal.err(`${error.message}\n`);
    if (continuation !== undefined) terminal.err(`Go on with --continuation '${continuation}'\n`);
    return exit.refused;
  }
  terminal.out(values.json ? `${JSON.stringify(totals, null, 2)}\n` : explain(totals));
  return totals.waiting > 0 ? exit.doubtful : exit.done;
}

function explain({ definitions, records, rewritten, waiting }: Totals): string {
  const later = waiting === 0 ? '' : ` ${waiting} were being changed: run it again later.`;
  return `${records} records, ${rewritten} of them indexed anew by definitions ${definitions}.${later}\n`;
}
