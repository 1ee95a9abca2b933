/** The ways people pass through the hospital in a day. Each tells one story on a timeline. */
import { HOUR } from './calendar.js';
import { LONG_TERM_DIAGNOSES, MEDICAL_DIAGNOSES, SURGICAL_DIAGNOSES } from './clinical.js';
import { DELETE } from './hl7.js';
import { PANELS, UREA_AND_ELECTROLYTES } from './laboratory.js';
import type { Diagnosis, Place, Visit, Ward } from './model.js';
import { ADULTS_BORN_UNTIL, makePhone } from './people.js';
import { reportCulture, reportPanel } from './reports.js';
import { al1, briefPid, dg1, emergencyPid, evn, fullPid, nk1, pd1, pv1 } from './segments.js';
import type { SendOptions, Timeline } from './timeline.js';
import {
  ASSESSMENT_UNIT,
  CHILDRENS_WARD,
  CLINICS,
  CONSULTANTS,
  DAY_SURGERY,
  EMERGENCY_DEPARTMENT,
  INPATIENT_WARDS,
} from './trust.js';

const NO_VISIT = 'PV1|1|N';

/** A28: all that is known about the person, allergies included. */
export function register(timeline: Timeline, options?: SendOptions): void {
  const { person, now } = timeline;
  const kin = person.nextOfKin === undefined ? [] : [nk1(person.nextOfKin)];
  timeline.send(
    'ADT^A28',
    [evn('ADT^A28', now), fullPid(person), pd1(person), ...kin, NO_VISIT, ...person.allergies.map(al1)],
    options,
  );
}

/** A31: the demographics as they are now; `changes` replace single fields of PID. */
export function updatePerson(
  timeline: Timeline,
  changes: Readonly<Record<number, string>> = {},
  options?: SendOptions,
): void {
  const { person, now } = timeline;
  timeline.send('ADT^A31', [evn('ADT^A31', now), fullPid(person, changes), pd1(person), NO_VISIT], options);
}

function placeIn(timeline: Timeline, ward: Ward): Place {
  const { random } = timeline;
  return { ward, bay: random.pick(ward.bays), bed: `B${random.integer(1, ward.bedsPerBay)}` };
}

/** Opens a visit now, or `hoursAgo`. */
export function beginVisit(
  timeline: Timeline,
  patientClass: Visit['patientClass'],
  ward: Ward,
  details: Partial<Pick<Visit, 'admissionMethod' | 'source'>> = {},
  hoursAgo = 0,
): Visit {
  return {
    number: timeline.nextNumber('V'),
    patientClass,
    place: placeIn(timeline, ward),
    consultant: timeline.random.pick(CONSULTANTS),
    admittedAt: timeline.now - hoursAgo * HOUR,
    ...details,
  };
}

/** A01 with the admitting diagnosis and the allergies as the ward records them. */
export function admit(timeline: Timeline, visit: Visit, diagnosis: Diagnosis): void {
  const { person, now } = timeline;
  timeline.send('ADT^A01', [
    evn('ADT^A01', now),
    fullPid(person),
    pd1(person),
    pv1(visit, person.gp),
    ...person.allergies.map(al1),
    dg1(diagnosis, 0, 'A', visit.admittedAt),
  ]);
}

/** A02: moves the person to another ward. */
export function transfer(timeline: Timeline, visit: Visit, ward: Ward): Visit {
  const { person, now } = timeline;
  const moved = { ...visit, priorPlace: visit.place, place: placeIn(timeline, ward) };
  timeline.send('ADT^A02', [evn('ADT^A02', now), briefPid(person), pv1(moved, person.gp)]);
  return moved;
}

/** A08 during a visit, with the diagnoses as they stand. */
export function updateVisit(
  timeline: Timeline,
  visit: Visit,
  diagnoses: readonly Diagnosis[],
  changes: Readonly<Record<number, string>> = {},
  options?: SendOptions,
): void {
  const { person, now } = timeline;
  timeline.send(
    'ADT^A08',
    [
      evn('ADT^A08', now),
      fullPid(person, changes),
      pd1(person),
      pv1(visit, person.gp),
      ...diagnoses.map((diagnosis, index) => dg1(diagnosis, index, 'W', now)),
    ],
    options,
  );
}

