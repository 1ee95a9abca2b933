import { ExchangeError } from '../../core/errors.js';
import { parseNhsNumber } from '../../core/identity/nhs-number.js';
import type { Clock } from '../../ports/clock.js';
import type { Principal } from '../../core/governance/access.js';
import type { OperatorAction } from '../../ports/message-store.js';

const longest = 500;

/** Ten digits, however people group them. */
const TEN_DIGITS = /(?<!\d)\d(?:[\s-]?\d){9}(?!\d)/g;

/**
 * The reason of a decision, in one line. It is kept and searched in the clear, so one that holds an NHS number is refused.
 *
 * @throws ExchangeError HDE_REQUEST_INVALID
 */
export function readReason(text: string): string {
  const reason = text.replace(/\s+/gu, ' ').trim();
  const refuse = (detail: string) => new ExchangeError('HDE_REQUEST_INVALID', { location: 'reason', detail });
  if (reason === '' || reason.length > longest) throw refuse(`a text of at most ${longest} characters`);
  if (/\p{Cc}/u.test(reason)) throw refuse('a text without control characters');
  const numbers = reason.match(TEN_DIGITS) ?? [];
  if (numbers.some((number) => parseNhsNumber(number) !== undefined))
    throw refuse('a text that names no patient');
  return reason;
}

/** A line for the history of a message. @throws ExchangeError HDE_REQUEST_INVALID for a reason that is not acceptable */
export function actionOf(
  { clock }: { readonly clock: Clock },
  { subject }: Principal,
  action: OperatorAction['action'],
  reason: string | undefined,
): OperatorAction {
  const at = clock.now().toISOString();
  return { at, by: subject, action, ...(reason === undefined ? {} : { reason: readReason(reason) }) };
}
