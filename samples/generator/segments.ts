/** Segments of the day's messages, by the numbers of HL7 v2.4 chapters 2, 3 and 7 and the UK's conventions for them. */
import { formatDate, formatTimestamp, type ZoneStyle } from './calendar.js';
import { components, repetitions, segment, type Fields } from './hl7.js';
import type { Allergy, Coded, Diagnosis, NextOfKin, Person, Place, Practitioner, Visit } from './model.js';
import { TRUST } from './trust.js';

/** CE. */
export const coded = ({ code, text, system }: Coded): string => components(code, text, system);

/** XCN: the assigning authority says what kind of number it is (GMC, GMP for GPs, CONS for consultant codes). */
export function clinician(who: Practitioner, authority: 'GMC' | 'GMP' | 'CONS'): string {
  const code = authority === 'CONS' ? `C${who.code}` : who.code;
  return components(code, who.family, who.given, '', '', who.prefix, '', '', authority);
}

function place({ ward, bay, bed }: Place): string {
  return components(ward.code, bay, bed, ward.site, '', ward.kind, ward.building, ward.floor, ward.name);
}

export const mrn = (number: string): string => components(number, '', '', TRUST.code, 'MR');

function identifiers(person: Person): string {
  const { nhsNumber } = person;
  return repetitions(
    nhsNumber === undefined ? undefined : components(nhsNumber, '', '', 'NHS', 'NH'),
    mrn(person.mrn),
  );
}

function names(person: Person): string {
  const { family, given, middle, prefix, previousFamily, knownAs } = person;
  return repetitions(
    components(family, given, middle, '', prefix, '', 'L'),
    previousFamily === undefined ? undefined : components(previousFamily, given, '', '', '', '', 'M'),
    knownAs === undefined ? undefined : components(family, knownAs, '', '', '', '', 'N'),
  );
}

function telecoms({ homePhone, mobile, email }: Person): string {
  return repetitions(
    homePhone === undefined ? undefined : components(homePhone, 'PRN', 'PH'),
    mobile === undefined ? undefined : components(mobile, 'PRN', 'CP'),
    email === undefined ? undefined : components('', 'NET', 'Internet', email),
  );
}

/** EVN-2 is when the fact was recorded, by which the exchange tells newer from older. */
export function evn(type: string, recordedAt: number): string {
  return segment('EVN', { 1: type.slice(4), 2: formatTimestamp(recordedAt) });
}

/** What every PID says: who it is. */
function identity(person: Person): Fields {
  return {
    1: '1',
    3: identifiers(person),
    5: names(person),
    7: formatDate(person.birthDate),
    8: person.gender,
  };
}

/** PID with all demographics, as the patient administration system sends it; `changes` replace single fields. */
export function fullPid(person: Person, changes: Fields = {}): string {
  const { address, workPhone, diedAt } = person;
  return segment('PID', {
    ...identity(person),
    11: components(address.line, '', address.town, address.county, address.postcode, 'GBR', 'H'),
    13: telecoms(person),
    14: workPhone === undefined ? undefined : components(workPhone, 'WPN', 'PH'),
    15: person.language,
    16: person.maritalStatus,
    22: coded(person.ethnicCategory),
    29: diedAt === undefined ? undefined : formatTimestamp(diedAt),
    30: diedAt === undefined ? 'N' : 'Y',
    32: `NSTS${person.nhsNumberStatus}`,
    ...changes,
  });
}

/** PID with no more than the identity, as departmental systems send it; `changes` replace single fields. */
export function briefPid(person: Person, changes: Fields = {}): string {
  return segment('PID', { ...identity(person), ...changes });
}

/** The emergency department's system writes gender by the NHS data dictionary: 1 male, 2 female, 0 not known. */
export function emergencyPid(person: Person): string {
  const gender = { M: '1', F: '2', U: '0' }[person.gender];
  const { line, town, county, postcode } = person.address;
  return segment('PID', {
    ...identity(person),
    8: gender,
    11: components(line, '', town, county, postcode, 'GBR', 'H'),
    32: `NSTS${person.nhsNumberStatus}`,
  });
}

export function pd1({ practice, gp }: Person): string {
  return segment('PD1', { 3: components(practice.name, '', practice.code), 4: clinician(gp, 'GMP') });
}

export function nk1({ family, given, relationship, phone }: NextOfKin): string {
  return segment('NK1', {
    1: '1',
    2: components(family, given),
    3: coded(relationship),
    5: components(phone, 'PRN', 'CP'),
  });
}