/** A03: home (19) unless another NHS data dictionary discharge destination is given. */
export function discharge(
  timeline: Timeline,
  visit: Visit,
  diagnoses: readonly Diagnosis[],
  destination = '19',
  options?: SendOptions,
): Visit {
  const { person, now } = timeline;
  const left = { ...visit, dischargedAt: now, destination };
  const pid = person.diedAt === undefined && visit.patientClass === 'I' ? briefPid(person) : fullPid(person);
  timeline.send(
    'ADT^A03',
    [
      evn('ADT^A03', now),
      visit.patientClass === 'E' ? emergencyPid(person) : pid,
      pv1(left, person.gp),
      ...diagnoses.map((diagnosis, index) => dg1(diagnosis, index, 'F', now)),
    ],
    visit.patientClass === 'E' ? { version: '2.3', ...options } : options,
  );
  return left;
}

/** A13: the discharge did not happen; its time and destination are deleted. */
function cancelDischarge(timeline: Timeline, visit: Visit): void {
  const { person, now } = timeline;
  const cleared = { 36: DELETE, 45: DELETE };
  timeline.send('ADT^A13', [evn('ADT^A13', now), briefPid(person), pv1(visit, person.gp, cleared)], {
    oddity: 'deletion',
  });
}

/** A04 to a clinic, or to the emergency department in that department's own HL7 2.3. */
export function attend(timeline: Timeline, visit: Visit): void {
  const { person, now } = timeline;
  const emergency = visit.patientClass === 'E';
  timeline.send(
    'ADT^A04',
    [evn('ADT^A04', now), emergency ? emergencyPid(person) : fullPid(person), pv1(visit, person.gp)],
    emergency ? { version: '2.3' } : {},
  );
}

function reportPanels(timeline: Timeline, visit: Visit | undefined, count: number): void {
  const first = timeline.random.integer(0, PANELS.length - 1);
  for (let index = 0; index < count; index += 1) {
    const panel = PANELS[(first + index) % PANELS.length];
    if (panel !== undefined) reportPanel(timeline, panel, visit);
  }
}

const wardFor = (timeline: Timeline): Ward =>
  timeline.person.birthDate > ADULTS_BORN_UNTIL ? CHILDRENS_WARD : timeline.random.pick(INPATIENT_WARDS);

/** Comes to the emergency department, is admitted, treated and, if the day is long enough, sent home. */
export function emergencyAdmission(timeline: Timeline): void {
  const { random } = timeline;
  register(timeline);
  timeline.wait(2, 6);
  const attendance = beginVisit(timeline, 'E', EMERGENCY_DEPARTMENT, { source: '19' });
  attend(timeline, attendance);
  timeline.wait(15, 40);
  reportPanels(timeline, attendance, 2);
  timeline.wait(20, 60);
  const diagnosis = random.pick(MEDICAL_DIAGNOSES);
  discharge(timeline, attendance, [], '51');
  timeline.wait(1, 5);
  const stay = beginVisit(timeline, 'I', ASSESSMENT_UNIT, { admissionMethod: '21', source: '19' });
  admit(timeline, stay, diagnosis);
  timeline.wait(30, 90);
  reportPanels(timeline, stay, 1);
  updateVisit(timeline, stay, [diagnosis, random.pick(LONG_TERM_DIAGNOSES)]);
  timeline.wait(40, 120);
  const moved = transfer(timeline, stay, wardFor(timeline));
  timeline.wait(60, 120);
  if (random.chance(0.4)) reportCulture(timeline, moved);
  if (random.chance(0.5)) discharge(timeline, moved, [diagnosis]);
}

