import { ExchangeError, type Issue } from '../../../core/errors.js';
import { isWrite } from '../../../core/fhir/interactions.js';
import type { EntryAnswer } from '../../../core/fhir/transaction/answer-bundle.js';
import type { EntryRequest } from '../../../core/fhir/transaction/read-bundle.js';
import type { Result } from '../../../core/result.js';
import { refusalOf } from '../refusal.js';
import { answerWritten, openWrite } from '../write-interaction.js';
import { createAnswerRoom, type ReadWithin } from './answer-room.js';
import { forEntry } from './at-entry.js';
import { commitWrites } from './commit-writes.js';
import { bodyOf, type EntryContext, requestOf, requireRights, writerOf } from './entry-context.js';
import { givingBack } from './give-back.js';
import { type EntryWrite, prepareTransaction, type PreparedEntry } from './prepare-transaction.js';
import { failureOf } from './run-batch.js';

/**
 * Carries out a transaction (FHIR R4 section 3.1.0.11.2): all of it or nothing. What its entries read is read before,
 * where nothing in it changes that, so that what cannot be read fails all; and again when it is done, to be answered.
 *
 * @throws ExchangeError what refuses one of the entries, with its place in the Bundle; HDE_FORBIDDEN; HDE_CONCURRENT_UPDATE
 */
export async function runTransaction(
  context: EntryContext,
  entries: readonly Result<EntryRequest, Issue>[],
): Promise<readonly EntryAnswer[]> {
  const asked = entries.map((entry) => {
    if (!entry.ok) throw refusalOf(entry.error);
    requireRights(entry.value, context.writer);
    return entry.value;
  });
  const writes = await openAll(
    context,
    asked.filter(({ route }) => isWrite(route)),
  );
  const reads = asked.filter(({ route }) => !isWrite(route));
  const { plans, result } = await givingBack(context.deps, writes, (deps) =>
    commitWrites(deps, context.writer, async () => {
      const prepared = await prepareTransaction(deps, writes);
      await requireReadable(context, reads, prepared);
      return { writes: prepared.flatMap((each) => each.prepared ?? []), result: prepared };
    }),
  );
  const answers: EntryAnswer[] = [];
  for (const { entry, write, prepared } of result) {
    const plan = prepared && plans.get(prepared);
    answers[entry.index] = answerWritten(context.deps, write, plan, context.prefer);
  }
  const within = createAnswerRoom();
  for (const entry of reads) answers[entry.index] = await answerRead(context, entry, within);
  return answers;
}

async function openAll(
  { writer }: EntryContext,
  entries: readonly EntryRequest[],
): Promise<readonly EntryWrite[]> {
  const writes: EntryWrite[] = [];
  for (const entry of entries) {
    const { route, query, headers } = entry;
    const write = await forEntry(entry.index, () =>
      openWrite({
        ...{ route, parameters: query, headers, writer: writerOf(entry, writer) },
        readBody: () => Promise.resolve(bodyOf(entry)),
      }),
    );
    writes.push({ entry, write });
  }
  return writes;
}

/** What cannot be read fails the transaction before it does anything. */
async function requireReadable(
  context: EntryContext,
  reads: readonly EntryRequest[],
  writes: readonly PreparedEntry[],
): Promise<void> {
  const places = writes.flatMap(({ write: { kind }, prepared }) =>
    prepared ? [{ kind, ...prepared.place }] : [],
  );
  const within = createAnswerRoom();
  for (const entry of reads) {
    const { index, route } = entry;
    const own = places.find(({ type, id }) => type === route.type && id === route.id);
    if (own?.kind === 'delete' && route.interaction === 'read')
      throw new ExchangeError('HDE_RESOURCE_DELETED', { location: `Bundle.entry[${index}].request.url` });
    if (own === undefined)
      await forEntry(index, () => within(() => context.answer(requestOf(entry, context))));
  }
}

/** The transaction is committed: what somebody else has deleted since is answered as a single read would be. */
async function answerRead(
  context: EntryContext,
  entry: EntryRequest,
  within: ReadWithin,
): Promise<EntryAnswer> {
  try {
    return await within(() => context.answer(requestOf(entry, context)));
  } catch (error) {
    return failureOf(context, error);
  }
}