export function pv1(visit: Visit, referrer: Practitioner, changes: Fields = {}): string {
  const { priorPlace, dischargedAt, destination } = visit;
  return segment('PV1', {
    1: '1',
    2: visit.patientClass,
    3: place(visit.place),
    4: visit.admissionMethod,
    6: priorPlace === undefined ? undefined : place(priorPlace),
    7: clinician(visit.consultant, 'GMC'),
    8: clinician(referrer, 'GMP'),
    9: visit.patientClass === 'I' ? clinician(visit.consultant, 'CONS') : undefined,
    10: visit.place.ward.specialty,
    14: visit.source,
    19: components(visit.number, '', '', TRUST.code, 'VN'),
    36: destination,
    44: formatTimestamp(visit.admittedAt),
    45: dischargedAt === undefined ? undefined : formatTimestamp(dischargedAt),
    ...changes,
  });
}

export function al1(allergy: Allergy, index: number): string {
  return segment('AL1', {
    1: (index + 1).toString(),
    2: allergy.kind,
    3: coded(allergy.substance),
    4: allergy.severity,
    5: components(allergy.reaction),
    6: formatDate(allergy.since),
  });
}

/** DG1-6: admitting, working or final diagnosis (HL7 table 0052). */
export function dg1(diagnosis: Diagnosis, index: number, kind: 'A' | 'W' | 'F', at: number): string {
  return segment('DG1', {
    1: (index + 1).toString(),
    3: `${coded(diagnosis.icd10)}^${coded(diagnosis.snomed)}`,
    5: formatTimestamp(at),
    6: kind,
  });
}

/** An order as the laboratory reports on it. */
export interface Order {
  readonly placerNumber: string;
  readonly fillerNumber: string;
  readonly test: { readonly code: string; readonly name: string; readonly loinc: string };
  /** OBR-24. */
  readonly section: string;
  readonly specimen: Coded;
  readonly collectedAt: number;
  readonly receivedAt: number;
  readonly reportedAt: number;
  readonly status: 'P' | 'F' | 'C';
  readonly requester: Practitioner;
  readonly requesterAuthority: 'GMC' | 'GMP';
  readonly zone: ZoneStyle;
}

/** A test by the laboratory's own code, with its LOINC code as the alternative. */
function testCode(test: Order['test']): string {
  return components(test.code, test.name, 'RZZLAB', test.loinc, test.name, 'LN');
}

const placer = (order: Order): string => components(order.placerNumber, TRUST.code);
const filler = (order: Order): string => components(order.fillerNumber, 'RZZLAB');

export function orc(order: Order): string {
  return segment('ORC', {
    1: 'RE',
    2: placer(order),
    3: filler(order),
    5: order.status === 'P' ? 'IP' : 'CM',
    9: formatTimestamp(order.reportedAt, order.zone),
    12: clinician(order.requester, order.requesterAuthority),
  });
}

export function obr(order: Order): string {
  return segment('OBR', {
    1: '1',
    2: placer(order),
    3: filler(order),
    4: testCode(order.test),
    7: formatTimestamp(order.collectedAt, order.zone),
    14: formatTimestamp(order.receivedAt, order.zone),
    15: coded(order.specimen),
    16: clinician(order.requester, order.requesterAuthority),
    22: formatTimestamp(order.reportedAt, order.zone),
    24: order.section,
    25: order.status,
  });
}

/** One result; `value` is encoded already. */
export interface Result {
  readonly type: 'NM' | 'SN' | 'ST' | 'TX' | 'FT' | 'CE';
  readonly test: Order['test'];
  readonly value: string;
  readonly unit?: string;
  readonly range?: string;
  readonly flag?: string;
  readonly status: 'P' | 'F' | 'C';
}

export function obx(result: Result, index: number, order: Order): string {
  return segment('OBX', {
    1: (index + 1).toString(),
    2: result.type,
    3: testCode(result.test),
    5: result.value,
    6: result.unit === undefined ? undefined : components(result.unit),
    7: result.range,
    8: result.flag,
    11: result.status,
    14: formatTimestamp(order.collectedAt, order.zone),
  });
}

export function nte(index: number, text: string): string {
  return segment('NTE', { 1: (index + 1).toString(), 2: 'L', 3: components(text) });
}

export function mrg(priorMrn: string): string {
  return segment('MRG', { 1: mrn(priorMrn) });
}
