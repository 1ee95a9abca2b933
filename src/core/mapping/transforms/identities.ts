/**
 * How records get their ids (docs/adr/0003). An identity is what the source itself calls the thing, so that a message
 * that is sent again, or a correction of it, meets the same record.
 */
import { recordId } from '../../identity/tokens.js';
import { distinct, identityOf, readText, type Run } from '../engine/run.js';
import { findSegment, type SegmentNode } from '../engine/segment-tree.js';
import type { Identity } from '../engine/transform.js';

/** Texts of components, as transforms read them. */
type Read = (node: SegmentNode | undefined, field: number, component?: number) => string;

const reader =
  ({ message }: Run): Read =>
  (node, field, component = 1) =>
    node === undefined ? '' : readText(message, node.segment, field, 1, component);

const firstOf = (...candidates: string[]): string => candidates.find((candidate) => candidate !== '') ?? '';

/** Numbers are unique only within their authority, and codes within their coding system. */
const within = (value: string, ...scope: string[]): string =>
  value === '' || scope.every((part) => part === '') ? value : identityOf(value, ...scope);

/** EI: a number with its namespace and universal id (HL7 v2.5.1 section 2.A.28). */
const entityNumber = (read: Read, node: SegmentNode | undefined, field: number): string =>
  within(read(node, field), read(node, field, 2), read(node, field, 3), read(node, field, 4));

/** CX: a number with its assigning authority. */
const numberOf = (read: Read, node: SegmentNode | undefined, field: number): string =>
  within(read(node, field), read(node, field, 4));

/** CWE: the code with its system, else the alternate code with its own, else the text. */
const codeOf = (read: Read, node: SegmentNode | undefined, field: number): string =>
  firstOf(
    within(read(node, field), read(node, field, 3).toUpperCase()),
    within(read(node, field, 4), read(node, field, 6).toUpperCase()),
    read(node, field, 2),
  );

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
  const number = firstOf(
    numberOf(read, pv1, 19),
    numberOf(read, pv1, 50),
    numberOf(read, findSegment(pv1, 'PID'), 18),
  );
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
  const number = entityNumber(read, node, 20);
  const stated = firstOf(codeOf(read, node, 3), read(node, 4));
  if (number === '' && stated === '') return undefined;
  const visitNumber = visitIdentity(findSegment(node, 'PV1'), read);
  return aboutPatient(run, 'Condition', number === '' ? identityOf(visitNumber, stated) : `id ${number}`);
};

/** What the person is allergic to: the same allergy in another message is the same record. */
const allergy: Identity = (node, run) => {
  const substance = codeOf(reader(run), node, 3);
  return substance === '' ? undefined : aboutPatient(run, 'AllergyIntolerance', substance);
};

/** The laboratory's number of an order, else the placer's, else the time it was done, else this message. */
function orderIdentity(obr: SegmentNode, run: Run): string {
  const read = reader(run);
  const orc = findSegment(obr, 'ORC');
  const number = firstOf(
    entityNumber(read, obr, 3),
    entityNumber(read, orc, 3),
    entityNumber(read, obr, 2),
    entityNumber(read, orc, 2),
  );
  return number === '' ? `at ${firstOf(read(obr, 7), read(obr, 22), run.message.msh.value(10))}` : number;
}

/** One filler number may cover several reports: the service asked for (OBR-4) tells them apart. */
const report: Identity = (node, run) =>
  aboutPatient(run, 'DiagnosticReport', identityOf(orderIdentity(node, run), codeOf(reader(run), node, 4)));

/** Order and service of a result; observations outside an order belong to the visit and the time they were made. */
function observationContext(node: SegmentNode, run: Run): string {
  const read = reader(run);
  const obr = findSegment(node, 'OBR');
  return obr === undefined
    ? identityOf(`visit ${visitIdentity(findSegment(node, 'PV1'), read)}`, `at ${read(node, 14)}`)
    : identityOf(orderIdentity(obr, run), codeOf(read, obr, 4));
}

/** A line of text without a code belongs to the service asked for. */
const observationCode = (node: SegmentNode, read: Read): string =>
  firstOf(codeOf(read, node, 3), codeOf(read, findSegment(node, 'OBR'), 4));

const statedIdentity = (node: SegmentNode, run: Run): string => {
  const read = reader(run);
  return identityOf(observationContext(node, run), observationCode(node, read), read(node, 4));
};

/** Types of OBX-2 whose values are codes. */
const CODED = new Set(['CE', 'CF', 'CNE', 'CWE', 'IS']);

/** How often a message states each coded result, counted once a message. */
const codedCounts = new WeakMap<Run, ReadonlyMap<string, number>>();

function countCodedResults(node: SegmentNode, run: Run): ReadonlyMap<string, number> {
  const known = codedCounts.get(run);
  if (known !== undefined) return known;
  let root = node;
  while (root.parent !== undefined) root = root.parent;
  const counts = new Map<string, number>();
  const pending = [root];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    // One by one: a message may hold more segments than a call takes arguments.
    for (const child of at.children) pending.push(child);
    if (at.segment.name !== 'OBX' || !CODED.has(reader(run)(at, 2))) continue;
    const identity = statedIdentity(at, run);
    counts.set(identity, (counts.get(identity) ?? 0) + 1);
  }
  codedCounts.set(run, counts);
  return counts;
}

/**
 * Order, service, code and sub-id of a result: a correction meets the result it corrects. Where a message repeats them,
 * such as for two organisms, coded values tell the results apart, so that a correction of one never meets the other;
 * a value that stands alone is not part of the id, as it may be what is corrected. Other repeats are numbered.
 */
const observation: Identity = (node, run) => {
  const read = reader(run);
  if (observationCode(node, read) === '') {
    run.issues.push({
      code: 'HDE_HL7_REQUIRED',
      severity: 'warning',
      location: `${node.label}-3`,
      detail: 'a code, without which the observation is not recorded',
    });
    return undefined;
  }
  // A blank line of a text has nothing to record.
  if (codeOf(read, node, 3) === '' && node.segment.repetitions(5) === 0) return undefined;
  const identity = statedIdentity(node, run);
  const isRepeated = CODED.has(read(node, 2)) && (countCodedResults(node, run).get(identity) ?? 0) > 1;
  const value = isRepeated ? codeOf(read, node, 5) : '';
  return aboutPatient(run, 'Observation', value === '' ? identity : identityOf(identity, `value ${value}`));
};

export const identities: ReadonlyMap<string, Identity> = new Map(
  Object.entries({ allergy, diagnosis, observation, patient, priorPatient, report, visit }),
);
