/** Operators have messages tried again as they are, for instance after a rule or a feed was mended. */
import { ExchangeError, type ErrorCode } from '../../core/errors.js';
import type { Principal } from '../../core/governance/access.js';
import {
  placeOf,
  type MessageReceipt,
  type MessageStatus,
  type OperatorAction,
} from '../../ports/message-store.js';
import { busyReason } from '../backlog.js';
import { toSearch, type TriageCriteria } from './criteria.js';
import { findMessage } from './operators.js';
import { actionOf } from './reasons.js';
import { decodePlace, encodePlace, type TriagePage } from './search-messages.js';
import { statusConflict } from './status-conflict.js';
import { open, takePlace, takeUp, type TakenUp } from './take-up.js';
import type { TriageDependencies } from './triage-dependencies.js';

/**
 * Resubmits one message that had failed or was dismissed. An edited copy that had not taken the place of its original
 * takes it.
 *
 * @throws ExchangeError HDE_FORBIDDEN, HDE_RECEIPT_NOT_FOUND, HDE_REQUEST_INVALID or HDE_MESSAGE_STATUS
 */
export async function resubmitMessage(
  deps: TriageDependencies,
  principal: Principal,
  id: string,
  reason?: string,
): Promise<TakenUp> {
  const held = await findMessage(deps, principal, id);
  return resubmit(deps, held, open, actionOf(deps, principal, 'resubmitted', reason));
}

async function resubmit(
  deps: TriageDependencies,
  held: MessageReceipt,
  from: readonly MessageStatus[],
  action: OperatorAction,
): Promise<TakenUp> {
  if (!from.includes(held.status)) throw statusConflict(held.status, from);
  if (held.correctionOf !== undefined) await takePlace(deps, held.id, held.correctionOf, action);
  return takeUp(deps, held.id, from, action);
}

export interface Resubmission {
  readonly resubmitted: number;
  /** Found, but not taken up: something else became of them meanwhile, or they wait for a decision. */
  readonly skipped: number;
  /** Why it stopped before the end of the page: the exchange is busy, so go on later. */
  readonly stoppedBy?: ErrorCode;
  /** Where to go on; present when there is or may be more and anything was done. */
  readonly continuation?: string;
}

/**
 * Resubmits messages that fit the criteria, at most as many as `limit`: the oldest first and one after the other, so
 * that each patient's messages keep their order and intake is not crowded out. It stops where the exchange is busy.
 * Going on with the continuation tries no message twice, though some may fail again. Edited copies that have not taken
 * the place of their originals are skipped: whoever resubmits one decides between two messages.
 *
 * @param criteria of status failed unless they say dismissed
 * @param use is told of each message that was taken up
 * @throws ExchangeError HDE_FORBIDDEN, HDE_SEARCH_PARAMETER or HDE_REQUEST_INVALID
 */
export async function resubmitMessages(
  deps: TriageDependencies,
  principal: Principal,
  criteria: TriageCriteria,
  { limit, continuation, reason }: TriagePage & { readonly reason?: string | undefined },
  use: (receipt: MessageReceipt) => void = () => undefined,
): Promise<Resubmission> {
  const { status = 'failed' } = criteria;
  if (!open.includes(status))
    throw new ExchangeError('HDE_SEARCH_PARAMETER', { location: 'status', detail: open.join(' or ') });
  const page = await deps.messages.search(toSearch(deps, principal, { ...criteria, status }), {
    limit,
    order: 'oldest',
    ...(continuation === undefined ? {} : { continuation: decodePlace(continuation) }),
  });
  const counts = { resubmitted: 0, skipped: 0 };
  let done = continuation;
  for (const held of page.receipts) {
    let busy = await busyReason(deps.backlog);
    if (busy === undefined) {
      const taken =
        held.errorCode === 'HDE_CORRECTION_PENDING'
          ? undefined
          : await unlessChanged(
              resubmit(deps, held, [status], actionOf(deps, principal, 'resubmitted', reason)),
            );
      counts[taken === undefined ? 'skipped' : 'resubmitted'] += 1;
      if (taken !== undefined) use(taken.receipt);
      done = encodePlace(placeOf(held));
      busy = taken?.delayedBy;
    }
    if (busy !== undefined)
      return { ...counts, stoppedBy: busy.code, ...(done === undefined ? {} : { continuation: done }) };
  }
  const next = page.continuation;
  return { ...counts, ...(next === undefined ? {} : { continuation: encodePlace(next) }) };
}

async function unlessChanged(work: Promise<TakenUp>): Promise<TakenUp | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ExchangeError && error.code === 'HDE_MESSAGE_STATUS') return undefined;
    throw error;
  }
}
