/** Ids of vaccinations, prescriptions, and what was dispensed or given. */
import { recordId } from '../../../identity/tokens.js';
import { identityOf, type Run } from '../../engine/run.js';
import { findSegment, type SegmentNode } from '../../engine/segment-tree.js';
import type { Identity, Place } from '../../engine/transform.js';
import { isDetailed, joinGroup } from './orders.js';
import {
  aboutPatient,
  aboutPatientOnce,
  asState,
  codeOf,
  entityNumber,
  reader,
  underNumber,
  type Read,
} from './reading.js';

/** ORC-3 of a vaccine that was not given: no number of anything. */
const NO_NUMBER = '9999';

/** The number that whoever gave the vaccine keeps it under (ORC-3), else which vaccine and when. */
export const immunization: Identity = (node, run) => {
  const read = reader(run);
  const orc = findSegment(node, 'ORC');
  const number = read(orc, 3) === NO_NUMBER ? '' : entityNumber(read, orc, 3);
  const vaccine = codeOf(read, node, 5);
  if (number === '' && vaccine === '') {
    reportNothing(run, node, 5, 'a vaccine, without which the vaccination is not recorded');
    return undefined;
  }
  return aboutPatient(
    node,
    run,
    'Immunization',
    number === '' ? identityOf(vaccine, `at ${read(node, 3)}`) : `id ${number}`,
  );
};

/**
 * The prescriber's number of an order (ORC-2), else the pharmacy's (ORC-3), else the prescription number (RXE-15), else
 * which medicine was ordered when. An ORC may stand over several: its number, state and restriction are those of each.
 * The first medicine under a number is known by the number, each other one by both, in its words where it has no code;
 * which of the two a later message means is told by what is stored. RXO, RXE and RXG under one ORC are one prescription:
 * the pharmacy's encoding of it states it, what was asked for is noted there.
 */
export const prescription: Identity = (node, run) => {
  joinGroup(node, run);
  if (isSuperseded(node)) return undefined;
  const read = reader(run);
  const medicine = codeOf(read, node, MEDICINE[node.segment.name] ?? 1);
  const number = orderNumber(node, read);
  if (medicine === '' && number === '') {
    reportNothing(run, node, MEDICINE[node.segment.name] ?? 1, 'a medicine or the number of an order');
    return undefined;
  }
  if (number === '') return aboutPatient(node, run, 'MedicationRequest', orderedAt(node, run, medicine));
  return underNumber(run, 'MedicationRequest', [number, medicine], (identity) =>
    aboutPatient(node, run, 'MedicationRequest', identity),
  );
};

/** As `prescription`, for an ORC that only says what became of one; none where other segments describe it. */
export const prescriptionState: Identity = (node, run) => {
  if (isDetailed(node)) return undefined;
  const number = orderNumber(node, reader(run));
  return number === '' ? undefined : asState(aboutPatientOnce(node, run, 'MedicationRequest', number));
};

/** Fields that name the medicine. */
const MEDICINE: Readonly<Record<string, number>> = { RXA: 5, RXD: 2, RXE: 2, RXG: 4, RXO: 1 };

/** The segments of an order that describe it, the most exact first. */
const DESCRIPTIONS = ['RXE', 'RXO', 'RXG'];

function isSuperseded(node: SegmentNode): boolean {
  const better = DESCRIPTIONS.slice(0, DESCRIPTIONS.indexOf(node.segment.name));
  const described = findSegment(node, 'ORC')?.children ?? [];
  return described.some(({ segment }) => better.includes(segment.name));
}

function orderNumber(node: SegmentNode, read: Read): string {
  const orc = findSegment(node, 'ORC');
  const prescriptionNumber = node.segment.name === 'RXE' ? read(node, 15) : '';
  return (
    entityNumber(read, orc, 2) ||
    entityNumber(read, orc, 3) ||
    (prescriptionNumber === '' ? '' : `prescription ${prescriptionNumber}`)
  );
}

function orderedAt(node: SegmentNode, run: Run, medicine: string): string {
  const read = reader(run);
  const orc = findSegment(node, 'ORC');
  return identityOf(medicine, `at ${read(orc, 9) || read(orc, 15) || run.message.msh.value(10)}`);
}

/** The order with the medicine and the dispense count (RXD-1), else the time of it. */
export const dispense: Identity = (node, run) => {
  joinGroup(node, run);
  const read = reader(run);
  const number = orderNumber(node, read);
  const medicine = codeOf(read, node, 2);
  if (number === '' && medicine === '') {
    reportNothing(run, node, 2, 'a medicine or the number of an order');
    return undefined;
  }
  const order = number === '' ? medicine : identityOf(number, medicine);
  const identity = identityOf(
    order,
    read(node, 1) === '' ? `at ${read(node, 3)}` : `dispense ${read(node, 1)}`,
  );
  return byPrescription(aboutPatient(node, run, 'MedicationDispense', identity), run, number);
};

/** The order with the administration count (RXA-2) and the medicine and time of each: one ORC stands over several RXA. */
export const administration: Identity = (node, run) => {
  joinGroup(node, run);
  const read = reader(run);
  const number = orderNumber(node, read);
  const medicine = codeOf(read, node, 5);
  if (number === '' && medicine === '') {
    reportNothing(run, node, 5, 'a medicine or the number of an order');
    return undefined;
  }
  const identity = identityOf(number, medicine, `part ${read(node, 2)}`, `at ${read(node, 3)}`);
  return byPrescription(aboutPatient(node, run, 'MedicationAdministration', identity), run, number);
};

/** With the id of the first prescription under the number of the order, if it has one. */
const byPrescription = (place: Place | undefined, run: Run, number: string): Place | undefined =>
  place === undefined || number === ''
    ? place
    : { ...place, prescription: recordId(place.partition, 'MedicationRequest', run.feed.id, number) };

function reportNothing(run: Run, node: SegmentNode, field: number, detail: string): void {
  run.issues.push({
    code: 'HDE_HL7_REQUIRED',
    severity: 'warning',
    location: `${node.label}-${field}`,
    detail,
  });
}
