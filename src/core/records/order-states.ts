/**
 * In which state an order or prescription is, by all that messages said of it and of its number. They are remembered in
 * the order of their events, and the state is worked out from them: so it is the same in whatever order they arrived.
 */
import type { MedicationRequest, Resource, ServiceRequest } from 'fhir/r4.js';
import type { MappedRecord, OrderEvent, OrderStatement } from '../mapping/types.js';
import type { CurrentDocument } from './types.js';

type Order = (ServiceRequest | MedicationRequest) & { id: string };

/** Whether a resource is an order or a prescription. */
export const isOrder = (resource: Resource): resource is Order =>
  resource.resourceType === 'ServiceRequest' || resource.resourceType === 'MedicationRequest';

/** When the event of a message happened: the earliest and the latest instant that its time can mean. */
export interface EventContext {
  readonly source: { readonly messageId: string };
  readonly eventTime: string;
  readonly latestEventTime: string;
}

/** What became of an order, and who said so. */
export interface OrderState {
  readonly status: string;
  readonly by: OrderEvent;
}

/** What the states of orders and prescriptions are called on the other side (FHIR R4 request-status, medicationrequest-status). */
const STATES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  MedicationRequest: { revoked: 'stopped' },
  ServiceRequest: { cancelled: 'revoked', stopped: 'revoked' },
};

/** A state in the words of a type of request. */
export const stateIn = (resourceType: string, status: string): string =>
  STATES[resourceType]?.[status] ?? status;

/** States in which a request is not to be carried out any more. */
const OVER = new Set(['revoked', 'cancelled', 'stopped', 'completed', 'entered-in-error']);

export const isOver = (status: string | undefined): boolean => status !== undefined && OVER.has(status);

/** States of an order that its results may end; one that was revoked, held or taken back stays so. */
const COMPLETABLE = new Set([undefined, 'draft', 'active', 'unknown']);

/** What results said themselves, such as that they are cancelled, is overtaken by those that come. */
const isCompletable = (state: OrderState | undefined): boolean =>
  COMPLETABLE.has(state?.status) || state?.by.kind === 'mentioned';

/** What a message says of the state of one order; undefined where it says nothing. */
export function statementOf(record: MappedRecord): OrderStatement | undefined {
  const { resource, mode, isState, lineage } = record;
  if (!isOrder(resource) || mode === 'link') return undefined;
  const { status: said, id, resourceType } = resource;
  // That nobody knows the state changes none.
  const isStated = (said as string | undefined) !== undefined && said !== 'unknown';
  const rule = lineage.find(({ element }) => element === `${resourceType}.status`)?.rule;
  const status = isStated ? { status: said, ...(rule === undefined ? {} : { rule }) } : {};
  if (mode !== 'create') {
    if (isState !== true) return { of: id, kind: 'stated', ...status };
    return isStated ? { kind: 'stated', ...status } : undefined;
  }
  if (!isStated) return undefined;
  const isDone = resourceType === 'ServiceRequest' && said === 'completed';
  return { of: id, kind: isDone ? 'completed' : 'mentioned', ...status };
}

/** What a message says of all records of the number of an order. */
const toldBy = (record: MappedRecord): readonly OrderStatement[] => {
  const own = record.number === undefined ? statementOf(record) : undefined;
  return record.number?.told ?? (own === undefined ? [] : [own]);
};

/** What is remembered of an order once a message has come. */
export function eventsAfter(
  record: MappedRecord,
  stored: CurrentDocument | undefined,
  context: EventContext,
): readonly OrderEvent[] {
  const known = stored === undefined ? [] : eventsOf(stored);
  const earlier = (record.number?.known ?? []).reduce(
    (events, event) => insert(events, event, event.at),
    known,
  );
  const { source, eventTime, latestEventTime } = context;
  return toldBy(record).reduce(
    (events, statement) =>
      insert(events, { ...statement, messageId: source.messageId, at: eventTime }, latestEventTime),
    earlier,
  );
}

/** What is remembered of a stored order; of one that is older than this memory, the state in which it is. */
export function eventsOf({
  events,
  fhirId,
  eventTime,
  source,
  resource,
}: CurrentDocument): readonly OrderEvent[] {
  if (events !== undefined) return events;
  const { status } = resource as Order;
  return [{ of: fhirId, kind: 'stated', status, messageId: source.messageId, at: eventTime }];
}

/** More than this was never said of one order. */
const MOST_EVENTS = 100;

/** Puts an event behind all that are not certainly later, and forgets those that it makes pointless. */
function insert(events: readonly OrderEvent[], event: OrderEvent, latest: string): readonly OrderEvent[] {
  const { of, kind, messageId } = event;
  const isSame = (each: OrderEvent) => each.of === of && each.kind === kind;
  if (events.some((each) => isSame(each) && each.messageId === messageId)) return events;
  if (kind === 'mentioned' && events.some((each) => each.of === of && isDecided(each))) return events;
  const place = events.findLastIndex((each) => each.at <= latest) + 1;
  const before = events.slice(0, place);
  const after = events.slice(place);
  // Of several that say the same thing in the same way only the last one matters.
  const isPointless = (each: OrderEvent) => isSame(each) && isRepeatable(each);
  if (isRepeatable(event) && after.some(isPointless)) return events;
  const kept = isRepeatable(event) ? before.filter((each) => !isPointless(each)) : before;
  return [...kept, event, ...after].slice(-MOST_EVENTS);
}

