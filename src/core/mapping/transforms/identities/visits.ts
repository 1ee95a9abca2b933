/** Ids of visits and of what belongs to them. */
import { recordId } from '../../../identity/tokens.js';
import { findSegment, type SegmentNode } from '../../engine/segment-tree.js';
import type { Identity } from '../../engine/transform.js';
import { identityOf, personOf, type Run } from '../../engine/run.js';
import { priorKeyOf } from './patients.js';
import { aboutPatient, codeOf, entityNumber, numberOf, reader, type Read } from './reading.js';

/** PV1-19 visit number, else PV1-50 alternate visit id or PID-18 account number, else the admission time PV1-44. */
export function visitIdentity(pv1: SegmentNode | undefined, read: Read): string {
  if (pv1 === undefined) return '';
  const number =
    numberOf(read, pv1, 19) || numberOf(read, pv1, 50) || numberOf(read, findSegment(pv1, 'PID'), 18);
  const admitted = read(pv1, 44);
  return number === '' && admitted !== '' ? `at ${admitted}` : number;
}

/** Events that tell of a visit, so that a PV1 with nothing but a class still means one. */
const VISIT_EVENTS = new Set(
  (
    'A01 A02 A03 A04 A05 A06 A07 A09 A10 A11 A12 A13 A14 A15 A16 A17 A21 A22 A23 A25 A26 A27 A32 A33 A38 ' +
    'A44 A45 A52 A53'
  ).split(' '),
);

/** Those with which it begins or is planned, so that a PV1 without a number means a new one. */
const BEGINNINGS = new Set(['A01', 'A04', 'A05', 'A10', 'A14']);

/**
 * The number of the visit (PV1-19), else PV1-50, else PID-18, else the time of admission (PV1-44). An ADT message with
 * none of them that begins a visit (A01, A04, A05, A10, A14) tells of one that is known by the time of its event (EVN-6,
 * else EVN-2, MSH-7 or MSH-10): it is kept apart from all others, with an issue. Of other events nobody knows which
 * visit they change: they make none, with an issue, and the ledger names their fields as unmapped. A visit stated twice
 * in a message is one.
 */
export const visit: Identity = (node, run) => {
  const read = reader(run);
  const identity = visitIdentity(node, read);
  if (identity !== '') return placeOf(personOf(node, run)?.patientKey, run, 'Encounter', identity);
  // Messages about a person alone send PV1 only because the standard requires it, with class N (not applicable).
  if (read(node, 2) === 'N') return undefined;
  const isAdt = run.messageType === 'ADT';
  const begins = isAdt && BEGINNINGS.has(run.event);
  if (isBare(node) && !(isAdt && VISIT_EVENTS.has(run.event))) return undefined;
  run.issues.push({
    code: 'HDE_HL7_REQUIRED',
    severity: 'warning',
    location: `${node.label}-19`,
    detail: begins
      ? 'a visit number, without which other messages about the visit cannot meet this record'
      : 'a visit number, without which the visit is not recorded',
  });
  if (!begins) return undefined;
  const event = `event ${eventTime(run)}`;
  return placeOf(personOf(node, run)?.patientKey, run, 'Encounter', event);
};

/** Whether PV1 states nothing but its set id and the class. */
function isBare({ segment }: SegmentNode): boolean {
  for (let field = 3; field <= segment.fieldCount; field++) if (segment.raw(field) !== '') return false;
  return true;
}

function eventTime({ message }: Run): string {
  const evn = message.first('EVN');
  const { msh } = message;
  return (evn?.value(6) ?? '') || (evn?.value(2) ?? '') || msh.value(7) || msh.value(10);
}

function placeOf(patientKey: string | undefined, run: Run, type: string, identity: string) {
  return patientKey === undefined
    ? undefined
    : { id: recordId(patientKey, type, run.feed.id, identity), partition: patientKey };
}

/** The PV1 whose visit an MRG renumbers: the next one before another MRG. */
export function pv1AfterMrg(mrg: SegmentNode): SegmentNode | undefined {
  const siblings = mrg.parent?.children ?? [];
  for (let index = siblings.indexOf(mrg) + 1; index < siblings.length; index++) {
    const sibling = siblings[index];
    if (sibling?.segment.name === 'PV1') return sibling;
    if (sibling?.segment.name === 'MRG') return undefined;
  }
  return undefined;
}

/**
 * The visit under its former number or at its former patient: MRG-5, MRG-6 or MRG-3 stands for the number by which the
 * visit is known now (PV1-19, PV1-50 or PID-18); a number that is not stated has not changed. None where neither
 * number nor patient has changed.
 */
export const priorVisit: Identity = (node, run) => {
  const pv1 = pv1AfterMrg(node);
  const read = reader(run);
  const current = visitIdentity(pv1, read);
  const former = formerVisitNumber(node, pv1, read) || current;
  const patientKey = personOf(node, run)?.patientKey;
  const priorKey = priorKeyOf(node, run);
  if (former === '' || current === '' || (former === current && priorKey === patientKey)) return undefined;
  return placeOf(priorKey, run, 'Encounter', former);
};

function formerVisitNumber(mrg: SegmentNode, pv1: SegmentNode | undefined, read: Read): string {
  if (pv1 === undefined) return '';
  if (read(pv1, 19) !== '') return numberOf(read, mrg, 5);
  return numberOf(read, mrg, read(pv1, 50) === '' ? 3 : 6);
}

/** The account number (PID-18). */
export const account: Identity = (node, run) => {
  const number = numberOf(reader(run), node, 18);
  return number === '' ? undefined : placeOf(personOf(node, run)?.patientKey, run, 'Account', number);
};

/** The account under its former number (MRG-3) or at its former patient; none where neither has changed. */
export const priorAccount: Identity = (node, run) => {
  const read = reader(run);
  const former = numberOf(read, node, 3);
  const priorKey = priorKeyOf(node, run);
  const isSame =
    former === numberOf(read, findSegment(node, 'PID'), 18) && priorKey === personOf(node, run)?.patientKey;
  return former === '' || isSame ? undefined : placeOf(priorKey, run, 'Account', former);
};

/** The instance of the role (ROL-1, PRT-1), else the role and who has it. Roles in a visit are part of the visit. */
export const careTeam: Identity = (node, run) => {
  if (node.parent?.segment.name !== 'PID') return undefined;
  const read = reader(run);
  const [role, person, group] = node.segment.name === 'ROL' ? [3, 4, 14] : [4, 5, 8];
  const number = entityNumber(read, node, 1);
  const holder =
    identityOf(read(node, person), read(node, person, 2), read(node, person, 3)) || read(node, group);
  return aboutPatient(
    node,
    run,
    'CareTeam',
    number === '' ? identityOf(codeOf(read, node, role), holder) : `id ${number}`,
  );
};
