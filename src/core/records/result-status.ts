/**
 * How results, and the orders they answer, go on from what is stored. A laboratory sends what it knows so far: a later
 * message holds some of the results of an order (HL7 v2.5.1 section 7.3.1), and its states may arrive out of order.
 */
import type { DiagnosticReport, Reference, Resource } from 'fhir/r4.js';
import type { Issue } from '../errors.js';
import type { MappedRecord } from '../mapping/types.js';
import { asksForAnother, codingsOf } from './settle-orders.js';
import type { CurrentDocument } from './types.js';

/** What of a resource these rules read. */
interface Stated {
  readonly status?: string;
}

const statusOf = (resource: Resource): string => (resource as Stated).status ?? '';

const unfinished = new Set(['registered', 'preliminary', 'partial']);
const released = new Set(['final', 'amended', 'corrected', 'appended']);

/**
 * Whether a result that clinicians may have acted on would become preliminary again: at no time is that so. One that
 * was cancelled or taken back may begin anew, by a message of a later time.
 */
export const fallsBack = (incoming: Resource, stored: Resource, isLater: boolean): boolean =>
  isLater
    ? (unfinished.has(statusOf(incoming)) || statusOf(incoming) === 'unknown') &&
      released.has(statusOf(stored))
    : unfinished.has(statusOf(incoming)) && !unfinished.has(statusOf(stored));

const isReport = (resource: Resource): resource is DiagnosticReport & { id: string } =>
  resource.resourceType === 'DiagnosticReport';

const unnamed = (stored: DiagnosticReport, incoming: DiagnosticReport): Reference[] => {
  const named = new Set(incoming.result?.map(({ reference }) => reference));
  return (stored.result ?? []).filter(({ reference }) => !named.has(reference));
};

/** A report with the results that earlier messages stated for it: those that a message leaves out stay part of it. */
export function withEarlierResults(record: MappedRecord, stored: Resource): MappedRecord {
  const { resource } = record;
  if (!isReport(resource) || !isReport(stored)) return record;
  const earlier = unnamed(stored, resource);
  return earlier.length === 0
    ? record
    : {
        ...record,
        resource: { ...resource, result: [...(resource.result ?? []), ...earlier] } as typeof resource,
      };
}

/** States of an order that its results may end; one that was revoked or taken back stays so. */
const open = new Set(['', 'draft', 'active', 'unknown']);

/**
 * What a report says by the way of the order it answers: that it was carried out (OBR-25). A mention of something
 * else under the same number says nothing about it.
 * @returns the change; undefined where there is none
 */
export function completionOf(record: MappedRecord, stored: Resource): MappedRecord | undefined {
  const { resource } = record;
  if (resource.resourceType !== 'ServiceRequest' || statusOf(resource) !== 'completed') return undefined;
  if (!open.has(statusOf(stored)) || asksForAnother(resource, stored)) return undefined;
  const { resourceType, id, meta } = resource;
  const security = meta?.security === undefined ? {} : { meta: { security: meta.security } };
  const completed = { resourceType, id, ...security, status: 'completed' };
  return { ...record, resource: completed, removed: [] };
}

/** What an operator should look at, where a result or an order does not go on from the stored one that it meets. */
export function doubtAboutResult(
  { resource, mode }: MappedRecord,
  document: CurrentDocument | undefined,
  eventTime: string,
): Issue | undefined {
  if (document === undefined) return doubtAboutCorrection(resource, mode) ?? doubtAboutEnd(resource, mode);
  // A message that was overtaken overwrites nothing.
  if (eventTime < document.eventTime) return undefined;
  const stored = document.resource;
  switch (resource.resourceType) {
    case 'Observation':
    case 'DiagnosticReport':
      if (fallsBack(resource, stored, true) && eventTime > document.eventTime)
        return doubt(
          isReport(resource) ? 'OBR-25' : 'OBX-11',
          'a state that follows final: the final result stays',
        );
      return isReport(resource) && isReport(stored) ? doubtAboutCancellation(resource, stored) : undefined;
    case 'ServiceRequest':
    case 'MedicationRequest':
      return mode === 'merge' ? doubtAboutNumber(resource, stored) : undefined;
    default:
      return undefined;
  }
}

function doubtAboutNumber(resource: Resource, stored: Resource): Issue | undefined {
  if (!asksForAnother(resource, stored)) return undefined;
  const location = resource.resourceType === 'ServiceRequest' ? 'OBR-4' : 'ORC-2';
  return doubt(location, 'a number of its own: the stored order of this number asked for something else');
}

const corrections = new Set(['amended', 'corrected', 'entered-in-error']);

/** A correction that meets nothing may be of one of several stored results that it does not tell apart. */
const doubtAboutCorrection = (resource: Resource, mode: MappedRecord['mode']): Issue | undefined =>
  mode === 'replace' && resource.resourceType === 'Observation' && corrections.has(statusOf(resource))
    ? doubt('OBX-4', 'what tells the corrected result apart: none is stored that this one corrects')
    : undefined;

const halted = new Set(['revoked', 'on-hold']);

/**
 * The end of an order that nobody knows, without what was ordered, may be that of a prescription of the same number. It
 * is kept, as the order may come later.
 */
function doubtAboutEnd(resource: Resource, mode: MappedRecord['mode']): Issue | undefined {
  if (mode !== 'merge' || resource.resourceType !== 'ServiceRequest') return undefined;
  return halted.has(statusOf(resource)) && codingsOf(resource).length === 0
    ? doubt('ORC-2', 'the number of a stored order: a prescription of this number stays as it was')
    : undefined;
}

function doubtAboutCancellation(incoming: DiagnosticReport, stored: DiagnosticReport): Issue | undefined {
  if (incoming.status !== 'cancelled' || unnamed(stored, incoming).length === 0) return undefined;
  return doubt(
    'OBR-25',
    'each result that is cancelled with the report: those it leaves out stay as they were',
  );
}

const doubt = (location: string, detail: string): Issue => ({
  code: 'HDE_HL7_REQUIRED',
  severity: 'warning',
  location,
  detail,
});
