/**
 * What must be there in the end, derived from the facts that the generator put in and from the order in which they
 * were sent: of everything about one record the event with the latest time decides, and an earlier one that arrives
 * later is kept as late. Shares nothing with the exchange.
 */
import type {
  Allergy,
  Hospital,
  HospitalMessage,
  Lane,
  PanelStatement,
  PatientStatement,
  Person,
  VisitStatement,
} from '../hospital/model.js';

/** A fact and the message that decided it. */
export interface Stated<T> {
  readonly value: T;
  readonly time: number;
  readonly message: number;
}

export interface ExpectedPerson {
  readonly person: Person;
  /** Who took this person's place. */
  replacedBy?: Person;
  /** Whose place this person took. */
  replaces?: Person;
  name?: Stated<Pick<PatientStatement, 'family' | 'given'>>;
  marker?: Stated<number>;
  phone?: Stated<string>;
  readonly visits: Map<string, Stated<VisitStatement>>;
  /** By feed and code: each feed has records of its own. */
  readonly allergies: Map<string, Stated<Allergy> & { readonly marker: number }>;
  readonly panels: Map<string, Stated<PanelStatement>>;
  /** Every version of a panel that a reader may meet. */
  readonly panelVersions: Map<string, PanelStatement[]>;
}

export interface Expected {
  readonly people: ReadonlyMap<string, ExpectedPerson>;
  /** By message number: the records for which it must have come too late, of those that one feed alone writes. */
  readonly late: ReadonlyMap<number, ReadonlySet<string>>;
  /** By message number: place among those of its feed and patient, in the order of their acceptance. */
  readonly places: ReadonlyMap<number, number>;
}

/** Names of records, as the model knows them. */
export const recordName = {
  patient: (person: Person): string => `Patient ${person.id}`,
  visit: (number: string): string => `Encounter ${number}`,
  allergy: (person: Person, feed: string, code: string): string =>
    `AllergyIntolerance ${person.id} ${feed} ${code}`,
  report: (order: string): string => `DiagnosticReport ${order}`,
  result: (order: string, code: string): string => `Observation ${order} ${code}`,
};

export function expectOf(hospital: Hospital): Expected {
  const people = new Map<string, ExpectedPerson>(
    hospital.people.map((person) => [
      person.id,
      { person, visits: new Map(), allergies: new Map(), panels: new Map(), panelVersions: new Map() },
    ]),
  );
  const late = new Map<number, Set<string>>();
  const places = new Map<number, number>();
  for (const lane of hospital.lanes) {
    const latest = new Map<string, number>();
    for (const [place, message] of acceptedOrder(lane).entries()) {
      places.set(message.number, place);
      const names = namesOf(message).filter((name) => (latest.get(name) ?? -Infinity) > message.time);
      if (names.length > 0) late.set(message.number, new Set(names));
      for (const name of namesOf(message)) {
        latest.set(name, Math.max(latest.get(name) ?? -Infinity, message.time));
      }
      state(people, message);
    }
  }
  return { people, late, places };
}

/** Each message of a lane where it is sent first. */
export function acceptedOrder({ sends }: Lane): HospitalMessage[] {
  const first = new Set<HospitalMessage>();
  for (const { message, way } of sends) if (way !== 'reuse') first.add(message);
  return [...first];
}

/** The records that a message states with authority and whose lateness the model knows. */
function namesOf({ feed, facts, event }: HospitalMessage): string[] {
  if (facts === undefined) return [];
  const { person, visit, allergies = [], panel } = facts;
  if (panel !== undefined) {
    const results = panel.results.map(({ code }) => recordName.result(panel.order, code));
    return [recordName.report(panel.order), ...results];
  }
  // Two trusts write the record of somebody whom both know: in which order is nobody's promise.
  const patient = person.eastMrn === undefined && event !== 'A40' ? [recordName.patient(person)] : [];
  return [
    ...patient,
    ...(visit === undefined ? [] : [recordName.visit(visit.number)]),
    ...allergies.map(({ code }) => recordName.allergy(person, feed, code)),
  ];
}

function state(people: ReadonlyMap<string, ExpectedPerson>, message: HospitalMessage): void {
  const { facts, time, number, feed } = message;
  const about = people.get(facts?.person.id ?? '');
  if (facts === undefined || about === undefined) return;
  const stated = <T>(value: T): Stated<T> => ({ value, time, message: number });
  if (facts.panel !== undefined) {
    const { order } = facts.panel;
    about.panelVersions.set(order, [...(about.panelVersions.get(order) ?? []), facts.panel]);
    keepLatest(about.panels, order, stated(facts.panel));
    return;
  }
  const { family, given, marker, phone } = facts.patient;
  about.name = latestOf(about.name, stated({ family, given }));
  if (marker !== undefined) about.marker = latestOf(about.marker, stated(marker));
  if (phone !== undefined) about.phone = latestOf(about.phone, stated(phone));
  if (facts.visit !== undefined) keepLatest(about.visits, facts.visit.number, stated(facts.visit));
  for (const allergy of facts.allergies ?? []) {
    keepLatest(about.allergies, `${feed} ${allergy.code}`, { ...stated(allergy), marker: marker ?? 0 });
  }
  const retired = people.get(facts.retired?.id ?? '');
  if (retired !== undefined) {
    retired.replacedBy = about.person;
    about.replaces = retired.person;
  }
}

const latestOf = <S extends Stated<unknown>>(known: S | undefined, next: S): S =>
  known === undefined || next.time > known.time ? next : known;

function keepLatest<S extends Stated<unknown>>(all: Map<string, S>, key: string, next: S): void {
  all.set(key, latestOf(all.get(key), next));
}
