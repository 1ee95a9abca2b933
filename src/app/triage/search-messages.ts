import { Buffer } from 'node:buffer';
import { ExchangeError } from '../../core/errors.js';
import type { Principal } from '../../core/governance/access.js';
import type { MessageReceipt } from '../../ports/message-store.js';
import { toSearch, type TriageCriteria } from './criteria.js';
import type { TriageDependencies } from './triage-dependencies.js';

export interface TriagePage {
  /** At least 1. */
  readonly limit: number;
  /** From the answer before, of the same search. */
  readonly continuation?: string | undefined;
}

export interface FoundMessages {
  readonly receipts: readonly MessageReceipt[];
  /** Opaque; present exactly when there is more. */
  readonly continuation?: string;
}

/**
 * Messages of an operator's feeds that fit the criteria, the newest first.
 *
 * @throws ExchangeError HDE_FORBIDDEN or HDE_SEARCH_PARAMETER
 */
export async function searchMessages(
  deps: Pick<TriageDependencies, 'messages' | 'feeds' | 'identitySecret'>,
  principal: Principal,
  criteria: TriageCriteria,
  { limit, continuation }: TriagePage,
): Promise<FoundMessages> {
  const { receipts, continuation: next } = await deps.messages.search(toSearch(deps, principal, criteria), {
    limit,
    order: 'newest',
    ...(continuation === undefined ? {} : { continuation: decodePlace(continuation) }),
  });
  return { receipts, ...(next === undefined ? {} : { continuation: encodePlace(next) }) };
}

/** A place in an order of receipts as clients see it. */
export const encodePlace = (place: string): string => Buffer.from(place, 'utf8').toString('base64url');

const PLACE = /^\d{4}-\d{2}-\d{2}T[\d:.]{1,16}Z [\w.-]{1,64}$/;

/** @throws ExchangeError HDE_SEARCH_PARAMETER for what `encodePlace` did not give */
export function decodePlace(continuation: string): string {
  const place = Buffer.from(continuation, 'base64url').toString('utf8');
  if (!PLACE.test(place)) throw new ExchangeError('HDE_SEARCH_PARAMETER', { location: 'continuation' });
  return place;
}
