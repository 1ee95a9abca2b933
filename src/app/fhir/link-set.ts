import type { Patient, Resource } from 'fhir/r4.js';
import { parseReference } from '../../core/fhir/references.js';
import type { FhirDependencies } from './fhir-answer.js';

/** Patients of one link set whose records are read together; more would make one request too costly. */
export const maxLinkedPatients = 20;

/** The patients that are one person (FHIR R4 section 8.1.4, Patient.link). */
export interface LinkSet {
  /** Patient keys: the one asked for, then those linked to it, nearest first. What is not to be seen may be among them. */
  readonly patients: readonly string[];
  /** Whether the patient asked for is stored. */
  readonly isKnown: boolean;
  /** False when there are more than were looked up. */
  readonly isComplete: boolean;
}

/** `refer` is left out: it says where to look for more, not that two records are one person's. */
const joiningLinks: ReadonlySet<string> = new Set(['replaces', 'replaced-by', 'seealso']);

/**
 * Follows the links between patients from one of them. Merges never move data, so this is how the records of one
 * person are read together. Cycles end where they began.
 *
 * @param most patients that are looked up
 */
export async function expandLinks(
  { records, stored = records, baseUrl }: Pick<FhirDependencies, 'records' | 'stored' | 'baseUrl'>,
  patientId: string,
  most = maxLinkedPatients,
): Promise<LinkSet> {
  const patients = new Set([patientId]);
  let isKnown = false;
  let isComplete = true;
  for (let frontier = [patientId]; frontier.length > 0;) {
    const documents = await Promise.all(frontier.map((id) => stored.readCurrent('Patient', id)));
    isKnown ||= documents[0]?.fhirId === patientId;
    const linked = documents.flatMap((document) => linkedIds(document?.resource, baseUrl));
    frontier = [...new Set(linked)].filter((id) => !patients.has(id));
    const room = most - patients.size;
    isComplete &&= frontier.length <= room;
    frontier = frontier.slice(0, room);
    for (const id of frontier) patients.add(id);
  }
  return { patients: [...patients], isKnown, isComplete };
}

/** Whether patients are one person: the first of them, and those linked to it. */
export async function areOnePerson(
  deps: Parameters<typeof expandLinks>[0],
  [first, ...others]: readonly string[],
): Promise<boolean> {
  if (first === undefined || others.length === 0) return true;
  const { patients } = await expandLinks(deps, first);
  return others.every((id) => patients.includes(id));
}

/** A patient who is said to be the same person, and the element that says it. */
export interface StatedLink {
  readonly patient: string;
  readonly element: string;
}

/** The links by which a Patient says who else is the same person. */
export function statedLinks(patient: Resource | undefined, baseUrl: string): StatedLink[] {
  const { link = [] } = (patient ?? {}) as Partial<Patient>;
  return link.flatMap(({ type, other }, index) => {
    if (!joiningLinks.has(type)) return [];
    const reference = parseReference(other.reference ?? '', baseUrl);
    return reference?.type === 'Patient'
      ? [{ patient: reference.id, element: `Patient.link[${index}].other` }]
      : [];
  });
}

/** The patients that a Patient says are the same person. */
export const linkedIds = (patient: Resource | undefined, baseUrl: string): string[] =>
  statedLinks(patient, baseUrl).map((link) => link.patient);
