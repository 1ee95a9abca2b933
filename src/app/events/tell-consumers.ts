/** Decides of which changes each consumer is told: of those of records that it may read, and of nothing else. */
import type { AccessPolicy, Consumer } from '../../core/governance/access-policy.js';
import { ExchangeError } from '../../core/errors.js';
import { requestOfConsumer } from '../../core/governance/consumer-request.js';
import type { Decision } from '../../core/governance/decision-reasons.js';
import { boundChanges, mostChangesOfEvent } from '../../core/records/bound-changes.js';
import type { EventDocument, RecordChange } from '../../core/records/types.js';
import type { RecordStore } from '../../ports/record-store.js';
import type { Judge, JudgeFor } from '../access/judge.js';
import { statedByChanges, type StatedDocument } from './change-documents.js';

export interface TellDependencies {
  /** Finds records whose ids do not say where they live, too. */
  readonly records: RecordStore;
  readonly judgeFor: JudgeFor;
  readonly policy: Pick<AccessPolicy, 'consumers' | 'assurance'>;
}

/** A change of which a consumer is told, and why. */
export interface PermittedChange {
  readonly change: RecordChange;
  readonly decision: Decision;
  /** Where the record lives. */
  readonly partition: string;
}

/** What one consumer is told. */
export interface ToldConsumer {
  readonly consumer: Consumer;
  /** Only those that tell of anything. */
  readonly events: readonly EventDocument[];
  readonly changes: readonly PermittedChange[];
}

/**
 * For so long, in milliseconds, what is not found of an event is taken for what the replica that was asked does not have yet.
 * Then it counts as unknown, and no consumer is told: one event must not hold back all others for ever.
 */
const mostBehindMs = 600_000;

/**
 * Decides about events for every consumer of the policy.
 *
 * @param now milliseconds since 1970
 * @throws ExchangeError HDE_DEPENDENCY_UNAVAILABLE where the store is not as far as a recent event: the change feed repeats it
 */
export async function tellConsumers(
  { records, judgeFor, policy }: TellDependencies,
  events: readonly EventDocument[],
  now: number,
): Promise<readonly ToldConsumer[]> {
  if (policy.consumers.length === 0) return [];
  await catchUpWithUnlisted(records, events);
  const told = events.flatMap((event) => event.changes.map((change) => ({ event, change })));
  const stated = await statedByChanges(records, told);
  const isBehind = ({ change, event }: (typeof told)[number]): boolean =>
    !stated.has(change) && now - Date.parse(event.lastUpdated) < mostBehindMs;
  if (told.some(isBehind))
    throw new ExchangeError('HDE_DEPENDENCY_UNAVAILABLE', { detail: 'a replica is behind' });
  const consumers: ToldConsumer[] = [];
  for (const consumer of policy.consumers) {
    const judge = judgeFor(requestOfConsumer(consumer, policy, now));
    consumers.push(await tellOne({ records, judge, stated }, consumer, events));
  }
  return consumers;
}

/**
 * What an event does not list is looked for among what stands. A replica that has all that it lists, staged, may not have made
 * it visible yet, and nobody could tell what is missing.
 */
async function catchUpWithUnlisted(
  records: Pick<RecordStore, 'catchUp'>,
  events: readonly EventDocument[],
): Promise<void> {
  const unlisting = events.filter(({ changeCount }) => changeCount !== undefined);
  for (const partition of new Set(unlisting.map((event) => event.partition)))
    await records.catchUp(partition);
}

/** What is known for one consumer. */
interface Telling {
  readonly records: RecordStore;
  readonly judge: Judge;
  readonly stated: ReadonlyMap<RecordChange, readonly StatedDocument[]>;
}

