/** Back-pressure: a sender that waits loses nothing, an exchange that falls behind without end loses its use. */
import { ExchangeError } from '../core/errors.js';
import type { Clock } from '../ports/clock.js';
import type { MessageStore } from '../ports/message-store.js';

/** Decides whether another message may come in. */
export interface BacklogGate {
  /** @throws ExchangeError HDE_THROTTLED, with the seconds after which to try again */
  admit(): Promise<void>;
}

/** How long a count is trusted, in milliseconds: intake can pass the limit by as much as comes in meanwhile. */
const TRUSTED_FOR = 5_000;
/** Senders are told to wait this long, in seconds; full queues take minutes, not moments. */
const RETRY_AFTER_SECONDS = 30;

/**
 * Refuses messages while more than `limit` are accepted and not finished. Messages are counted once for all requests of
 * some seconds. Where they cannot be counted, intake goes on: a store that is down refuses messages by itself.
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
    } catch {
      waiting = 0;
    }
    countedAt = clock.now().getTime();
    counting = undefined;
  };

  return {
    async admit() {
      if (clock.now().getTime() - countedAt > TRUSTED_FOR) await (counting ??= count());
      if (waiting > limit)
        throw new ExchangeError('HDE_THROTTLED', { retryAfterSeconds: RETRY_AFTER_SECONDS });
    },
  };
}
