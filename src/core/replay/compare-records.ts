/** What a replay would change, in the order in which a clinician should look at it. */
import { compareText } from '../compare-text.js';
import type { Resource } from 'fhir/r4.js';
import { sameJson } from '../records/equal.js';

/** How one element or record differs from what is stored. */
export type Difference = 'lost' | 'changed' | 'gained';

export interface RecordDifference {
  readonly resourceType: string;
  readonly id: string;
  /** What becomes of the record as a whole; a record that is `changed` names its elements. */
  readonly difference: Difference;
  /** Elements of the first level, in alphabetical order; empty for a record that is lost or gained. */
  readonly elements: readonly { readonly name: string; readonly difference: Difference }[];
}

export interface PatientDifference {
  /** `Patient/<id>`, or the shared resource itself that the messages state. */
  readonly subject: string;
  /** The worst first. */
  readonly records: readonly RecordDifference[];
}

/** What the store adds by itself. */
const ADDED = new Set(['versionId', 'lastUpdated']);

/** Elements as they are compared: of `meta`, what messages state. */
function contentOf(resource: Resource): ReadonlyMap<string, unknown> {
  const content = new Map<string, unknown>(Object.entries(resource));
  const meta = Object.entries(resource.meta ?? {}).filter(([name]) => !ADDED.has(name));
  if (meta.length === 0) content.delete('meta');
  else content.set('meta', Object.fromEntries(meta));
  return content;
}

/** The difference between a record as it is stored and as it would be; undefined when there is none. */
export function compareRecord(
  stored: Resource | undefined,
  replayed: Resource | undefined,
): RecordDifference | undefined {
  const known = replayed ?? stored;
  if (known === undefined) return undefined;
  const { resourceType, id = '' } = known;
  if (replayed === undefined) return { resourceType, id, difference: 'lost', elements: [] };
  if (stored === undefined) return { resourceType, id, difference: 'gained', elements: [] };
  const before = contentOf(stored);
  const after = contentOf(replayed);
  const elements = [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((name) => {
    const [old, now] = [before.get(name), after.get(name)];
    if (sameJson(old, now)) return [];
    const difference: Difference = now === undefined ? 'lost' : old === undefined ? 'gained' : 'changed';
    return [{ name, difference }];
  });
  return elements.length === 0 ? undefined : { resourceType, id, difference: 'changed', elements };
}

const RESULTS = new Set(['Observation', 'DiagnosticReport']);

/**
 * How much harm a difference may mean, 0 the most: a lost allergy, then changed identifiers, then lost or changed
 * results, other losses, other changes, and what is gained.
 */
export function severityOf({ resourceType, difference, elements }: RecordDifference): number {
  const hasLost = elements.some((element) => element.difference === 'lost');
  if (resourceType === 'AllergyIntolerance' && difference !== 'gained') return 0;
  if (elements.some(({ name }) => name === 'identifier')) return 1;
  if (RESULTS.has(resourceType) && difference !== 'gained') return 2;
  if (difference === 'lost') return 3;
  if (difference === 'changed') return hasLost ? 4 : 5;
  return 6;
}

const bySeverity = (a: RecordDifference, b: RecordDifference): number =>
  severityOf(a) - severityOf(b) || compareText(a.resourceType, b.resourceType) || compareText(a.id, b.id);

/** Compares all records of somebody. @returns undefined when nothing would change */
export function comparePatient(
  subject: string,
  stored: readonly Resource[],
  replayed: readonly Resource[],
): PatientDifference | undefined {
  const after = new Map(replayed.map((resource) => [nameOf(resource), resource]));
  const before = new Map(stored.map((resource) => [nameOf(resource), resource]));
  const names = new Set([...before.keys(), ...after.keys()]);
  const records = [...names]
    .map((name) => compareRecord(before.get(name), after.get(name)))
    .filter((difference) => difference !== undefined);
  return records.length === 0 ? undefined : { subject, records: records.sort(bySeverity) };
}

const nameOf = ({ resourceType, id = '' }: Resource): string => `${resourceType}/${id}`;

/** Patients in the order of their worst difference. */
export function sortPatients(patients: readonly PatientDifference[]): PatientDifference[] {
  const worst = ({ records }: PatientDifference): number => Math.min(...records.map(severityOf));
  return [...patients].sort((a, b) => worst(a) - worst(b) || compareText(a.subject, b.subject));
}
