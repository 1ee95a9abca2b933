/** `hde triage`: operators find, read, correct, resubmit and dismiss messages of a running exchange. */
import { parseOptions } from './parse-options.js';
import { countMessages } from './count-messages.js';
import { connect, exchangeOptions, RefusedError, type ExchangeClient } from './exchange-client.js';
import { readInput } from './messages.js';
import { runAction, type Actions } from './run-action.js';
import { exit, oneOf, UsageError, wholeNumber, type Terminal } from './terminal.js';
import { printMessage, printMessages, type MessageView, type ShownMessageView } from './triage-view.js';

const actions: Actions = {
  list,
  show,
  resubmit,
  correct,
  dismiss,
};

export const runTriage = (args: string[], terminal: Terminal): Promise<number> =>
  runAction(actions, args, terminal);

const common = { ...exchangeOptions, json: { type: 'boolean', default: false } } as const;

const filterOptions = {
  feed: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  type: { type: 'string' },
  status: { type: 'string' },
  code: { type: 'string' },
  'control-id': { type: 'string' },
  identifier: { type: 'string' },
  about: { type: 'string' },
} as const;

type FilterValues = { readonly [name in keyof typeof filterOptions]?: string | undefined };

/** A filter as the exchange takes it. */
function filterOf({ 'control-id': controlId, status = 'failed', ...rest }: FilterValues) {
  return {
    feed: rest.feed,
    from: rest.from,
    to: rest.to,
    type: rest.type,
    code: rest.code,
    identifier: rest.identifier,
    about: rest.about,
    controlId,
    status: status === 'any' ? undefined : status,
  };
}

interface FoundView {
  readonly messages: readonly MessageView[];
  readonly continuation?: string;
}

async function list(args: string[], terminal: Terminal): Promise<number> {
  const { values } = parseOptions({
    args,
    options: {
      ...common,
      ...filterOptions,
      limit: { type: 'string' },
      continuation: { type: 'string' },
    },
  });
  const { limit, continuation } = values;
  const exchange = connect(values, terminal);
  const body = {
    ...filterOf(values),
    ...(limit === undefined ? {} : { limit: wholeNumber(limit, 'limit') }),
    continuation,
  };
  const found = (await exchange.post('/triage/search', body)) as FoundView;
  if (values.json) return printJson(found, terminal);
  terminal.out(found.messages.length === 0 ? 'No message fits.\n' : printMessages(found.messages));
  if (found.continuation !== undefined)
    terminal.err(`There are more: --continuation ${found.continuation}\n`);
  return exit.done;
}

async function show(args: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseOptions({
    args,
    allowPositionals: true,
    options: { ...common, raw: { type: 'boolean', default: false } },
  });
  const id = oneOf(positionals, 'ID');
  const message = (await connect(values, terminal).get(addressOf(id))) as ShownMessageView;
  if (values.json) return printJson(message, terminal);
  // For an editor: `correct` reads any line ends.
  terminal.out(values.raw ? message.raw.text.replace(/\r\n?/g, '\n') : printMessage(message));
  return exit.done;
}

async function resubmit(args: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseOptions({
    args,
    allowPositionals: true,
    options: {
      ...common,
      ...filterOptions,
      matching: { type: 'boolean', default: false },
      all: { type: 'boolean', default: false },
      reason: { type: 'string' },
    },
  });
  const exchange = connect(values, terminal);
  const { reason } = values;
  if (!values.matching && !values.all) {
    if (Object.keys(filterOptions).some((name) => Object.hasOwn(values, name)))
      throw new UsageError('a filter needs --matching');
    return forEach(positionals, values.json, terminal, (id) =>
      exchange.post(`${addressOf(id)}/resubmit`, { reason }),
    );
  }
  if (positionals.length > 0) throw new UsageError('either IDs, or --matching, or --all');
  requireChoice(values);
  const filter = filterOf(values);
  terminal.err(`${await countMessages(exchange, [filter])}\n`);
  const body = { filter, reason, all: values.all ? true : undefined };
  return resubmitMatching(exchange, body, values.json, terminal);
}

