/** Says what a replay would change. By itself it writes nothing. */
import { ExchangeError, type ErrorCode } from '../../core/errors.js';
import { PackError } from '../../core/mapping/engine/pack.js';
import { builtInPacks } from '../../core/mapping/packs/built-in-packs.js';
import { comparePatient, sortPatients, type PatientDifference } from '../../core/replay/compare-records.js';
import type { CurrentDocument } from '../../core/records/types.js';
import type { MessageReceipt, MessageSearch } from '../../ports/message-store.js';
import { pagesOf } from '../../ports/pages.js';
import type { RecordStore } from '../../ports/record-store.js';
import { isUnchanged, readCircle, type Circle, type CircleMessage } from './circle.js';
import { MissingMessage, rebuildCircle, type RebuildDependencies } from './rebuild-circle.js';

/** Messages of some feeds, of a time and of a type; only those that took effect are read anew. */
export type ReplaySelection = Pick<MessageSearch, 'feeds' | 'from' | 'to' | 'messageType'>;

export interface ReplayRequest {
  /** Which messages are read anew. */
  readonly selection: ReplaySelection;
  /** The pack to read them by (`hl7v2-uk`, `hl7v2-uk@1.0.0`); default: the pack of their feed. */
  readonly pack?: string;
  /** How many messages one page looks at, 1 to 200. */
  readonly limit: number;
  /** From the page before. */
  readonly continuation?: ReplayPlace;
}

/** Where a replay goes on. */
export interface ReplayPlace {
  /** ISO instant of its first page. */
  readonly begun: string;
  /** The last message that it looked at (`placeOf`). */
  readonly after: string;
}

/** Why somebody, or a failed message, was left as they are. */
export type SkipReason =
  /** A message about them, its bytes or its pack is no longer there, or there are too many messages. */
  | 'incomplete'
  /** An edited copy waits for somebody to decide between it and its original. */
  | 'undecided'
  /** A record whose old and new version together are more than the store takes at once. */
  | 'too-large'
  /** Something else became of the message meanwhile. */
  | 'decided';

export interface ReplayPage {
  /** Messages of the selection that this page looked at. */
  readonly messages: number;
  /** How many people they are about, those of earlier pages left out. */
  readonly patients: number;
  /** Who would be changed, the worst first. */
  readonly differences: readonly PatientDifference[];
  /** Messages that could be read before and now fail. */
  readonly failures: readonly { readonly messageId: string; readonly errorCode: ErrorCode }[];
  readonly skipped: readonly { readonly subject: string; readonly reason: SkipReason }[];
  readonly continuation?: ReplayPlace;
}

/** Current documents as they were compared. */
export interface ComparedPartition {
  readonly stored: readonly CurrentDocument[];
  /** What the replay made of the same messages. */
  readonly made: readonly CurrentDocument[];
}

/** What the messages of a circle would make of it. */
export interface ReplayedCircle {
  readonly circle: Circle;
  readonly differences: readonly PatientDifference[];
  readonly failures: ReplayPage['failures'];
  /** What was compared, by partition. */
  readonly compared: ReadonlyMap<string, ComparedPartition>;
}

/**
 * Looks at one page of the selected messages, the newest first; people whom an earlier page showed are not repeated,
 * unless a message about them was finished since the first page.
 *
 * @param use gets what was made of each circle of people
 * @throws PackError when the pack that is asked for cannot be used
 */
export async function replayPage(
  deps: RebuildDependencies,
  request: ReplayRequest,
  use: (replayed: ReplayedCircle) => Promise<void> = () => Promise.resolve(),
): Promise<ReplayPage> {
  const { selection, limit, continuation } = request;
  if (request.pack !== undefined) (deps.packs ?? builtInPacks).find(request.pack);
  const begun = continuation?.begun ?? deps.clock.now().toISOString();
  const page = await deps.messages.search(
    { ...selection, status: 'normalised' },
    { limit, order: 'newest', ...(continuation === undefined ? {} : { continuation: continuation.after }) },
  );
  const differences: PatientDifference[] = [];
  const failures: ReplayPage['failures'][number][] = [];
  const skipped: ReplayPage['skipped'][number][] = [];
  let patients = 0;
  for await (const { partition, circle } of circlesOf(deps, request, page.receipts)) {
    patients += circle?.partitions.length ?? 1;
    const replayed = circle && (await replaySteadily(deps, partition, circle, request));
    if (replayed === undefined) {
      skipped.push({ subject: `Patient/${partition}`, reason: 'incomplete' });
      continue;
    }
    differences.push(...replayed.differences);
    failures.push(...replayed.failures);
    await use(replayed);
  }
  return {
    messages: page.receipts.length,
    patients,
    differences: sortPatients(differences),
    failures,
    skipped,
    ...(page.continuation === undefined ? {} : { continuation: { begun, after: page.continuation } }),
  };
}

/** The circles that the messages of a page concern, each once over all pages; undefined where one is not complete. */
async function* circlesOf(
  deps: RebuildDependencies,
  request: ReplayRequest,
  receipts: readonly MessageReceipt[],
): AsyncGenerator<{ readonly partition: string; readonly circle: Circle | undefined }> {
  const seen = new Set<string>();
  const effects = await deps.records.findEffects(receipts.map(({ id }) => id));
  for (const partition of receipts.flatMap(({ id }) => effects.get(id) ?? [])) {
    if (seen.has(partition)) continue;
    seen.add(partition);
    const circle = await readCircle(deps, partition);
    for (const each of circle?.partitions ?? []) seen.add(each);
    if (circle === undefined || !wasShown(circle, request, receipts[0])) yield { partition, circle };
  }
}

