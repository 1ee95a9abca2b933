/** `hde replay`: what reading messages anew would change, and doing it, page by page against a running exchange. */
import { randomUUID } from 'node:crypto';
import { sortPatients, type PatientDifference } from '../src/core/replay/compare-records.js';
import { parseOptions } from './parse-options.js';
import { countMessages } from './count-messages.js';
import { eachPage } from './each-page.js';
import { connect, exchangeOptions } from './exchange-client.js';
import { printTable } from './table.js';
import { exit, UsageError, wholeNumber, type Terminal } from './terminal.js';

/** One page as the exchange answers it. */
interface PageView {
  readonly messages: number;
  readonly patients: number;
  readonly differences: readonly PatientDifference[];
  readonly failures: readonly { readonly messageId: string; readonly errorCode: string }[];
  readonly skipped: readonly { readonly subject: string; readonly reason: string }[];
  /** Of a run. */
  readonly changes?: readonly unknown[];
  readonly kept?: readonly string[];
  /** Of failed messages: those that would take effect, or did. */
  readonly recovered?: readonly string[];
  /** Of failed messages in a run: those that wait on the queue. */
  readonly queued?: readonly string[];
  readonly continuation?: string;
}

type Totals = Omit<Required<PageView>, 'continuation' | 'changes'> & {
  readonly changes: number;
  /** What failed messages would change: each page tells of its own messages only. */
  readonly tried: readonly PatientDifference[];
};

const nothing: Totals = {
  messages: 0,
  patients: 0,
  differences: [],
  tried: [],
  failures: [],
  skipped: [],
  changes: 0,
  kept: [],
  recovered: [],
  queued: [],
};

const options = {
  ...exchangeOptions,
  feed: { type: 'string', multiple: true },
  from: { type: 'string' },
  to: { type: 'string' },
  type: { type: 'string' },
  status: { type: 'string', multiple: true },
  pack: { type: 'string' },
  limit: { type: 'string', default: '50' },
  pause: { type: 'string', default: '200' },
  all: { type: 'boolean', default: false },
  'run-id': { type: 'string' },
  continuation: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

/** @returns `exit.doubtful` when anybody could not be replayed or a message would fail */
export async function runReplay(args: string[], terminal: Terminal): Promise<number> {
  const [action, ...rest] = args;
  if (action !== 'preview' && action !== 'run') throw new UsageError('one of preview, run is needed');
  const { values } = parseOptions({ args: rest, options });
  if (action === 'run') requireChoice(values);
  const client = connect(values, terminal);
  const { feed, from, to, type, status, pack } = values;
  const body = {
    feeds: feed,
    from,
    to,
    type,
    statuses: status,
    pack,
    limit: wholeNumber(values.limit, 'limit'),
    ...(action === 'run' ? runOf(values) : {}),
  };
  let totals = nothing;
  const isDone = await eachPage(
    {
      ask: async (continuation) => {
        if (action === 'run' && continuation === undefined)
          terminal.err(`${await countMessages(client, filtersOf(values))}\n`);
        return (await client.post(`/replay/${action}`, { ...body, continuation })) as PageView;
      },
      add: (page) => {
        totals = add(totals, page);
      },
      from: values.continuation,
      pause: wholeNumber(values.pause, 'pause'),
    },
    terminal,
  );
  // What was found until it broke off is on no page behind the place where it goes on.
  if (isDone || totals.messages > 0)
    terminal.out(
      values.json ? `${JSON.stringify(allOf(totals), null, 2)}\n` : explain(allOf(totals), action),
    );
  if (!isDone) return exit.refused;
  return totals.failures.length > 0 || totals.skipped.length > 0 ? exit.doubtful : exit.done;
}

const runOf = (values: { readonly 'run-id'?: string | undefined; readonly all: boolean }) => ({
  runId: values['run-id'] ?? randomUUID(),
  all: values.all ? true : undefined,
});

interface SelectionValues {
  readonly feed?: readonly string[] | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly type?: string | undefined;
  readonly status?: readonly string[] | undefined;
}

/** Nobody rewrites everybody's records by forgetting a selection. */
function requireChoice({ feed, from, to, type, all }: SelectionValues & { readonly all: boolean }): void {
  const isNarrowed = [feed, from, to, type].some((value) => value !== undefined);
  if (isNarrowed === all)
    throw new UsageError(
      all
        ? 'either a SELECTION or --all'
        : 'run needs a SELECTION; --all reads every message of your feeds anew (preview shows what would change)',
    );
}

/** The same messages as searches: feed by feed, status by status. */
const filtersOf = ({ feed, from, to, type, status: statuses = ['normalised'] }: SelectionValues): object[] =>
  (feed ?? [undefined]).flatMap((each) => statuses.map((status) => ({ feed: each, from, to, type, status })));

const add = (totals: Totals, page: PageView): Totals => ({
  messages: totals.messages + page.messages,
  patients: totals.patients + page.patients,
  ...(page.recovered === undefined
    ? {
        differences: latest(({ subject }) => subject, totals.differences, page.differences),
        tried: totals.tried,
      }
    : { differences: totals.differences, tried: [...totals.tried, ...page.differences] }),
  failures: latest(({ messageId }) => messageId, totals.failures, page.failures),
  skipped: latest(({ subject }) => subject, totals.skipped, page.skipped),
  changes: totals.changes + (page.changes?.length ?? 0),
  kept: latest((name) => name, totals.kept, page.kept ?? []),
  recovered: latest((id) => id, totals.recovered, page.recovered ?? []),
  queued: latest((id) => id, totals.queued, page.queued ?? []),
});

/** What is told in the end, the worst first. */
const allOf = ({ tried, differences, ...totals }: Totals) => ({
  ...totals,
  differences: sortPatients([...tried, ...differences]),
});

/** Both without repeats: a later page tells again of people about whom a message came meanwhile. */
const latest = <T>(nameOf: (each: T) => string, before: readonly T[], now: readonly T[]): T[] => [
  ...new Map([...before, ...now].map((each) => [nameOf(each), each])).values(),
];

/** The clinical difference as text: who loses most comes first. */
function explain(totals: ReturnType<typeof allOf>, action: 'preview' | 'run'): string {
  const rows = totals.differences.flatMap(({ subject, records }) =>
    records.map(({ resourceType, id, difference, elements }) => [
      subject,
      difference,
      `${resourceType}/${id}`,
      elements.map((element) => `${element.name} ${element.difference}`).join(', '),
    ]),
  );
  const { messages, patients, differences, changes, kept, recovered, queued } = totals;
  const took = action === 'preview' ? 'had failed and would take effect' : 'had failed and took effect';
  const outcome =
    action === 'preview'
      ? 'nothing was written'
      : `${changes} records written, ${kept.length} that their messages no longer state kept`;
  return [
    rows.length === 0 ? '' : printTable(['Who', 'What', 'Record', 'Elements'], rows),
    ...totals.failures.map(({ messageId, errorCode }) => `${messageId} would fail: ${errorCode}\n`),
    ...totals.skipped.map(({ subject, reason }) => `${subject} was left out: ${reason}\n`),
    ...recovered.map((id) => `${id} ${took}\n`),
    ...queued.map((id) => `${id} waits on the queue\n`),
    `${messages} messages of ${patients} people: ${new Set(differences.map(({ subject }) => subject)).size} people differ; ${outcome}.\n`,
  ].join('');
}
