/** Facts as HL7 v2 text. */
import type { Allergy, FeedId, PanelStatement, PatientStatement, Person, VisitStatement } from './model.js';

/** Fields of a segment by their number in the standard. */
type Fields = Readonly<Record<number, string>>;

export interface Header {
  readonly feed: FeedId;
  readonly controlId: string;
  /** `ADT^A01`. */
  readonly type: string;
  readonly time: number;
}

const applications: Readonly<Record<FeedId, string>> = {
  'chaos-pas': 'PAS|RZZ',
  'chaos-lab': 'LAB|RZZ',
  'chaos-east': 'PAS|RYY',
};

/** A time as HL7 writes it, with its offset: `20260110093000+0000`. */
const hl7Time = (time: number): string =>
  `${new Date(time).toISOString().replaceAll(/[-:T]/g, '').slice(0, 14)}+0000`;

export const joinSegments = (...segments: readonly string[]): string => `${segments.join('\r')}\r`;

export const headerOf = ({ feed, controlId, type, time }: Header): string =>
  `MSH|^~\\&|${applications[feed]}|HDE|HDE|${hl7Time(time)}||${type}|${controlId}|P|2.4`;

export const eventOf = (event: string, time: number): string => `EVN|${event}|${hl7Time(time)}`;

/** PID; what the statement leaves out is left out. */
export function pidOf(
  feed: FeedId,
  person: Person,
  { family, given, marker, phone }: PatientStatement,
): string {
  const local = feed === 'chaos-east' ? `${person.eastMrn ?? ''}^^^RYY^MR` : `${person.mrn}^^^RZZ^MR`;
  const identifiers = person.nhsNumber === undefined ? local : `${local}~${person.nhsNumber}^^^NHS^NH`;
  return segment('PID', {
    1: '1',
    3: identifiers,
    5: `${family}^${given}`,
    7: person.birthDate,
    8: person.sex,
    ...(marker === undefined ? {} : { 11: `${marker} Chaos Road^^Northwick^^ZZ99 3VZ` }),
    ...(phone === undefined ? {} : { 13: phone === '' ? '""' : phone }),
  });
}

export const pv1Of = (feed: FeedId, visit: VisitStatement): string =>
  segment('PV1', {
    1: '1',
    2: 'I',
    3: `${visit.ward}^R1^${visit.bed}^${trustOf(feed)}`,
    7: 'C1234567^Smith^Jo',
    19: `${visit.number}^^^${trustOf(feed)}^VN`,
    44: hl7Time(visit.admitted),
    ...(visit.discharged === undefined ? {} : { 45: hl7Time(visit.discharged) }),
  });

export const allergiesOf = (allergies: readonly Allergy[], marker: number): string[] =>
  allergies.map(({ code, text }, index) =>
    segment('AL1', {
      1: String(index + 1),
      2: 'DA',
      3: `${code}^${text}^SCT`,
      4: 'SV',
      5: `Reaction ${marker}`,
    }),
  );

export function panelOf(panel: PanelStatement): string[] {
  const { order, status, issued, results } = panel;
  return [
    segment('OBR', {
      1: '1',
      2: `${order}P`,
      3: order,
      4: 'PANEL^Blood panel^RZZLAB',
      7: hl7Time(issued - 3_600_000),
      22: hl7Time(issued),
      24: 'HM',
      25: status,
    }),
    ...results.map(({ code, name, unit, value }, index) =>
      segment('OBX', {
        1: String(index + 1),
        2: 'NM',
        3: `${code}^${name}^RZZLAB`,
        5: String(value),
        6: unit,
        11: status,
      }),
    ),
  ];
}

export const mergedOf = (retired: Person): string => `MRG|${retired.mrn}^^^RZZ^MR`;

const trustOf = (feed: FeedId): string => (feed === 'chaos-east' ? 'RYY' : 'RZZ');

function segment(name: string, fields: Fields): string {
  const last = Math.max(...Object.keys(fields).map(Number));
  return [name, ...Array.from({ length: last }, (_, index) => fields[index + 1] ?? '')].join('|');
}
