import { pagesOf, type Continued } from '../src/ports/pages.js';
import type { ExchangeClient } from './exchange-client.js';

/** Counting goes no further: whoever acts on so many knows enough. */
const mostCounted = 1000;

/**
 * How many messages a command is about to act on, in words, counted by searches that change nothing.
 *
 * @param filters what `POST /triage/search` takes; a message fits one of them at most
 * @throws RefusedError
 */
export async function countMessages(exchange: ExchangeClient, filters: readonly object[]): Promise<string> {
  let count = 0;
  for (const filter of filters) {
    const read = async (from: Continued) =>
      (await exchange.post('/triage/search', { ...filter, limit: 200, ...from })) as Continued & {
        readonly messages: readonly unknown[];
      };
    for await (const { messages } of pagesOf(read)) {
      count += messages.length;
      if (count >= mostCounted) return `${mostCounted} or more messages match.`;
    }
  }
  return count === 1 ? '1 message matches.' : `${count} messages match.`;
}
