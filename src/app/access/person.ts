/** The Patients who are one person: what is known of one of them concerns the others (FHIR R4 section 8.1.4, Patient.link). */
import type { Patient } from 'fhir/r4.js';
import type { CurrentDocument, LatestDocument } from '../../core/records/types.js';
import { linkedIds } from '../fhir/link-set.js';
import type { AccessDependencies } from './access-dependencies.js';

/** Patients of one person that are looked up; of whoever is linked with more nobody knows all that is to be known. */
const mostOfPerson = 200;

/** Who is linked to a patient, directly or through others. */
export interface Person {
  /** The other Patients as they stand, also where only one side says so: what holds back one holds back all. */
  readonly others: ReadonlyMap<string, LatestDocument | undefined>;
  /**
   * Those of them who say so themselves, from one to the next: what opens one opens the others. Whoever links a patient of
   * their own to somebody gains nothing by it.
   */
  readonly joined: readonly string[];
  /** False when there are more than were looked up. */
  readonly isComplete: boolean;
}

export const nobodyElse: Person = { others: new Map(), joined: [], isComplete: true };

/** Follows the links of a patient; asks for nothing where there are none. */
export async function readPerson(
  { records, baseUrl }: Pick<AccessDependencies, 'records' | 'baseUrl'>,
  patient: CurrentDocument | undefined,
): Promise<Person> {
  if (patient === undefined || (patient.resource as Patient).link === undefined) return nobodyElse;
  const links = new Map([[patient.fhirId, linkedIds(patient.resource, baseUrl)]]);
  const others = new Map<string, LatestDocument | undefined>();
  let isComplete = true;
  for (let next = unknown(links); next.length > 0; next = unknown(links)) {
    const room = mostOfPerson - links.size;
    isComplete = next.length <= room;
    const ids = next.slice(0, room);
    const documents = await Promise.all(ids.map((id) => records.readLatest('Patient', id)));
    for (const [at, id] of ids.entries()) {
      const document = documents[at];
      others.set(id, document);
      links.set(id, document?.kind === 'resource' ? linkedIds(document.resource, baseUrl) : []);
    }
    if (!isComplete) break;
  }
  return { others, joined: joinedTo(patient.fhirId, links), isComplete };
}

type Links = ReadonlyMap<string, readonly string[]>;

const unknown = (links: Links): string[] =>
  [...new Set([...links.values()].flat())].filter((id) => !links.has(id));

/** Those who are reached by links that both sides state. */
function joinedTo(id: string, links: Links): string[] {
  const joined = new Set([id]);
  for (const each of joined)
    for (const other of links.get(each) ?? [])
      if (links.get(other)?.includes(each) === true) joined.add(other);
  joined.delete(id);
  return [...joined];
}