async function tellOne(
  telling: Telling,
  consumer: Consumer,
  events: readonly EventDocument[],
): Promise<ToldConsumer> {
  const listed = events.flatMap(({ changes }) => changes);
  const permittedOfAll = await permittedAmong(
    telling.judge,
    listed.map((change) => [change, telling.stated.get(change) ?? []]),
  );
  const byChange = new Map(permittedOfAll.map((permitted) => [permitted.change, permitted]));
  const changes: PermittedChange[] = [];
  const told: EventDocument[] = [];
  for (const event of events) {
    const permitted = event.changes.flatMap((change) => byChange.get(change) ?? []);
    const unlisted = event.changeCount === undefined ? noneUnlisted : await unlistedChanges(telling, event);
    const all = [...permitted, ...unlisted.permitted];
    changes.push(...all);
    if (all.length > 0) told.push(eventWith(event, all, event.changes.length + unlisted.count));
  }
  return { consumer, events: told, changes };
}

/** @param count of all changes that are known: where none is left out, the event stays as it is */
function eventWith(
  event: EventDocument,
  permitted: readonly PermittedChange[],
  count: number,
): EventDocument {
  if (permitted.length === count) return event;
  // Nothing in it says that there was more.
  const { changeCount: _, ...rest } = event;
  const changes = permitted.map(({ change }) => change);
  // That of a transaction lies with one of its patients, of whom the consumer may not know.
  const places = permitted.map(({ partition }) => partition);
  const partition = places.find((place) => place === event.partition) ?? places[0] ?? event.partition;
  return { ...rest, partition, ...boundChanges(changes, mostChangesOfEvent) };
}

/** Of changes those of which the consumer is told: what stood, stands and was stated all have to be for them. */
async function permittedAmong(
  judge: Judge,
  changes: readonly (readonly [RecordChange, readonly StatedDocument[]])[],
): Promise<readonly PermittedChange[]> {
  const documents = changes.flatMap(([, stated]) => stated);
  const decisions = documents.length === 0 ? [] : await judge.decide('event', documents);
  let place = 0;
  return changes.flatMap(([change, stated]): PermittedChange[] => {
    const own = decisions.slice(place, (place += stated.length));
    const [first] = own;
    const isPermitted = own.length === stated.length && own.every(({ outcome }) => outcome === 'permit');
    if (first === undefined || !isPermitted) return [];
    const alerting = own.find(({ obligations }) => obligations.includes('alert'));
    const partition = stated[0]?.partition ?? '';
    return [{ change, decision: alerting ?? first, partition }];
  });
}

/** Changes that an event does not list. */
interface UnlistedChanges {
  readonly permitted: readonly PermittedChange[];
  readonly count: number;
}

const noneUnlisted: UnlistedChanges = { permitted: [], count: 0 };

/** So many records are looked at at once. */
const pageSize = 200;

/**
 * What a large message changed and its event does not list, as far as it still stands: what was changed since has an event
 * of its own.
 */
async function unlistedChanges(
  { records, judge }: Telling,
  { partition, messageId, changes }: EventDocument,
): Promise<UnlistedChanges> {
  const listed = new Set(changes.map(({ resourceType, id }) => `${resourceType}/${id}`));
  const permitted: PermittedChange[] = [];
  let count = 0;
  let continuation: string | undefined;
  do {
    const place = continuation === undefined ? {} : { continuation };
    const page = await records.listPartition(partition, undefined, { limit: pageSize, ...place });
    const unlisted = page.documents.filter(
      ({ source, resourceType, fhirId }) =>
        source.messageId === messageId && !listed.has(`${resourceType}/${fhirId}`),
    );
    count += unlisted.length;
    permitted.push(
      ...(await permittedAmong(
        judge,
        unlisted.map((each) => [changeOf(each), [each]]),
      )),
    );
    ({ continuation } = page);
  } while (continuation !== undefined);
  return { permitted, count };
}

const changeOf = ({ resourceType, fhirId, versionId }: StatedDocument): RecordChange => ({
  ...{ resourceType, id: fhirId, versionId },
  change: versionId === 1 ? 'created' : 'updated',
});
