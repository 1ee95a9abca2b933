/** The records in the end: exactly those that the facts give, saying what the latest facts say. */
import type { ExpectedPerson } from '../expect/expected.js';
import type { VisitStatement } from '../hospital/model.js';
import { at, listAt, textAt, type Json } from '../json.js';
import { fhirStatus, holds, versionOf } from './check-view.js';
import type { Finding } from './evidence.js';
import { markerOfAllergy, markerOfPatient, viewOf, type View } from './view.js';

/** Compares everything about one person, as read over HTTP, with what is expected. */
export function checkState(expected: ExpectedPerson, resources: readonly Json[]): Finding[] {
  const { person } = expected;
  const view = viewOf(person, resources);
  if (view.patient === undefined) return [{ kind: 'lost', what: `Patient ${person.id} is missing` }];
  return [
    ...view.repeated.map((name): Finding => ({
      kind: 'doubled',
      what: `${name} of ${person.id} is there twice`,
    })),
    ...checkPatient(expected, view.patient, resources),
    ...checkVisits(expected, view),
    ...checkAllergies(expected, view),
    ...checkPanels(expected, view),
  ];
}

const wrong = (what: string): Finding => ({ kind: 'wrong', what });

function checkPatient(expected: ExpectedPerson, patient: Json, resources: readonly Json[]): Finding[] {
  const { person, name, marker, phone, replacedBy, replaces } = expected;
  const says = (element: string, found: string, wanted: string): Finding[] =>
    found === wanted ? [] : [wrong(`Patient ${person.id}: ${element} is ${found} and not ${wanted}`)];
  const numbers = [person.mrn, person.eastMrn, person.nhsNumber].filter((number) => number !== undefined);
  const official = listAt(patient, 'name').find(({ use }) => use === 'official');
  return [
    ...says('identifier', valuesOf(patient, 'identifier').sort().join(' '), numbers.sort().join(' ')),
    ...says('family', textAt(official, 'family'), name?.value.family ?? ''),
    ...says('given', textAt(official, 'given', 0), name?.value.given ?? ''),
    ...says('birthDate', textAt(patient, 'birthDate').replaceAll('-', ''), person.birthDate),
    ...says('gender', textAt(patient, 'gender'), person.sex === 'F' ? 'female' : 'male'),
    ...says('registration', String(markerOfPatient(patient)), String(marker?.value ?? 0)),
    ...says('telephone', valuesOf(patient, 'telecom').join(' '), phone?.value ?? ''),
    ...says('active', String(at(patient, 'active')), String(replacedBy === undefined)),
    ...says(
      'links',
      linksOf(patient, resources).join(' '),
      [
        ...(replaces === undefined ? [] : [`replaces ${replaces.mrn}`]),
        ...(replacedBy === undefined ? [] : [`replaced-by ${replacedBy.mrn}`]),
      ].join(' '),
    ),
  ];
}

const valuesOf = (resource: Json, element: string): string[] =>
  listAt(resource, element).map((item) => textAt(item, 'value'));

/** Links as type and hospital number of the other. */
function linksOf(patient: Json, resources: readonly Json[]): string[] {
  return listAt(patient, 'link').map((link) => {
    const id = textAt(link, 'other', 'reference').replace(/^.*\//, '');
    const other = resources.find(
      (resource) => resource['resourceType'] === 'Patient' && resource['id'] === id,
    );
    const local = valuesOf(other ?? {}, 'identifier').find((value) => /^[AB]/.test(value));
    return `${textAt(link, 'type')} ${local ?? '?'}`;
  });
}

function checkVisits({ person, visits }: ExpectedPerson, view: View): Finding[] {
  return [
    ...compareNames('Encounter', person.id, [...visits.keys()], [...view.encounters.keys()]),
    ...[...visits].flatMap(([number, { value }]) => {
      const encounter = view.encounters.get(number);
      if (encounter === undefined) return [];
      const found = describeEncounter(encounter);
      const wanted = describeVisit(value);
      return found === wanted ? [] : [wrong(`Encounter ${number}: ${found} and not ${wanted}`)];
    }),
  ];
}

function describeEncounter(encounter: Json): string {
  const places = listAt(encounter, 'location').filter(({ status }) => status === 'active');
  return [
    textAt(encounter, 'status'),
    instant(textAt(encounter, 'period', 'start')),
    instant(textAt(encounter, 'period', 'end')),
    ...places.map((place) => textAt(place, 'location', 'display')),
  ].join(' | ');
}

const instant = (text: string): string => (text === '' ? '' : new Date(text).toISOString());

const describeVisit = ({ ward, bed, admitted, discharged }: VisitStatement): string =>
  discharged === undefined
    ? ['in-progress', new Date(admitted).toISOString(), '', `${bed}, R1, ${ward}`].join(' | ')
    : ['finished', new Date(admitted).toISOString(), new Date(discharged).toISOString()].join(' | ');

function checkAllergies({ person, allergies }: ExpectedPerson, view: View): Finding[] {
  const wanted = [...allergies.values()].map(({ value, marker }) => `${value.code} ${marker}`);
  const findings = compareNames('AllergyIntolerance', person.id, wanted, [...view.allergies.keys()]);
  const inactive = [...view.allergies.values()].filter(
    (allergy) => textAt(allergy, 'clinicalStatus', 'coding', 0, 'code') !== 'active',
  );
  return [
    ...findings,
    ...inactive.map((allergy) =>
      wrong(`an allergy of ${person.id} (${markerOfAllergy(allergy)}) is not active`),
    ),
  ];
}

function checkPanels(expected: ExpectedPerson, view: View): Finding[] {
  const { person, panels } = expected;
  const count = [...panels.values()].reduce((sum, { value }) => sum + value.results.length, 0);
  const findings = compareNames('DiagnosticReport', person.id, [...panels.keys()], [...view.reports.keys()]);
  if (view.observations.size !== count) {
    findings.push(
      view.observations.size > count
        ? { kind: 'doubled', what: `${person.id} has ${view.observations.size} results and not ${count}` }
        : { kind: 'lost', what: `${person.id} has ${view.observations.size} results and not ${count}` },
    );
  }
  for (const [order, { value }] of panels) {
    const report = view.reports.get(order);
    if (report === undefined) continue;
    const results = listAt(report, 'result').map((result) =>
      view.observations.get(textAt(result, 'reference').replace(/^.*\//, '')),
    );
    const isLatest = versionOf(expected, order, report) === value;
    if (!isLatest || !holds(value, results) || textAt(report, 'status') !== fhirStatus[value.status]) {
      findings.push(wrong(`DiagnosticReport ${order} is not as its latest message says`));
    }
  }
  return findings;
}

/** Records that are missing or too many. */
function compareNames(type: string, person: string, wanted: string[], found: string[]): Finding[] {
  const missing = wanted.filter((name) => !found.includes(name));
  const surplus = found.filter((name) => !wanted.includes(name));
  return [
    ...missing.map((name): Finding => ({ kind: 'lost', what: `${type} ${name} of ${person} is missing` })),
    ...surplus.map((name): Finding => ({
      kind: 'wrong',
      what: `${type} ${name} of ${person} should not be there`,
    })),
  ];
}
