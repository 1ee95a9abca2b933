import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadSampleDay, SAMPLE_FEED } from '../../samples/acute-trust.js';
import { mintDevelopmentToken } from '../development-issuer.js';
import { summarise, type DemoSummary, type SentMessage } from './accounting.js';
import { createExchangeClient } from './exchange-client.js';
import { formatSummary } from './format-summary.js';
import { runLanes } from './lanes.js';
import type { DemoClock } from './patience.js';
import { createProgress, type ProgressOutput } from './progress.js';
import { settleReceipts } from './settle.js';

export interface DemoOptions {
  /** Base address of the running exchange. */
  readonly url?: string;
  /** How many patients' messages are under way at once. */
  readonly concurrency?: number;
  /** Sends only so many messages from the beginning of the day. */
  readonly limit?: number;
  /** Bearer token with the roles sender and reader; without one the local development issuer makes it. */
  readonly token?: string;
  /** State folder of the local stack, where the development issuer keeps its key; default `.local`. */
  readonly stateDir?: string;
  /** Where progress and the summary go. */
  readonly output?: ProgressOutput;
  /** Stops the run, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  readonly clock?: DemoClock;
}

export const DEFAULT_URL = 'http://127.0.0.1:7071';
export const DEFAULT_CONCURRENCY = 16;
/** How long the stack may be away before the demo gives up: enough to kill it and to start it again. */
const PATIENCE = 120_000;
const RECEIPT_CONCURRENCY = 8;

const realClock: DemoClock = {
  now: () => performance.now(),
  instant: () => new Date().toISOString(),
  sleep: async (milliseconds, signal) => {
    await sleep(milliseconds, undefined, signal === undefined ? {} : { signal });
  },
};

const DEFAULT_STATE = '.local';

/** The command that makes a reader's token for the same stack. */
function tokenCommand(stateDir: string): string {
  const elsewhere = path.resolve(stateDir) !== path.resolve(DEFAULT_STATE);
  return `npm run --silent token -- --role reader${elsewhere ? ` --state '${stateDir}'` : ''}`;
}

/**
 * Posts the sample day to a running exchange, waits until the receipt of every message has settled, and prints a
 * summary. Messages of one patient are sent one after the other, those of different patients at the same time. A stack
 * that is killed and started again meanwhile is waited for, up to two minutes for each request.
 *
 * @throws DemoError when the exchange cannot be reached or refuses the token or the feed
 */
export async function playSampleDay(options: DemoOptions = {}): Promise<DemoSummary> {
  const { url = DEFAULT_URL, concurrency = DEFAULT_CONCURRENCY, limit, signal } = options;
  const { output = process.stdout, clock = realClock, stateDir = DEFAULT_STATE } = options;
  const token =
    options.token ??
    (await mintDevelopmentToken({ roles: ['sender', 'reader'], feeds: [SAMPLE_FEED] }, { stateDir }));
  const client = createExchangeClient({ url, token, patience: { clock, limit: PATIENCE, signal } });
  await client.greet();
  const messages = loadSampleDay().slice(0, limit);
  const begun = clock.now();
  const since = clock.instant();

  const sent: SentMessage[] = [];
  const sending = createProgress(output, 'sending ', messages.length, clock.now);
  await runLanes(messages, concurrency, async (message) => {
    sent.push({ message, answer: await client.send(message.text) });
    sending.update(sent.length);
  });
  sending.finish();
  const acceptElapsed = clock.now() - begun;

  const receiptIds = new Set(sent.flatMap(({ answer }) => answer.receiptId ?? []));
  const settling = createProgress(output, 'settling', receiptIds.size, clock.now);
  const receipts = await settleReceipts(receiptIds, {
    readReceipt: client.readReceipt,
    clock,
    concurrency: RECEIPT_CONCURRENCY,
    idleLimit: PATIENCE,
    signal,
    onSettled: settling.update,
  });
  settling.finish();

  sent.sort((left, right) => left.message.sequence - right.message.sequence);
  const summary = summarise(sent, receipts, {
    url: url.replace(/\/+$/, ''),
    since,
    acceptElapsed,
    elapsed: clock.now() - begun,
  });
  output.write(formatSummary(summary, tokenCommand(stateDir)));
  return summary;
}
