/** Back-pressure: a sender that waits loses nothing, an exchange that falls behind without end loses its use. */
import { ExchangeError } from '../core/errors.js';
import type { Clock } from '../ports/clock.js';
import type { MessageStore } from '../ports/message-store.js';

/** Decides whether another message may come in. */
export interface BacklogGate {
  /** @throws ExchangeError HDE_THROTTLED or HDE_DEPENDENCY_UNAVAILABLE, with the seconds after which to try again */
  admit(): Promise<void>;
}

/** Why nothing more should be queued now; undefined where there is room. */
export async function busyReason(backlog: BacklogGate | undefined): Promise<ExchangeError | undefined> {
  try {
    await backlog?.admit();
    return undefined;
  } catch (error) {
    if (error instanceof ExchangeError && error.definition.disposition === 'retry') return error;
    throw error;
  }
}

/** How long a count is trusted, in milliseconds: intake can pass the limit by as much as comes in meanwhile. */
const TRUSTED_FOR = 5_000;
/** Senders are told to wait this long, in seconds; full queues take minutes, not moments. */
const RETRY_AFTER_SECONDS = 30;

const isOfDependency = (error: unknown): boolean =>
  error instanceof ExchangeError &&
  (error.code === 'HDE_THROTTLED' || error.code === 'HDE_DEPENDENCY_UNAVAILABLE');

/**
 * Refuses messages while more than `limit` are accepted and not finished. Messages are counted once for all requests of
 * some seconds. A store that is too busy to count, or away, refuses the message at once, whose receipt goes there as well.
 * Where they cannot be counted for another reason, intake goes on.
 */
export function createBacklogGate(
  { messages, clock }: { readonly messages: Pick<MessageStore, 'countWaiting'>; readonly clock: Clock },
  limit: number,
): BacklogGate {
  let waiting = 0;
  let countedAt = Number.NEGATIVE_INFINITY;
  let counting: Promise<void> | undefined;

  const count = async (): Promise<void> => {
    try {
      waiting = await messages.countWaiting();
    } catch (error) {
      if (isOfDependency(error)) throw error;
      waiting = 0;
    } finally {
      counting = undefined;
    }
    countedAt = clock.now().getTime();
  };

  return {
    async admit() {
      if (clock.now().getTime() - countedAt > TRUSTED_FOR) await (counting ??= count());
      if (waiting > limit)
        throw new ExchangeError('HDE_THROTTLED', { retryAfterSeconds: RETRY_AFTER_SECONDS });
    },
  };
}
