/**
 * How records get their ids (docs/adr/0003). An identity is what the source itself calls the thing, so that a message
 * that is sent again, or a correction of it, meets the same record.
 */
import { recordId } from '../../identity/tokens.js';
import { distinct, readText, type Run } from '../engine/run.js';
import { findSegment, type SegmentNode } from '../engine/segment-tree.js';
import type { Identity } from '../engine/transform.js';

/** Texts of components, as transforms read them. */
type Read = (node: SegmentNode | undefined, field: number, component?: number) => string;

const reader =
  ({ message }: Run): Read =>
  (node, field, component = 1) =>
    node === undefined ? '' : readText(message, node.segment, field, 1, component);

const firstOf = (...candidates: string[]): string => candidates.find((candidate) => candidate !== '') ?? '';

const aboutPatient = (run: Run, type: string, identity: string) => ({
  id: recordId(run.patientKey, type, run.feed.id, distinct(run, type, identity)),
  partition: run.patientKey,
});

const patient: Identity = (_node, run) => ({ id: run.patientKey, partition: run.patientKey });

/** The person whom a merge retires; a merge of a key with itself retires nobody. */
const priorPatient: Identity = (_node, { patientKey, priorPatientKey }) =>
  priorPatientKey === undefined || priorPatientKey === patientKey
    ? undefined
    : { id: priorPatientKey, partition: priorPatientKey };

/** PV1-19 visit number, else PV1-50 alternate visit id or PID-18 account number, else the admission time PV1-44. */
function visitIdentity(pv1: SegmentNode | undefined, read: Read): string {
  if (pv1 === undefined) return '';
  const number = firstOf(read(pv1, 19), read(pv1, 50), read(findSegment(pv1, 'PID'), 18));
  const admitted = read(pv1, 44);
  return number === '' && admitted !== '' ? `at ${admitted}` : number;
}

const visit: Identity = (node, run) => {
  const read = reader(run);
  const identity = visitIdentity(node, read);
  if (identity !== '') return aboutPatient(run, 'Encounter', identity);
  // Messages about a person alone send PV1 only because the standard requires it, with class N (not applicable).
  if (read(node, 2) === 'N') return undefined;
  run.issues.push({
    code: 'HDE_HL7_REQUIRED',
    severity: 'warning',
    location: 'PV1-19',
    detail: 'a visit number, without which the visit is not recorded',
  });
  return undefined;
};

/** DG1-20 where the sender numbers diagnoses, else what was diagnosed in which visit. */
const diagnosis: Identity = (node, run) => {
  const read = reader(run);
  const number = read(node, 20);
  const stated = firstOf(read(node, 3), read(node, 3, 2), read(node, 4));
  if (number === '' && stated === '') return undefined;
  const visitNumber = visitIdentity(findSegment(node, 'PV1'), read);
  return aboutPatient(run, 'Condition', number === '' ? `${visitNumber}|${stated}` : `id ${number}`);
};

/** What the person is allergic to: the same allergy in another message is the same record. */
const allergy: Identity = (node, run) => {
  const read = reader(run);
  const substance = firstOf(read(node, 3), read(node, 3, 2));
  return substance === '' ? undefined : aboutPatient(run, 'AllergyIntolerance', substance);
};

/** The laboratory's number of an order, else the placer's, else the time it was done, else this message. */
function orderIdentity(obr: SegmentNode, run: Run): string {
  const read = reader(run);
  const orc = findSegment(obr, 'ORC');
  const number = firstOf(read(obr, 3), read(orc, 3), read(obr, 2), read(orc, 2));
  return number === '' ? `at ${firstOf(read(obr, 7), read(obr, 22), run.message.msh.value(10))}` : number;
}

/** One filler number may cover several reports: the service asked for (OBR-4) tells them apart. */
const report: Identity = (node, run) => {
  const read = reader(run);
  const service = firstOf(read(node, 4), read(node, 4, 2));
  return aboutPatient(run, 'DiagnosticReport', `${orderIdentity(node, run)}|${service}`);
};

/**
 * Filler number, code and sub-id of a result, numbered where a message repeats them: a correction meets the result it
 * corrects. A line of text without a code belongs to the service asked for. Observations outside an order belong to
 * the visit and the time they were made.
 */
const observation: Identity = (node, run) => {
  const read = reader(run);
  const obr = findSegment(node, 'OBR');
  const ownCode = firstOf(read(node, 3), read(node, 3, 2));
  const code = firstOf(ownCode, read(obr, 4), read(obr, 4, 2));
  if (code === '') {
    run.issues.push({
      code: 'HDE_HL7_REQUIRED',
      severity: 'warning',
      location: `${node.label}-3`,
      detail: 'a code, without which the observation is not recorded',
    });
    return undefined;
  }
  // A blank line of a text has nothing to record.
  if (ownCode === '' && node.segment.repetitions(5) === 0) return undefined;
  const context =
    obr === undefined
      ? `visit ${visitIdentity(findSegment(node, 'PV1'), read)} at ${read(node, 14)}`
      : orderIdentity(obr, run);
  return aboutPatient(run, 'Observation', `${context}|${code}|${read(node, 4)}`);
};

export const identities: ReadonlyMap<string, Identity> = new Map(
  Object.entries({ allergy, diagnosis, observation, patient, priorPatient, report, visit }),
);