/** Nobody takes up every message by forgetting a filter: a status alone is none, because there always is one. */
function requireChoice({ all, ...values }: FilterValues & { readonly all: boolean }): void {
  const { status = 'failed' } = values;
  if (status !== 'failed' && status !== 'dismissed')
    throw new UsageError('only failed or dismissed messages are resubmitted: --status is one of these');
  const isNarrowed = Object.keys(filterOptions).some(
    (name) => name !== 'status' && Object.hasOwn(values, name),
  );
  if (isNarrowed === all)
    throw new UsageError(
      all
        ? 'either a FILTER or --all'
        : '--matching needs a FILTER (a --status alone is none); --all takes every message of your feeds',
    );
}

interface ResubmissionView {
  readonly resubmitted: number;
  readonly skipped: number;
  readonly stoppedBy?: string;
  readonly continuation?: string;
}

/** Page by page until all are done, the exchange is busy or a page is refused; tells what was done in each case. */
async function resubmitMatching(
  exchange: ExchangeClient,
  body: object,
  asJson: boolean,
  terminal: Terminal,
): Promise<number> {
  const total = { resubmitted: 0, skipped: 0 };
  let continuation: string | undefined;
  let stoppedBy: string | undefined;
  let obstacle: string | undefined;
  try {
    do {
      const page = (await exchange.post('/triage/resubmit', { ...body, continuation })) as ResubmissionView;
      total.resubmitted += page.resubmitted;
      total.skipped += page.skipped;
      ({ continuation, stoppedBy } = page);
    } while (continuation !== undefined && stoppedBy === undefined);
    if (stoppedBy !== undefined)
      obstacle = `${stoppedBy}: the exchange is busy; call again later for the rest`;
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    obstacle = error.message;
  }
  if (asJson) printJson({ ...total, stoppedBy }, terminal);
  else terminal.out(`${total.resubmitted} resubmitted, ${total.skipped} skipped\n`);
  if (obstacle === undefined) return exit.done;
  terminal.err(`${obstacle}\n`);
  return exit.refused;
}

async function correct(args: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseOptions({
    args,
    allowPositionals: true,
    options: { ...common, reason: { type: 'string' } },
  });
  const [id, file, ...more] = positionals;
  if (id === undefined || file === undefined || more.length > 0)
    throw new UsageError('an ID and a FILE are needed');
  const reason = reasonOf(values);
  const exchange = connect(values, terminal);
  const bytes = await readInput(file, terminal);
  const text = decodeUtf8(bytes);
  const copy = (await exchange.post(`${addressOf(id)}/correct`, { text, reason })) as MessageView;
  return values.json ? printJson(copy, terminal) : printDecision(copy, `${id} replaced by`, terminal);
}

async function dismiss(args: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseOptions({
    args,
    allowPositionals: true,
    options: { ...common, reason: { type: 'string' } },
  });
  const reason = reasonOf(values);
  const exchange = connect(values, terminal);
  return forEach(positionals, values.json, terminal, (id) =>
    exchange.post(`${addressOf(id)}/dismiss`, { reason }),
  );
}

function reasonOf({ reason = '' }: { readonly reason?: string | undefined }): string {
  if (reason.trim() === '') throw new UsageError('a --reason is needed: it is kept with the message');
  return reason;
}

/** `show --raw` writes UTF-8 whatever the message was sent in. */
function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError('the edited message must be UTF-8; the exchange writes it as its MSH-18 says');
  }
}

const addressOf = (id: string): string => `/triage/messages/${encodeURIComponent(id)}`;

/** Decides about one message after the other; a refusal does not keep the others from their turn. */
async function forEach(
  ids: readonly string[],
  asJson: boolean,
  terminal: Terminal,
  decide: (id: string) => Promise<unknown>,
): Promise<number> {
  if (ids.length === 0) throw new UsageError('an ID is needed');
  let code: number = exit.done;
  for (const id of ids) {
    try {
      const message = (await decide(id)) as MessageView;
      if (asJson) printJson(message, terminal);
      else printDecision(message, '', terminal);
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      terminal.err(`${id}: ${error.message}\n`);
      code = exit.refused;
    }
  }
  return code;
}

function printDecision({ id, status, delayedBy }: MessageView, before: string, terminal: Terminal): number {
  const delay = delayedBy === undefined ? '' : `, not queued yet (${delayedBy})`;
  terminal.out(`${before}${before === '' ? '' : ' '}${id}: ${status}${delay}\n`);
  return exit.done;
}

function printJson(value: unknown, terminal: Terminal): number {
  terminal.out(`${JSON.stringify(value, null, 2)}\n`);
  return exit.done;
}