/** Has been in a bed for days when the feed goes live; goes home today, or not. */
export function inpatientStay(timeline: Timeline, ending: 'home' | 'stays' | 'dies'): void {
  const { random } = timeline;
  register(timeline);
  timeline.wait(5, 15);
  const diagnosis = random.pick([...MEDICAL_DIAGNOSES, ...SURGICAL_DIAGNOSES]);
  const details = { admissionMethod: random.pick(['11', '21', '22']), source: random.pick(['19', '51']) };
  const stay = beginVisit(timeline, 'I', wardFor(timeline), details, random.integer(20, 190));
  admit(timeline, stay, diagnosis);
  timeline.wait(240, 360);
  reportPanels(timeline, stay, 2);
  reportPanel(timeline, UREA_AND_ELECTROLYTES, stay, random.chance(0.35));
  timeline.wait(30, 60);
  updateVisit(timeline, stay, [diagnosis, random.pick(LONG_TERM_DIAGNOSES)]);
  timeline.wait(30, 90);
  const moved = transfer(timeline, stay, wardFor(timeline));
  timeline.wait(60, 120);
  if (ending === 'home') discharge(timeline, moved, [diagnosis]);
  if (ending === 'stays') reportCulture(timeline, moved);
  if (ending === 'dies') {
    timeline.update({ diedAt: timeline.now });
    timeline.wait(20, 30);
    discharge(timeline, moved, [diagnosis], '79', { oddity: 'death' });
  }
}

/** Comes in for a small operation and goes home, once with a change of mind. */
export function dayCase(timeline: Timeline, sentBack: boolean): void {
  const { random } = timeline;
  register(timeline);
  timeline.wait(240, 360);
  const visit = beginVisit(timeline, 'I', DAY_SURGERY, { admissionMethod: '11', source: '19' });
  const diagnosis = random.pick(SURGICAL_DIAGNOSES);
  admit(timeline, visit, diagnosis);
  timeline.wait(10, 30);
  reportPanels(timeline, visit, 1);
  timeline.wait(90, 180);
  const left = discharge(timeline, visit, [diagnosis]);
  if (!sentBack) return;
  timeline.wait(5, 15);
  cancelDischarge(timeline, visit);
  timeline.wait(60, 90);
  discharge(timeline, { ...visit, place: left.place }, [diagnosis]);
}

/** A booked admission that is taken back the same hour. */
export function cancelledAdmission(timeline: Timeline): void {
  register(timeline);
  timeline.wait(300, 420);
  const visit = beginVisit(timeline, 'I', DAY_SURGERY, { admissionMethod: '11', source: '19' });
  admit(timeline, visit, timeline.random.pick(SURGICAL_DIAGNOSES));
  timeline.wait(10, 40);
  const { person, now } = timeline;
  timeline.send('ADT^A11', [evn('ADT^A11', now), briefPid(person), pv1(visit, person.gp)]);
}

/** Sees a clinic, has blood taken, and tells the desk about a new telephone number. */
export function outpatientVisit(timeline: Timeline): void {
  const { random } = timeline;
  register(timeline);
  timeline.wait(360, 600);
  const visit = beginVisit(timeline, 'O', random.pick(CLINICS));
  attend(timeline, visit);
  timeline.wait(15, 30);
  if (timeline.person.workPhone === undefined) {
    timeline.update({ mobile: makePhone('mobile', random) });
    updatePerson(timeline);
  } else {
    timeline.update({ workPhone: undefined });
    updateVisit(timeline, visit, [random.pick(LONG_TERM_DIAGNOSES)], { 14: DELETE }, { oddity: 'deletion' });
  }
  timeline.wait(5, 20);
  reportPanels(timeline, visit, random.integer(2, 3));
}

/** Is never seen by the hospital: the general practice sends specimens to its laboratory. */
export function practiceRequest(timeline: Timeline): void {
  register(timeline);
  timeline.wait(480, 660);
  reportPanels(timeline, undefined, 2);
  if (timeline.random.chance(0.5)) reportCulture(timeline, undefined);
}
