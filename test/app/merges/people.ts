/** Who is one person in a small exchange: Patients that say of each other that they are linked. */
import type { Patient } from 'fhir/r4.js';
import type { RecordStore } from '../../../src/ports/record-store.js';

/** The patients of these partitions, each group of those who are linked from both sides. */
export async function peopleIn(records: RecordStore, partitions: Iterable<string>): Promise<Patient[][]> {
  const patients = new Map<string, Patient>();
  for (const partition of partitions) {
    const document = await records.readCurrent('Patient', partition);
    if (document !== undefined) patients.set(`Patient/${partition}`, document.resource as Patient);
  }
  const linked = (reference: string): string[] =>
    (patients.get(reference)?.link ?? []).map(({ other }) => other.reference ?? '');
  const people: Patient[][] = [];
  const seen = new Set<string>();
  for (const start of patients.keys()) {
    if (seen.has(start)) continue;
    const group = [start];
    seen.add(start);
    for (const reference of group)
      for (const other of linked(reference))
        if (!seen.has(other) && linked(other).includes(reference)) {
          seen.add(other);
          group.push(other);
        }
    people.push(group.map((reference) => patients.get(reference)!));
  }
  return people;
}
