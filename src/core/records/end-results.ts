/**
 * Results of a report that is cancelled (OBR-25 `X`: no results available, HL7 table 0123) end with it, also those that the
 * message leaves out, and those whose message of the time before arrives later.
 */
import type { Resource } from 'fhir/r4.js';
import type { MappedRecord } from '../mapping/types.js';
import { currentId, nameOf, partitionOf } from './ids.js';
import { isCancelled, isReport, isTakenBack, unnamed } from './result-status.js';
import { omit } from './statement.js';
import type { CurrentDocument } from './types.js';

type Find = (id: string) => CurrentDocument | undefined;

const isEnded = ({ resource, mode }: MappedRecord): boolean =>
  mode === 'replace' && isReport(resource) && isCancelled(resource);

/** Ids of the documents of reports that a message cancels. */
export const idsOfEnded = (records: readonly MappedRecord[]): readonly string[] =>
  records.filter(isEnded).map(({ resource: { resourceType, id } }) => currentId(resourceType, id));

/** Whether a record only says that a result has ended with its report. */
export const isEndOfResult = ({ resource, isState }: MappedRecord): boolean =>
  isState === true && resource.resourceType === 'Observation';

/**
 * Adds the end of each result that a stored report has and the message that cancels it leaves out.
 *
 * @param find a stored report by the id of its document
 */
export function withEnds(records: readonly MappedRecord[], find: Find): readonly MappedRecord[] {
  const ended = records.filter(isEnded);
  if (ended.length === 0) return records;
  const named = new Set(records.map(({ resource }) => nameOf(resource)));
  const ends = ended.flatMap((record) => {
    const { resource } = record;
    const stored = find(currentId(resource.resourceType, resource.id))?.resource;
    if (stored === undefined || !isReport(stored) || !isReport(resource)) return [];
    return unnamed(stored, resource)
      .map(({ reference = '' }) => reference)
      .filter((reference) => !named.has(reference))
      .flatMap((reference) => endOf(reference, record) ?? []);
  });
  return [...records, ...ends];
}

function endOf(reference: string, { partition, lineage }: MappedRecord): MappedRecord | undefined {
  const [resourceType, id = ''] = reference.split('/');
  if (resourceType !== 'Observation' || partitionOf(id) !== partition) return undefined;
  const resource: Resource & { id: string; status: string } = { resourceType, id, status: 'cancelled' };
  const reason = lineage.find(({ element }) => element === 'DiagnosticReport.status');
  const entry = reason && { ...reason, resource: reference, element: 'Observation.status' };
  return {
    partition,
    resource,
    mode: 'merge',
    isState: true,
    removed: [],
    lineage: entry === undefined ? [] : [entry],
  };
}

/** When a report was cancelled last, whatever has become of it since; undefined when it never was. */
export const cancelledAt = ({
  resource,
  eventTime,
  withdrawn,
}: Pick<CurrentDocument, 'resource' | 'eventTime' | 'withdrawn'>): string | undefined =>
  isCancelled(resource) ? eventTime : withdrawn;

/**
 * Results as they are since their report was cancelled by a message of a later time.
 *
 * @param find a stored record by the id of its document
 * @param reports those of the message that have these results, and maybe others
 */
export function endedSince(
  records: readonly MappedRecord[],
  find: Find,
  { latestEventTime }: { readonly latestEventTime: string },
  reports = records,
): readonly MappedRecord[] {
  const ended = new Set<string>();
  for (const { resource } of reports) {
    if (!isReport(resource)) continue;
    const stored = find(currentId(resource.resourceType, resource.id));
    const cancelled = stored === undefined ? undefined : cancelledAt(stored);
    if (cancelled === undefined || latestEventTime >= cancelled) continue;
    for (const { reference = '' } of resource.result ?? []) ended.add(reference);
  }
  return ended.size === 0
    ? records
    : records.map((record) =>
        ended.has(nameOf(record.resource)) && !isTakenBack(record.resource) ? asEnded(record) : record,
      );
}

/** The reports of a message by the results that they have (`Observation/<id>`). */
export function reportsByResult(records: readonly MappedRecord[]): ReadonlyMap<string, MappedRecord[]> {
  const reports = new Map<string, MappedRecord[]>();
  for (const record of records) {
    if (!isReport(record.resource)) continue;
    for (const { reference = '' } of record.resource.result ?? [])
      reports.set(reference, [...(reports.get(reference) ?? []), record]);
  }
  return reports;
}

const STATUS = /^Observation\._?status\b/;

function asEnded(record: MappedRecord): MappedRecord {
  const content = omit(record.resource, ['_status']);
  const resource: typeof content & { status: string } = { ...content, status: 'cancelled' };
  return { ...record, resource, lineage: record.lineage.filter(({ element }) => !STATUS.test(element)) };
}
