/** What the states of results mean (FHIR R4 observation-status, diagnostic-report-status), and what is doubtful in them. */
import type { CodeableConcept, DiagnosticReport, Reference, Resource } from 'fhir/r4.js';
import type { Issue } from '../errors.js';
import type { MappedRecord } from '../mapping/types.js';
import { codingsOf } from './ordered.js';
import type { CurrentDocument } from './types.js';

/** What of a resource these rules read. */
interface Stated {
  readonly status?: string;
}

const statusOf = (resource: Resource): string => (resource as Stated).status ?? '';

const unfinished = new Set(['registered', 'preliminary', 'partial', 'unknown']);
const released = new Set(['final', 'amended', 'corrected', 'appended']);

/** Whether a result is not what the laboratory ends with. */
export const isUnfinished = (resource: Resource): boolean => unfinished.has(statusOf(resource));

/** Whether clinicians may act on a result. */
export const isReleased = (resource: Resource): boolean => released.has(statusOf(resource));

/** Whether a report or result says that there is none. */
export const isCancelled = (resource: Resource): boolean => statusOf(resource) === 'cancelled';

/** Whether a result was deleted, or was posted as wrong. */
export const isTakenBack = (resource: Resource): boolean => statusOf(resource) === 'entered-in-error';

/** What of a result tells that it is final as it was sent before, without its value (HL7 table 0085, U). */
interface Released extends Stated {
  readonly _status?: { readonly extension?: readonly { readonly valueCodeableConcept?: CodeableConcept }[] };
}

/** Whether a message only says that a result is final: the value is that of another message. */
export function isReleasedAsSent(resource: Resource): boolean {
  const { status, _status: original } = resource as Released;
  return (
    status === 'final' &&
    original?.extension?.some((each) => each.valueCodeableConcept?.coding?.[0]?.code === 'U') === true
  );
}

/** Whether a resource is a report. */
export const isReport = (resource: Resource): resource is DiagnosticReport & { id: string } =>
  resource.resourceType === 'DiagnosticReport';

/** Results of a report that another one does not name. */
export const unnamed = (stored: DiagnosticReport, incoming: DiagnosticReport): Reference[] => {
  const named = new Set(incoming.result?.map(({ reference }) => reference));
  return (stored.result ?? []).filter(({ reference }) => !named.has(reference));
};

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
      if (isUnfinished(resource) && isReleased(stored) && eventTime > document.eventTime)
        return doubt(
          isReport(resource) ? 'OBR-25' : 'OBX-11',
          'a state that follows final: the final result stays',
        );
      return undefined;
    default:
      return undefined;
  }
}

const corrections = new Set(['amended', 'corrected', 'entered-in-error']);

/** A correction that meets nothing may be of one of several stored results that it does not tell apart. */
function doubtAboutCorrection(resource: Resource, mode: MappedRecord['mode']): Issue | undefined {
  if (mode !== 'replace' || resource.resourceType !== 'Observation') return undefined;
  if (isReleasedAsSent(resource))
    return doubt('OBX-5', 'the value: none is stored that this message makes final');
  return corrections.has(statusOf(resource))
    ? doubt('OBX-4', 'what tells the corrected result apart: none is stored that this one corrects')
    : undefined;
}

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

const doubt = (location: string, detail: string): Issue => ({
  code: 'HDE_HL7_REQUIRED',
  severity: 'warning',
  location,
  detail,
});
