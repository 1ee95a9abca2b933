/** Stories that a careful receiver must get right: stale news, a merge, a deletion, a trace that succeeds late. */
import { SURGICAL_DIAGNOSES } from './clinical.js';
import { DELETE } from './hl7.js';
import { admit, attend, beginVisit, discharge, register, updatePerson, updateVisit } from './journeys.js';
import { UREA_AND_ELECTROLYTES } from './laboratory.js';
import type { Person } from './model.js';
import { makeAddress } from './people.js';
import { reportHistology, reportPanel } from './reports.js';
import { evn, fullPid, mrg, pd1 } from './segments.js';
import type { Timeline } from './timeline.js';
import { CLINICS, DAY_SURGERY, INPATIENT_WARDS } from './trust.js';

const [cardiologyClinic = DAY_SURGERY] = CLINICS;
const [cardiologyWard = DAY_SURGERY] = INPATIENT_WARDS;
const [gallstones] = SURGICAL_DIAGNOSES;

/**
 * An A08 with the old address is held up on the way and arrives after the A31 with the new one: its EVN-2 is older.
 */
export function staleUpdate(timeline: Timeline): void {
  register(timeline);
  timeline.wait(600, 620);
  const visit = beginVisit(timeline, 'O', cardiologyClinic);
  attend(timeline, visit);
  timeline.wait(10, 12);
  updateVisit(timeline, visit, [], {}, { oddity: 'stale', heldUpFor: 45 });
  timeline.wait(15, 20);
  timeline.update({ address: makeAddress(timeline.random), homePhone: undefined });
  updatePerson(timeline, { 13: DELETE }, { oddity: 'deletion' });
  timeline.wait(60, 70);
  reportPanel(timeline, UREA_AND_ELECTROLYTES, visit);
}

/** The second registration of a person under another MRN, with the name in capitals and without an NHS number. */
function duplicateOf(person: Person): Person {
  return {
    ...person,
    mrn: `${Number(person.mrn) + 900_000}`,
    nhsNumber: undefined,
    nhsNumberStatus: '03',
    family: person.family.toUpperCase(),
    middle: undefined,
    email: undefined,
    allergies: [],
  };
}

/** Is registered and admitted under a second MRN in a hurry; in the evening the two registrations become one. */
export function registeredTwice(timeline: Timeline): void {
  const original = timeline.person;
  register(timeline);
  timeline.wait(300, 320);
  attend(timeline, beginVisit(timeline, 'O', cardiologyClinic));
  timeline.wait(200, 210);

  const second = duplicateOf(original);
  timeline.update(second);
  register(timeline, { oddity: 'duplicate-registration' });
  timeline.wait(3, 5);
  const stay = beginVisit(timeline, 'I', cardiologyWard, { admissionMethod: '21', source: '19' });
  if (gallstones !== undefined) admit(timeline, stay, gallstones);
  timeline.wait(20, 30);
  reportPanel(timeline, UREA_AND_ELECTROLYTES, stay);
  timeline.wait(60, 90);

  timeline.update(original);
  const { person, now } = timeline;
  timeline.send('ADT^A40', [evn('ADT^A40', now), fullPid(person), pd1(person), mrg(second.mrn)], {
    version: '2.5.1',
    oddity: 'merge',
  });
  timeline.wait(30, 40);
  updateVisit(timeline, stay, gallstones === undefined ? [] : [gallstones]);
}

/** Has a gallbladder removed; the pathologist writes a report of several thousand characters. */
export function longReport(timeline: Timeline): void {
  register(timeline);
  timeline.wait(420, 440);
  const visit = beginVisit(timeline, 'I', DAY_SURGERY, { admissionMethod: '11', source: '19' });
  if (gallstones !== undefined) admit(timeline, visit, gallstones);
  timeline.wait(60, 70);
  reportHistology(timeline, visit);
  timeline.wait(30, 40);
  discharge(timeline, visit, gallstones === undefined ? [] : [gallstones]);
}

/** Arrives with an NHS number that nobody has checked; the trace confirms it in the afternoon. */
export function newlyTraced(timeline: Timeline): void {
  register(timeline);
  timeline.wait(560, 580);
  attend(timeline, beginVisit(timeline, 'O', cardiologyClinic));
  timeline.wait(120, 150);
  timeline.update({ nhsNumberStatus: '01' });
  updatePerson(timeline, {}, { oddity: 'newly-traced' });
}
