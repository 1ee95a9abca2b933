import { SAMPLE_FEED } from '../../samples/acute-trust.js';
import { readRefusal, type FailureReason } from './acknowledgement.js';
import { DemoError, describeFailure, requestPatiently, type HttpAnswer, type Patience } from './patience.js';

/** What the exchange said to one message. */
export interface Answer {
  readonly state: 'accepted' | 'duplicate' | 'failed';
  /** Id of the receipt that tells what becomes of the message. */
  readonly receiptId: string | undefined;
  /** Why it was refused, from the acknowledgement. */
  readonly reason: FailureReason | undefined;
  /** How often it had to be sent; after a broken connection nobody knows which attempt arrived. */
  readonly attempts: number;
}

/** One record that a message changed. */
export interface ChangedRecord {
  readonly resourceType: string;
  readonly id: string;
  readonly change: string;
}

/** What became of a message. */
export interface Receipt {
  readonly id: string;
  readonly status: string;
  /** ISO instant at which the exchange first took the message. */
  readonly receivedAt: string;
  readonly issues: readonly (FailureReason & { readonly severity: string })[];
  readonly records: readonly ChangedRecord[];
}

/** The requests that the demo makes. Sending and reading outlast a restart of the stack. */
export interface ExchangeClient {
  /** Throws a DemoError when no healthy exchange answers within a few seconds. */
  readonly greet: () => Promise<void>;
  /** Posts one message until it is answered for good. */
  readonly send: (text: string) => Promise<Answer>;
  /** Reads a receipt; undefined when the exchange does not know it. */
  readonly readReceipt: (id: string) => Promise<Receipt | undefined>;
}

export interface ClientOptions {
  /** Base address of the exchange, such as `http://127.0.0.1:7071`. */
  readonly url: string;
  readonly token: string;
  readonly patience: Patience;
  /** How long one attempt may take, in milliseconds. */
  readonly attemptTimeout?: number;
}

/** Long enough for a stack that is just starting, short enough for somebody who forgot to start it. */
const GREETING_LIMIT = 20_000;

const MEANING: Readonly<Record<number, string>> = {
  401: 'the token is not accepted',
  403: `the token may not do this (it needs the roles sender, for feed ${SAMPLE_FEED}, and reader)`,
  404: `there is no feed ${SAMPLE_FEED} at this address`,
};

/** A refusal that has nothing to do with the message: trying the next one makes no sense. */
function assertWelcome(answer: HttpAnswer, statuses: readonly number[]): void {
  if (!statuses.includes(answer.status) || answer.headers.has('x-hde-status')) return;
  throw new DemoError(`HTTP ${answer.status}: ${MEANING[answer.status] ?? 'refused'}`);
}

function toAnswer({ status, headers, body }: HttpAnswer, attempts: number): Answer {
  const receiptId = headers.get('x-hde-receipt') ?? undefined;
  const state = headers.get('x-hde-status');
  if ((state === 'accepted' || state === 'duplicate') && receiptId !== undefined) {
    return { state, receiptId, reason: undefined, attempts };
  }
  return { state: 'failed', receiptId, reason: readRefusal(body, status), attempts };
}

interface RequestDetails {
  readonly method: 'GET' | 'POST';
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** Makes a client for a running exchange. */
export function createExchangeClient({
  url,
  token,
  patience,
  attemptTimeout = 30_000,
}: ClientOptions): ExchangeClient {
  const base = url.replace(/\/+$/, '');
  const authorization = `Bearer ${token}`;
  const request = (path: string, init: RequestDetails, limit = patience.limit) =>
    requestPatiently(
      async () => {
        const timeout = AbortSignal.timeout(attemptTimeout);
        const signal = patience.signal === undefined ? timeout : AbortSignal.any([timeout, patience.signal]);
        const response = await fetch(`${base}${path}`, {
          ...init,
          headers: { authorization, ...init.headers },
          signal,
        });
        return { status: response.status, headers: response.headers, body: await response.text() };
      },
      { ...patience, limit },
    );
  return {
    greet: async () => {
      try {
        await request('/health', { method: 'GET' }, GREETING_LIMIT);
      } catch (error) {
        patience.signal?.throwIfAborted();
        throw new DemoError(
          `no exchange is ready at ${base}: ${describeFailure(error)}. Is it started (npm start)?`,
        );
      }
    },
    send: async (text) => {
      const headers = { 'content-type': 'application/hl7-v2+er7; charset=utf-8' };
      const { answer, attempts } = await request(`/ingest/${SAMPLE_FEED}`, {
        method: 'POST',
        headers,
        body: text,
      });
      assertWelcome(answer, [401, 403, 404]);
      return toAnswer(answer, attempts);
    },
    readReceipt: async (id) => {
      const headers = { accept: 'application/json' };
      const { answer } = await request(`/ingest/receipts/${id}`, { method: 'GET', headers });
      assertWelcome(answer, [401, 403]);
      if (answer.status === 404) return undefined;
      if (answer.status !== 200) throw new DemoError(`a receipt was answered with HTTP ${answer.status}`);
      // The exchange under test is this repository's own; its contract tests check the shape.
      return JSON.parse(answer.body) as Receipt;
    },
  };
}
