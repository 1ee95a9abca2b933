/** The answers of a Bundle are kept until the last of its entries is answered: together they have a bound. */
import { ExchangeError } from '../../../core/errors.js';
import { weightOf } from '../../../core/fhir/weight.js';
import type { FhirAnswer } from '../fhir-answer.js';

/** In characters. The greatest pages of searches have some 5 MB, records 2 MB. */
const mostAnswered = 64 * 1024 * 1024;

/** Reads for an entry, as long as there is room for what it reads. @throws ExchangeError HDE_PAYLOAD_TOO_LARGE */
export type ReadWithin = (read: () => Promise<FhirAnswer>) => Promise<FhirAnswer>;

/** Room for the answers of one Bundle. */
export function createAnswerRoom(): ReadWithin {
  let taken = 0;
  return async (read) => {
    if (taken > mostAnswered)
      throw new ExchangeError('HDE_PAYLOAD_TOO_LARGE', {
        detail: 'the answers of one Bundle together: ask for this by itself',
      });
    const answer = await read();
    taken += weightOf(answer.resource);
    return answer;
  };
}
