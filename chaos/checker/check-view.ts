/** What a reader may see at any moment: of each message all or nothing. */
import type { ExpectedPerson } from '../expect/expected.js';
import type { HospitalMessage, PanelStatement } from '../hospital/model.js';
import { at, listAt, textAt, type Json } from '../json.js';
import type { Finding } from './evidence.js';
import { markerOfAllergy, markerOfPatient, type View } from './view.js';

/**
 * Judges one page that holds all records of a person.
 *
 * @param messages all messages of the hospital, by number from 1
 */
export function judgeView(
  expected: ExpectedPerson,
  view: View,
  messages: readonly HospitalMessage[],
): Finding[] {
  const torn = [...judgePanels(expected, view), ...judgeRegistration(expected, view, messages)];
  return torn.map((what) => ({ kind: 'half-visible', what }));
}

function judgePanels(expected: ExpectedPerson, view: View): string[] {
  const seen = new Set<string>();
  const torn: string[] = [];
  for (const [order, report] of view.reports) {
    const references = listAt(report, 'result').map((result) =>
      textAt(result, 'reference').replace(/^.*\//, ''),
    );
    for (const id of references) seen.add(id);
    const version = versionOf(expected, order, report);
    const observations = references.map((id) => view.observations.get(id));
    if (version === undefined || !holds(version, observations))
      torn.push(`parts of the messages of order ${order}`);
  }
  const orphans = [...view.observations.keys()].filter((id) => !seen.has(id));
  if (orphans.length > 0)
    torn.push(`results of ${expected.person.id} without their report: ${orphans.length}`);
  return torn;
}

/** The statement from which a report comes: each has a time of issue of its own. */
export const versionOf = (
  expected: ExpectedPerson,
  order: string,
  report: Json,
): PanelStatement | undefined =>
  expected.panelVersions.get(order)?.find(({ issued }) => issued === Date.parse(textAt(report, 'issued')));

/** True when these are exactly the results of a statement. */
export function holds(version: PanelStatement, observations: readonly (Json | undefined)[]): boolean {
  if (observations.length !== version.results.length) return false;
  return version.results.every(({ code, value }) =>
    observations.some(
      (observation) =>
        textAt(observation, 'code', 'coding', 0, 'code') === code &&
        at(observation, 'valueQuantity', 'value') === value &&
        textAt(observation, 'status') === fhirStatus[version.status],
    ),
  );
}

/** Status of a result in FHIR (HL7 table 0123 and 0085). */
export const fhirStatus = { P: 'preliminary', F: 'final', C: 'corrected' } as const;

/** Every registration states the address and all allergies, with one mark in all of them. */
function judgeRegistration(
  { person, allergies, visits }: ExpectedPerson,
  view: View,
  messages: readonly HospitalMessage[],
): string[] {
  const torn: string[] = [];
  const marker = markerOfPatient(view.patient);
  for (const feed of ['chaos-pas', 'chaos-east']) {
    const codes = [...allergies.keys()].filter((key) => key.startsWith(feed));
    const visible = [...view.allergies.values()].filter(
      (allergy) => messages[markerOfAllergy(allergy) - 1]?.feed === feed,
    );
    const marks = new Set(visible.map(markerOfAllergy));
    if (marks.size > 1 || (visible.length > 0 && visible.length !== codes.length)) {
      torn.push(`some allergies of a registration of ${person.id} by ${feed}`);
    }
    // Who is known to two trusts has an address from one and allergies from both.
    if (person.eastMrn !== undefined || codes.length === 0 || feed !== 'chaos-pas') continue;
    if (marker !== 0 && !marks.has(marker)) torn.push(`a registration of ${person.id} without its allergies`);
    if (marker === 0 && visible.length > 0) torn.push(`allergies of ${person.id} without their registration`);
  }
  if (marker === 0 && visits.size > 0 && view.encounters.size > 0 && person.eastMrn === undefined) {
    torn.push(`a visit of ${person.id} without its registration`);
  }
  return torn;
}
