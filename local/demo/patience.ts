/** Time, so that tests need not wait for it. */
export interface DemoClock {
  /** Milliseconds since some fixed moment. */
  readonly now: () => number;
  /** The current instant in ISO 8601 (UTC), to compare with what the exchange writes. */
  readonly instant: () => string;
  /** Resolves after the time, or rejects when the signal is aborted. */
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
}

/** The demo cannot go on: the stack is not there, or refuses what the demo asks for. */
export class DemoError extends Error {
  override readonly name = 'DemoError';
}

/** An HTTP answer, read to its end. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

export interface Patience {
  readonly clock: DemoClock;
  /** How long to try before giving up, in milliseconds. */
  readonly limit: number;
  readonly signal?: AbortSignal | undefined;
}

const FIRST_DELAY = 100;
const LONGEST_DELAY = 5_000;

/** 501 is an answer for good; other server errors, and 429, say that the same request may succeed later. */
const worthRetrying = (status: number): boolean => status === 429 || (status >= 500 && status !== 501);

/** What the server asks for in Retry-After, else twice as long each time; never longer than five seconds. */
export function delayBefore(attempt: number, answer: HttpAnswer | undefined): number {
  const asked = Number(answer?.headers.get('retry-after') ?? Number.NaN) * 1000;
  const wanted = Number.isFinite(asked) && asked > 0 ? asked : FIRST_DELAY * 2 ** Math.min(attempt, 10);
  return Math.min(wanted, LONGEST_DELAY);
}

/** The text of a property of something thrown, whatever it is. */
function textOf(thrown: unknown, property: 'message' | 'code'): string | undefined {
  if (typeof thrown !== 'object' || thrown === null) return undefined;
  const value: unknown = Reflect.get(thrown, property);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Says what went wrong: the system's code (`ECONNREFUSED`) where there is one, for `fetch` wraps its errors. */
export function describeFailure(failure: unknown): string {
  const cause: unknown =
    typeof failure === 'object' && failure !== null && 'cause' in failure ? failure.cause : undefined;
  return (
    textOf(cause, 'code') ?? textOf(cause, 'message') ?? textOf(failure, 'message') ?? 'for an unknown reason'
  );
}

/**
 * Repeats a request until it is answered for good: through connection errors, timeouts, 429 and 5xx, so that a stack
 * that is killed and started again in between costs time but no message.
 *
 * @returns the answer and the number of attempts it took
 * @throws DemoError when there was no such answer within the limit
 */
export async function requestPatiently(
  request: () => Promise<HttpAnswer>,
  { clock, limit, signal }: Patience,
): Promise<{ readonly answer: HttpAnswer; readonly attempts: number }> {
  const deadline = clock.now() + limit;
  for (let attempts = 1; ; attempts += 1) {
    signal?.throwIfAborted();
    let answer: HttpAnswer | undefined;
    let problem: string;
    try {
      answer = await request();
      if (!worthRetrying(answer.status)) return { answer, attempts };
      problem = `HTTP ${answer.status}`;
    } catch (failure) {
      signal?.throwIfAborted();
      problem = describeFailure(failure);
    }
    const delay = delayBefore(attempts - 1, answer);
    if (clock.now() + delay >= deadline) {
      throw new DemoError(`no lasting answer within ${Math.round(limit / 1000)} s (${problem})`);
    }
    await clock.sleep(delay, signal);
  }
}
