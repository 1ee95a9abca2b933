/**
 * The status that visits and accounts were said to have, and when: where they move, an end is not undone by what was said
 * before it.
 */
import type { Resource } from 'fhir/r4.js';
import type { CurrentDocument, Standing, StoredLineage } from './types.js';

/** A status that was stated, and when. Empty where nobody stated any. */
export type StatedStatus = Pick<Standing, 'status' | 'statusSince'>;

/** The times of a message as ISO instants: the earliest that its event can mean, and the latest. */
interface EventTimes {
  readonly eventTime: string;
  readonly latestEventTime: string;
}

const RUNNING: readonly string[] = ['planned', 'arrived', 'triaged', 'in-progress', 'onleave', 'active'];

/** The status of a resource, whether it was stated or completed. */
export const statusOf = (resource: Resource): string | undefined =>
  (resource as Resource & { status?: string }).status;

/** A statement of nothing but the status of a resource. */
export const onlyStatus = (
  { resourceType, id = '' }: Resource,
  status: string,
): Resource & { id: string } => {
  const statement: Resource & { id: string; status: string } = { resourceType, id, status };
  return statement;
};

/** Whether a message stated an element or a part of it, as against one that was completed. */
export const isStated = ({ rows }: StoredLineage, name: string): boolean =>
  rows.some(([element]) => element === name || element.startsWith(`${name}.`));

/**
 * What was stated of the status. Where no move has concerned the record it is not known when: an end counts from the
 * latest event of the record, but what ran until the move counts from no later than that.
 */
export function statedOf(document: CurrentDocument | undefined, { eventTime }: EventTimes): StatedStatus {
  if (document === undefined) return {};
  const { standing, resource, lineage } = document;
  if (standing?.status !== undefined)
    return { status: standing.status, statusSince: standing.statusSince ?? document.eventTime };
  const status = statusOf(resource);
  if (standing?.isRetired === true || status === undefined || !isStated(lineage, 'status')) return {};
  const isBounded = RUNNING.includes(status) && eventTime < document.eventTime;
  return { status, statusSince: isBounded ? eventTime : document.eventTime };
}

/** The later of two, the second one if both are of the same time. */
export const laterStatus = (one: StatedStatus, other: StatedStatus): StatedStatus =>
  (other.statusSince ?? '') >= (one.statusSince ?? '') && other.status !== undefined ? other : one;

/** Whether the status that a message states is later than what was stated of a visit that was moved. */
export function isNewStatus(stored: CurrentDocument, context: EventTimes): boolean {
  const { statusSince } = statedOf(stored, context);
  if (statusSince !== undefined) return context.latestEventTime >= statusSince;
  return stored.standing?.isRetired === true || statusOf(stored.resource) === 'unknown';
}
