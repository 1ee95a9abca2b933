/** The answers of a Bundle are kept until the last of its entries is answered: together they have a bound. */
import { ExchangeError } from '../../../core/errors.js';
import { pageRoom, weightOf } from '../../../core/fhir/weight.js';
import type { FhirAnswer } from '../fhir-answer.js';

/** Entries of a batch that are under way at once. */
export const entriesAtOnce = 8;

/** In characters: a page for one of them holds less than one by itself, and its link leads on. */
export const entryRoom = pageRoom / entriesAtOnce;

/** In characters. */
const mostAnswered = 2 * pageRoom;

/** Reads for an entry, as long as there is room for what it reads. @throws ExchangeError HDE_ANSWER_TOO_LARGE */
export type ReadWithin = (read: () => Promise<FhirAnswer>) => Promise<FhirAnswer>;

/** Room for the answers of one Bundle. */
export function createAnswerRoom(): ReadWithin {
  let taken = 0;
  return async (read) => {
    if (taken > mostAnswered)
      throw new ExchangeError('HDE_ANSWER_TOO_LARGE', {
        detail: 'Ask for this by itself, or in another Bundle.',
      });
    const answer = await read();
    taken += weightOf(answer.resource);
    return answer;
  };
}
