import { ExchangeError, type Issue } from '../../../core/errors.js';
import { isWrite } from '../../../core/fhir/interactions.js';
import type { EntryAnswer } from '../../../core/fhir/transaction/answer-bundle.js';
import { type EntryRequest, rankOf } from '../../../core/fhir/transaction/read-bundle.js';
import { operationOutcome } from '../../../core/fhir/operation-outcome.js';
import type { Result } from '../../../core/result.js';
import { refusalOf } from '../refusal.js';
import { createAnswerRoom, entriesAtOnce, type ReadWithin } from './answer-room.js';
import { type EntryContext, requestOf, requireRights } from './entry-context.js';

/**
 * Carries out a batch (FHIR R4 section 3.1.0.11.1): each entry by itself, whatever becomes of the others; in the order of a
 * transaction, though nothing may depend on it.
 */
export async function runBatch(
  context: EntryContext,
  entries: readonly Result<EntryRequest, Issue>[],
): Promise<readonly EntryAnswer[]> {
  const answers: EntryAnswer[] = [];
  const within = createAnswerRoom();
  const pending = new Map<number, [number, Result<EntryRequest, Issue>][]>();
  for (const [index, entry] of entries.entries()) {
    const rank = entry.ok ? rankOf(entry.value.route) : 0;
    pending.set(rank, [...(pending.get(rank) ?? []), [index, entry]]);
  }
  for (const rank of [...pending.keys()].sort()) {
    const waiting = [...(pending.get(rank) ?? [])];
    const work = async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const [index, entry] = next;
        answers[index] = await answerEntry(context, entry, within);
      }
    };
    await Promise.all(Array.from({ length: entriesAtOnce }, work));
  }
  return answers;
}

async function answerEntry(
  context: EntryContext,
  entry: Result<EntryRequest, Issue>,
  within: ReadWithin,
): Promise<EntryAnswer> {
  try {
    if (!entry.ok) throw refusalOf(entry.error);
    const { value } = entry;
    requireRights(value, context.writer);
    const answer = () => context.answer(requestOf(value, context));
    return await (isWrite(value.route) ? answer() : within(answer));
  } catch (error) {
    return failureOf(context, error);
  }
}

/** A failure as the answer of its entry. */
export function failureOf({ onFailure }: EntryContext, error: unknown): EntryAnswer {
  const known = error instanceof ExchangeError ? error : new ExchangeError('HDE_INTERNAL', { cause: error });
  onFailure(known);
  const resource = operationOutcome([known.toIssue(), ...known.others]);
  return { status: known.definition.http, headers: {}, resource };
}
