import { ExchangeError } from '../../core/errors.js';

interface CosmosFailure {
  readonly code?: number | string;
}

/** The HTTP status of a failure that `@azure/cosmos` threw, or undefined when it is of another kind. */
export function statusOf(error: unknown): number | undefined {
  const code = (error as CosmosFailure | undefined)?.code;
  return typeof code === 'number' ? code : undefined;
}

/**
 * Makes a request, and puts what the registry has a word for into it. Failures that pass come from the client in the
 * registry's words already (throttling.ts).
 *
 * @throws ExchangeError HDE_MESSAGE_TOO_LARGE for a document or batch beyond the limits of the service
 */
export async function callCosmos<T>(request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (error) {
    throw statusOf(error) === 413 ? new ExchangeError('HDE_MESSAGE_TOO_LARGE', { cause: error }) : error;
  }
}
