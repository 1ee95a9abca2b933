/** Numbers messages and writes them out. */
import { renderAdministration } from './administration.js';
import { renderResult } from './laboratory.js';
import type { Facts, FeedId, HospitalMessage } from './model.js';

/** Makes the next message from the facts that its number gives. */
export type Issue = (
  feed: FeedId,
  event: string,
  time: number,
  factsOf: (number: number) => Facts,
) => HospitalMessage;

/** An event of a clock that is years ahead. */
const farFuture = Date.parse('2099-01-01T00:00:00Z');

/** Makes a counter of messages; `add` is called with each. */
export function createIssue(nextNumber: () => number, add: (message: HospitalMessage) => void): Issue {
  return (feed, event, time, factsOf) => {
    const number = nextNumber();
    const facts = factsOf(number);
    const controlId = controlIdOf(number);
    const written = time === Infinity ? farFuture : time;
    const text =
      event === 'R01'
        ? renderResult(feed, written, controlId, facts)
        : renderAdministration(feed, event, written, controlId, facts);
    const message: HospitalMessage = {
      number,
      feed,
      controlId,
      event,
      time,
      text,
      fate: 'normalised',
      facts,
    };
    add(message);
    return message;
  };
}

export const controlIdOf = (number: number): string => `C${String(number).padStart(6, '0')}`;
