/**
 * How a result or report goes on from the stored one. A laboratory sends what it knows so far: a later message holds some
 * of the results of an order (HL7 v2.5.1 section 7.3.1), and its states may arrive out of order. The latest result that
 * was released counts, whatever unfinished ones say; one that was cancelled or taken back may begin anew.
 */
import type { DiagnosticReport, Resource } from 'fhir/r4.js';
import type { MappedRecord } from '../mapping/types.js';
import { cancelledAt } from './end-results.js';
import { labelsOf, missingFrom } from './labels.js';
import { addLineage, packLineage } from './lineage.js';
import type { EventContext } from './order-states.js';
import {
  isCancelled,
  isReleased,
  isReleasedAsSent,
  isReport,
  isUnfinished,
  unnamed,
} from './result-status.js';
import { omit, type Statement } from './statement.js';
import type { CurrentDocument, DeferredResult, RecordMemory } from './types.js';

/** Whether a resource is a result or a report of results. */
export const isResult = ({ resourceType }: Resource): boolean =>
  resourceType === 'Observation' || resourceType === 'DiagnosticReport';

/** What is stored once a result has come. */
export interface ResultMeeting {
  readonly statement: Statement;
  readonly memory: RecordMemory;
  /** Whether the message is kept as evidence only. */
  readonly isLate: boolean;
}

/** What one of several statements about a result says, and when. */
type Stated = DeferredResult;

/** Which statement stands, and what must be known should others come. */
interface Outcome {
  readonly stands: Stated;
  readonly withdrawn?: string | undefined;
  readonly deferred?: Stated | undefined;
}

/** Lets a result meet the stored one. */
export function meetResult(
  record: MappedRecord,
  stored: CurrentDocument,
  context: EventContext,
): ResultMeeting {
  const { source, eventTime } = context;
  const said = statementOf(record, stored, source.messageId);
  const incoming: Stated = { eventTime, ...said };
  const held: Stated = { eventTime: stored.eventTime, resource: stored.resource, lineage: stored.lineage };
  const {
    stands,
    withdrawn: since,
    deferred,
  } = isUnfinished(incoming.resource)
    ? begin(incoming, held, stored, context)
    : settle(incoming, held, stored, context);
  const withdrawn = withCancellation(since, stands, [stored, incoming]);
  const others = [held, incoming].filter((each) => each !== stands);
  return {
    statement: others.reduce<Statement>(
      (known, other) => withLabelsOf(withResultsOf(known, other), other),
      others.reduce(withValueOf, stands),
    ),
    memory: {
      eventTime: stands.eventTime,
      ...(stored.cleared === undefined ? {} : { cleared: stored.cleared }),
      ...(withdrawn === undefined ? {} : { withdrawn }),
      ...(deferred === undefined ? {} : { deferred }),
    },
    isLate: stands !== incoming,
  };
}

/** What a message says of a result; where that is only that it has ended, the rest is what is stored. */
function statementOf(
  { resource, lineage: entries, isState }: MappedRecord,
  held: CurrentDocument,
  messageId: string,
): Statement {
  const lineage = packLineage(entries, messageId);
  if (isState !== true) return { resource, lineage };
  const known = omit(held.resource, ['_status']);
  // Labels that are said besides stand before those that the result had.
  const { meta } = resource;
  const restated = meta === undefined ? {} : { meta: { ...known.meta, ...meta } };
  const isRestated = (element: string): boolean =>
    /^status\b/.test(element) || (meta !== undefined && element.startsWith('meta.security'));
  return {
    resource: { ...known, ...resource, ...restated },
    lineage: addLineage(lineage, held.lineage, (element) => (isRestated(element) ? undefined : element)),
  };
}

/** A report remembers when it was cancelled last: results of the time before have ended, whenever they arrive. */
function withCancellation(
  withdrawn: string | undefined,
  stands: Stated,
  statements: readonly Pick<CurrentDocument, 'resource' | 'eventTime' | 'withdrawn'>[],
): string | undefined {
  if (!isReport(stands.resource) || isCancelled(stands.resource)) return withdrawn;
  const times = [withdrawn, ...statements.map(cancelledAt)].filter((time) => time !== undefined);
  return times.sort().at(-1);
}

/** True when the whole interval that the time of an event can mean lies before another one. */
const isBefore = ({ latestEventTime }: EventContext, time: string | undefined): boolean =>
  time !== undefined && latestEventTime < time;

