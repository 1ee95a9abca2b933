/** `hde reindex`: the search index of all records by the definitions of today, page by page against a running exchange. */
import { parseOptions } from './parse-options.js';
import { eachPage } from './each-page.js';
import { connect, exchangeOptions } from './exchange-client.js';
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
  const { values } = parseOptions({ args, options });
  const client = connect(values, terminal);
  const [limit, pause] = [wholeNumber(values.limit, 'limit'), wholeNumber(values.pause, 'pause')];
  let totals: Totals = { definitions: '', records: 0, rewritten: 0, waiting: 0 };
  const isDone = await eachPage(
    {
      ask: async (continuation) => (await client.post('/reindex/run', { limit, continuation })) as PageView,
      add: (page) => {
        totals = {
          definitions: page.definitions,
          records: totals.records + page.records,
          rewritten: totals.rewritten + page.rewritten,
          waiting: totals.waiting + page.waiting,
        };
      },
      from: values.continuation,
      pause,
    },
    terminal,
  );
  if (!isDone) return exit.refused;
  terminal.out(values.json ? `${JSON.stringify(totals, null, 2)}\n` : explain(totals));
  return totals.waiting > 0 ? exit.doubtful : exit.done;
}

function explain({ definitions, records, rewritten, waiting }: Totals): string {
  const later = waiting === 0 ? '' : ` ${waiting} were being changed: run it again later.`;
  return `${records} records, ${rewritten} of them indexed anew by definitions ${definitions}.${later}\n`;
}