/**
 * Whether a selected message about the circle was on an earlier page. A circle in which a message was finished since the
 * first page is no longer the one that was shown, if it was: that message may have been on no page, though its place
 * comes before.
 */
function wasShown(
  { messages }: Circle,
  { selection, continuation }: ReplayRequest,
  first: MessageReceipt | undefined,
): boolean {
  if (continuation === undefined || first === undefined) return false;
  if (
    messages.some(({ receipt: { finishedAt } }) => (finishedAt ?? continuation.begun) >= continuation.begun)
  )
    return false;
  return messages.some(
    ({ receipt }) =>
      receipt.status === 'normalised' && isSelected(receipt, selection) && comesBefore(receipt, first),
  );
}

/** Whether a message that took effect is one of those to be read anew. */
export function isSelected(
  { feed, receivedAt, messageType: type }: MessageReceipt,
  { feeds, from = '', to, messageType }: ReplaySelection,
): boolean {
  return (
    feeds.includes(feed) &&
    receivedAt >= from &&
    (to === undefined || receivedAt < to) &&
    (messageType === undefined || messageType === type)
  );
}

/** The order of a search: the newest first. */
const comesBefore = (a: MessageReceipt, b: MessageReceipt): boolean =>
  a.receivedAt > b.receivedAt || (a.receivedAt === b.receivedAt && a.id > b.id);

/** A circle into which messages come again and again is left to be asked for anew. */
const mostReadings = 5;

/** Replays a circle; one into which a message came meanwhile is read again. */
async function replaySteadily(
  deps: RebuildDependencies,
  partition: string,
  first: Circle,
  request: ReplayRequest,
): Promise<ReplayedCircle | undefined> {
  let circle: Circle | undefined = first;
  for (let count = 1; circle !== undefined; count++) {
    try {
      return await replayCircle(deps, circle, request);
    } catch (error) {
      const isDisturbed = error instanceof ExchangeError && error.code === 'HDE_CONCURRENT_UPDATE';
      if (!isDisturbed || count === mostReadings) throw error;
      circle = await readCircle(deps, partition);
    }
  }
  return undefined;
}

async function replayCircle(
  deps: RebuildDependencies,
  circle: Circle,
  { selection, pack }: ReplayRequest,
): Promise<ReplayedCircle | undefined> {
  const packOf = ({ receipt, pack: before }: CircleMessage): string =>
    isSelected(receipt, selection)
      ? (pack ?? deps.feeds.get(receipt.feed)?.pack ?? before.name)
      : `${before.name}@${before.version}`;
  try {
    const { records, failures } = await rebuildCircle(deps, circle, packOf);
    const compared = new Map<string, ComparedPartition>();
    const differences: PatientDifference[] = [];
    for (const partition of circle.partitions) {
      const { made, stored } = await withoutClients(deps.records, partition, {
        made: await documentsOf(records, partition),
        stored: await documentsOf(deps.records, partition),
      });
      compared.set(partition, { stored, made });
      const difference = comparePatient(
        subjectOf(partition, stored),
        stored.map(({ resource }) => resource),
        made.map(({ resource }) => resource),
      );
      if (difference !== undefined) differences.push(difference);
    }
    // Whatever took effect meanwhile is stored and not replayed: its facts would look like differences.
    if (!(await isUnchanged(deps.records, circle))) throw new ExchangeError('HDE_CONCURRENT_UPDATE');
    return { circle, differences, failures, compared };
  } catch (error) {
    if (error instanceof PackError || error instanceof MissingMessage) return undefined;
    throw error;
  }
}

/** Leaves out what clients wrote or deleted: the messages alone do not give it (docs/adr/0012). */
async function withoutClients(
  records: RecordStore,
  partition: string,
  { made, stored }: ComparedPartition,
): Promise<ComparedPartition> {
  const written = new Set(stored.filter(({ writtenAt }) => writtenAt !== undefined).map(({ id }) => id));
  const held = new Set(stored.map(({ id }) => id));
  const missing = made.map(({ id }) => id).filter((id) => !held.has(id));
  for (let start = 0; start < missing.length; start += idsPerRead) {
    const loaded = await records.load(partition, missing.slice(start, start + idsPerRead));
    for (const [id, { document }] of loaded) if (document.kind === 'deleted') written.add(id);
  }
  const isKept = ({ id }: CurrentDocument) => !written.has(id);
  return { made: made.filter(isKept), stored: stored.filter(isKept) };
}

const idsPerRead = 100;

/** All current records of a partition. */
export async function documentsOf(records: RecordStore, partition: string): Promise<CurrentDocument[]> {
  const found: CurrentDocument[] = [];
  const pages = pagesOf((from) =>
    records.listPartition(partition, undefined, { limit: documentsPerPage, ...from }),
  );
  for await (const { documents } of pages) found.push(...documents);
  return found;
}

const documentsPerPage = 500;

/** The patient of a partition, else the shared resource that it holds. */
export function subjectOf(partition: string, documents: readonly CurrentDocument[]): string {
  const own = documents.find(({ fhirId }) => fhirId === partition);
  return `${own?.resourceType ?? 'Patient'}/${partition}`;
}