const isDecided = ({ kind, status }: OrderEvent): boolean => kind === 'stated' && status !== undefined;

const isRepeatable = ({ kind, status }: OrderEvent): boolean =>
  kind === 'completed' || kind === 'given-way' || (kind === 'stated' && status === undefined);

/** Whether nothing is known of a record but what was said of its number alone: nobody knows what was ordered. */
export const isPlaceholder = (document: CurrentDocument): boolean =>
  document.events?.every(({ of, kind }) => of === undefined || kind === 'given-way') === true;

interface Running {
  readonly state: OrderState | undefined;
  /** Another medicine has taken its place. */
  readonly isReplaced: boolean;
}

/** The records of a number, and what was said last of the number alone. */
interface NumberState {
  readonly records: Map<string, Running>;
  ofNumber: OrderState | undefined;
}

/**
 * The state of an order after all events: the latest one that states a state wins. What ended under a number alone has
 * ended for every order of it, also for those that come to be known later.
 *
 * @returns undefined where nobody said
 */
export function stateAfter(
  events: readonly OrderEvent[],
  { id = '', resourceType }: Resource,
): OrderState | undefined {
  const standing: NumberState = { records: new Map(), ofNumber: undefined };
  for (const event of events)
    if (isFirstOfMessage(event, events)) apply(standing, event, events, resourceType);
  const gaveWay = events.find(({ kind }) => kind === 'given-way');
  if (gaveWay !== undefined && !events.some(({ of, kind }) => of === id && kind !== 'given-way'))
    return { status: 'entered-in-error', by: gaveWay };
  const record = standing.records.get(id);
  return record === undefined ? standing.ofNumber : record.state;
}

/** All that one message states of the records of a number happens at once. */
const isFirstOfMessage = (event: OrderEvent, events: readonly OrderEvent[]): boolean =>
  !isOwnStatement(event) ||
  events.find((each) => isOwnStatement(each) && each.messageId === event.messageId) === event;

const isOwnStatement = ({ of, kind }: OrderEvent): boolean => of !== undefined && kind === 'stated';

function apply(
  standing: NumberState,
  event: OrderEvent,
  events: readonly OrderEvent[],
  resourceType: string,
): void {
  const { of, kind, status: said } = event;
  const stated = said === undefined ? undefined : { status: stateIn(resourceType, said), by: event };
  if (of === undefined) {
    if (kind === 'stated') stateNumber(standing, stated);
    return;
  }
  const { state } = standing.records.get(of) ?? { state: standing.ofNumber };
  switch (kind) {
    case 'stated': {
      const { messageId } = event;
      const group = events.filter((each) => isOwnStatement(each) && each.messageId === messageId);
      stateRecords(standing, group, resourceType);
      break;
    }
    case 'completed':
      if (isCompletable(state)) standing.records.set(of, { state: stated, isReplaced: false });
      break;
    case 'mentioned':
      standing.records.set(of, { state: state ?? stated, isReplaced: false });
      break;
    case 'given-way':
      break;
  }
}

/** Medicines whose place another one took stay so: they are not what the number stands for. */
function stateNumber(standing: NumberState, state: OrderState | undefined): void {
  standing.ofNumber = state;
  for (const [id, { isReplaced }] of standing.records)
    if (!isReplaced) standing.records.set(id, { state, isReplaced });
}

/**
 * A medicine that is new under its number takes the place of the only other one that is to be given, and goes on in its
 * state where the message states none. Of several nobody can tell which is meant: all go on.
 */
function stateRecords(
  { records, ofNumber }: NumberState,
  group: readonly OrderEvent[],
  resourceType: string,
): void {
  const named = new Set(group.map(({ of = '' }) => of));
  const others = [...records].filter(([id, { state }]) => !named.has(id) && !isOver(state?.status));
  const [only] = resourceType === 'MedicationRequest' && others.length === 1 ? others : [];
  let taken: OrderEvent | undefined;
  for (const event of group) {
    const { of = '', status } = event;
    const held = records.get(of);
    const isNew = held === undefined || held.isReplaced;
    const before = isNew ? (only === undefined ? ofNumber : only[1].state) : held.state;
    const state = status === undefined ? before : { status: stateIn(resourceType, status), by: event };
    records.set(of, { state, isReplaced: false });
    if (isNew && !isOver(state?.status)) taken = event;
  }
  if (taken !== undefined && only !== undefined)
    records.set(only[0], { state: { status: 'stopped', by: taken }, isReplaced: true });
}
