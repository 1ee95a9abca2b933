/** Records as a reader sees them, by what they are about. */
import type { Person } from '../hospital/model.js';
import { at, listAt, textAt, type Json } from '../json.js';

export interface View {
  readonly patient: Json | undefined;
  /** By visit number, allergy code, order. */
  readonly encounters: ReadonlyMap<string, Json>;
  readonly allergies: ReadonlyMap<string, Json>;
  readonly reports: ReadonlyMap<string, Json>;
  /** By id. */
  readonly observations: ReadonlyMap<string, Json>;
  /** Records of the person that say the same thing twice. */
  readonly repeated: readonly string[];
}

/** Sorts the records of one person; other people's (linked ones) and shared ones are left out. */
export function viewOf(person: Person, resources: readonly Json[]): View {
  const patient = resources.find((resource) => isAbout(person, resource));
  const key = textAt(patient, 'id');
  const own = resources.filter((resource) => textAt(resource, 'id').startsWith(`${key}.`));
  const repeated: string[] = [];
  const index = (type: string, nameOf: (resource: Json) => string): Map<string, Json> => {
    const found = new Map<string, Json>();
    for (const resource of own.filter(({ resourceType }) => resourceType === type)) {
      const name = nameOf(resource);
      if (found.has(name)) repeated.push(`${type} ${name}`);
      found.set(name, resource);
    }
    return found;
  };
  return {
    patient,
    encounters: index('Encounter', (resource) => textAt(resource, 'identifier', 0, 'value')),
    allergies: index('AllergyIntolerance', allergyName),
    reports: index('DiagnosticReport', fillerOf),
    observations: index('Observation', (resource) => textAt(resource, 'id')),
    repeated,
  };
}

/** The number under which a person is looked for. */
export function isAbout(person: Person, resource: Json): boolean {
  if (resource['resourceType'] !== 'Patient') return false;
  return listAt(resource, 'identifier').some(({ value }) => value === person.mrn || value === person.eastMrn);
}

/** Which registration an allergy was stated by: the number in its reaction. */
export const markerOfAllergy = (allergy: Json): number =>
  Number(/Reaction (\d+)/.exec(JSON.stringify(at(allergy, 'reaction') ?? ''))?.[1] ?? 0);

/** Which registration a patient was stated by: the number in the address. */
export const markerOfPatient = (patient: Json | undefined): number =>
  Number(/^(\d+) Chaos Road$/.exec(textAt(patient, 'address', 0, 'line', 0))?.[1] ?? 0);

/** The same allergy, as two feeds state it, is two records. */
const allergyName = (resource: Json): string =>
  `${textAt(resource, 'code', 'coding', 0, 'code')} ${markerOfAllergy(resource)}`;

function fillerOf(resource: Json): string {
  const filler = listAt(resource, 'identifier').find(
    (identifier) => textAt(identifier, 'type', 'coding', 0, 'code') === 'FILL',
  );
  return textAt(filler, 'value');
}
