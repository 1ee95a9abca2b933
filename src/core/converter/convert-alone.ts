/** One message as if it were the only one: nothing is known of anybody but what it says itself. */
import type { Issue } from '../errors.js';
import type { Feed } from '../feed.js';
import type { Hl7Message } from '../formats/hl7v2/types.js';
import { claimingIdentifier, type MentionedPerson } from '../identity/patient-identifiers.js';
import { identifierToken, patientKeyFromToken } from '../identity/tokens.js';
import { mapHl7v2, understand, type Mapping } from '../mapping/convert.js';
import type { PackRegistry } from '../mapping/engine/pack-registry.js';
import type { Person } from '../mapping/engine/run.js';

/** Keys made with it are for tests and demonstrations only: they can be computed by anyone. */
const TEST_SECRET = 'hde-test-secret';

/** Stands in for a time that the message does not state: the same on every run. */
export const NO_TIME = '1900-01-01T00:00:00.000Z';

const NONE: ReadonlySet<string> = new Set();

/**
 * Converts a message with patient keys that follow from its identifiers and a secret that everybody knows. A patient
 * without an identifier is an issue of severity error, since the exchange would refuse the message.
 */
export function convertAlone(message: Hl7Message, feed: Feed, registry: PackRegistry): Mapping {
  const understood = understand(message, feed, registry);
  const { people: mentioned, support } = understood;
  const unidentified = support.withoutPatient === true ? [] : unidentifiedPatients(mentioned);
  const people = testPeople(message, mentioned);
  const mapping = mapHl7v2(message, { feed, people, receivedAt: NO_TIME, registry }, understood);
  if (unidentified.length === 0) return mapping;
  return { ...mapping, issues: [...unidentified, ...mapping.issues] };
}

function unidentifiedPatients(people: readonly MentionedPerson[]): Issue[] {
  const patients = people.filter(({ label }) => label.startsWith('PID'));
  const nobody = patients.filter(({ identifiers }) => identifiers.length === 0).map(({ label }) => label);
  return (patients.length === 0 ? ['PID'] : nobody).map((label) => ({
    code: 'HDE_HL7_NO_PATIENT',
    severity: 'error',
    location: `${label}-3`,
  }));
}

/** Whoever is not identified gets a key from the message itself, so that what is said about them can be seen. */
function testPeople(message: Hl7Message, mentioned: readonly MentionedPerson[]): Map<string, Person> {
  const people = new Map<string, Person>();
  for (const { label, identifiers } of mentioned) {
    const { system, value } = claimingIdentifier(identifiers) ?? { system: label, value: message.text };
    const patientKey = patientKeyFromToken(TEST_SECRET, identifierToken(TEST_SECRET, system, value));
    people.set(label, { patientKey, contested: NONE });
  }
  return people;
}
