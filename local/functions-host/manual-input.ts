import type { LoadedFunction } from './bindings.js';
import { toCosmosInput, toServiceBusInput, toTimerInput } from './rpc-request.js';
import type { TriggerInput } from './rpc-request.js';

/**
 * The input of a function that is run by hand: a tick that is due now, one message with the given body, or the given documents.
 *
 * @throws SyntaxError when documents are not JSON
 */
export function toManualInput({ trigger }: LoadedFunction, input: string | undefined): TriggerInput {
  const now = new Date();
  switch (trigger.type) {
    case 'timertrigger':
      return toTimerInput(trigger.name, { last: undefined, next: now, isPastDue: false });
    case 'cosmosdbtrigger': {
      const documents = JSON.parse(input ?? '[]') as unknown;
      return toCosmosInput(trigger.name, Array.isArray(documents) ? documents : [documents]);
    }
    default:
      return toServiceBusInput(
        trigger.name,
        { body: Buffer.from(input ?? ''), enqueuedTimeUtc: now },
        trigger.options['dataType'] === 'binary',
      );
  }
}