/** What an unfinished result does: it goes on from unfinished ones, and from one that was withdrawn before it. */
function begin(incoming: Stated, held: Stated, stored: CurrentDocument, context: EventContext): Outcome {
  const { withdrawn, deferred } = stored;
  if (isUnfinished(held.resource)) {
    const isPast = isBefore(context, held.eventTime) || isBefore(context, withdrawn);
    return { stands: isPast ? held : incoming, withdrawn };
  }
  const isLater = incoming.eventTime > held.eventTime;
  if (!isReleased(held.resource))
    return isLater ? { stands: incoming, withdrawn: held.eventTime } : { stands: held };
  const isNewest = isLater && !isBefore(context, deferred?.eventTime);
  return { stands: held, deferred: isNewest ? incoming : deferred };
}

/** What a result that was released, cancelled or taken back does: only a later one of its kind counts for more. */
function settle(incoming: Stated, held: Stated, stored: CurrentDocument, context: EventContext): Outcome {
  const { withdrawn, deferred } = stored;
  // Nothing that was released, cancelled or taken back becomes something else by it.
  if (isReleasedAsSent(incoming.resource) && isSettled(held.resource))
    return { stands: held, withdrawn, deferred };
  const isHeldUnfinished = isUnfinished(held.resource);
  if (isBefore(context, isHeldUnfinished ? withdrawn : held.eventTime))
    return { stands: held, withdrawn, deferred };
  const begun = isHeldUnfinished ? held : deferred;
  const later = begun !== undefined && begun.eventTime > incoming.eventTime ? begun : undefined;
  if (isReleased(incoming.resource) || later === undefined) return { stands: incoming, deferred: later };
  return { stands: later, withdrawn: incoming.eventTime };
}

/** Whether a result has come to an end, with the value that it ended with. */
const isSettled = (resource: Resource): boolean => !isUnfinished(resource) && !isReleasedAsSent(resource);

/**
 * What is said to be final without its value (OBX-11 U) has the value that was stated last before it, by whichever of
 * the two messages came first.
 */
function withValueOf(stands: Stated, other: Stated): Stated {
  const isOfIt = isUnfinished(other.resource) || isReleased(other.resource);
  if (!isReleasedAsSent(stands.resource) || !isOfIt || other.eventTime > stands.eventTime) return stands;
  const released = omit(stands.resource, ['_status']);
  const stated = new Set(Object.keys(released));
  const lineage = {
    ...stands.lineage,
    rows: stands.lineage.rows.filter(([element]) => !element.startsWith('status.')),
  };
  return {
    eventTime: stands.eventTime,
    resource: { ...other.resource, ...released },
    lineage: addLineage(lineage, other.lineage, (element) =>
      stated.has(element.split(/[.[]/, 1)[0] ?? '') ? undefined : element,
    ),
  };
}

/** A report has all results that any message stated for it: those that one leaves out stay part of it. */
function withResultsOf(known: Statement, { resource: other, lineage }: Statement): Statement {
  const { resource } = known;
  if (!isReport(resource) || !isReport(other)) return known;
  const added = unnamed(other, resource);
  if (added.length === 0) return known;
  const { result = [] } = resource;
  const places = new Map(added.map(({ reference = '' }, index) => [reference, result.length + index]));
  const united: DiagnosticReport = { ...resource, result: [...result, ...added] };
  const rename = (element: string): string | undefined => {
    const [, from, rest = ''] = RESULT.exec(element) ?? [];
    const place = from === undefined ? undefined : places.get(other.result?.[Number(from)]?.reference ?? '');
    return place === undefined ? undefined : `result[${place}]${rest}`;
  };
  return { resource: united, lineage: addLineage(known.lineage, lineage, rename) };
}

const RESULT = /^result\[(\d+)\](.*)$/;

/** A result that is stated without a label is as restricted as another message said: each label stays. */
function withLabelsOf(known: Statement, { resource: other, lineage }: Statement): Statement {
  const { resource } = known;
  const own = labelsOf(resource);
  const others = labelsOf(other);
  const added = missingFrom(own, others);
  if (added.length === 0) return known;
  const rename = (element: string): string | undefined => {
    const [, from, rest = ''] = LABEL.exec(element) ?? [];
    const place = added.findIndex((label) => label === others[Number(from)]);
    return place < 0 ? undefined : `meta.security[${own.length + place}]${rest}`;
  };
  return {
    resource: { ...resource, meta: { ...resource.meta, security: [...own, ...added] } },
    lineage: addLineage(known.lineage, lineage, rename),
  };
}

const LABEL = /^meta\.security\[(\d+)\](.*)$/;
