/** Ids of people around the patient, of who pays, and of what the patient has laid down. */
import { identityOf, type Run } from '../../engine/run.js';
import type { SegmentNode } from '../../engine/segment-tree.js';
import type { Identity } from '../../engine/transform.js';
import { isInsuredThemselves, isSelf } from '../relationships.js';
import { aboutPatient, aboutPatientOnce, codeOf, numberOf, reader, type Read } from './reading.js';

/** XPN: family and given name in capitals, so that another spelling of the case is nobody else. */
const nameOf = (read: Read, node: SegmentNode, field: number): string =>
  nameIdentity(read(node, field), read(node, field, 2));

const nameIdentity = (family: string, given: string): string =>
  family === '' && given === '' ? '' : identityOf(family.toUpperCase(), given.toUpperCase());

/**
 * NK1-33 where the sender numbers relatives, else the name (NK1-2) and the relationship (NK1-3), else the organisation
 * (NK1-13) or number (NK1-5) by which they are reached. A relative who is stated twice is one.
 */
export const relative: Identity = (node, run) => {
  const read = reader(run);
  const number = numberOf(read, node, 33);
  if (number !== '') return aboutPatientOnce(node, run, 'RelatedPerson', `id ${number}`);
  const name =
    nameOf(read, node, 2) || read(node, 13) || read(node, 5) || read(node, 5, 7) || read(node, 5, 12);
  if (name === '') return undefined;
  const relationship = codeOf(read, node, 3) || codeOf(read, node, 7);
  return aboutPatientOnce(node, run, 'RelatedPerson', identityOf(name, relationship));
};

/** The number of the mother (PID-21). */
export const mother: Identity = (node, run) => {
  const number = numberOf(reader(run), node, 21);
  return number === '' ? undefined : aboutPatientOnce(node, run, 'RelatedPerson', `mother ${number}`);
};

/** GT1-2, else the name of the guarantor (GT1-3); none where the patient is their own. */
export const guarantor: Identity = (node, run) => {
  const read = reader(run);
  if (isSelf(read(node, 11), read(node, 11, 2))) return undefined;
  const identity = numberOf(read, node, 2) || nameOf(read, node, 3) || read(node, 21);
  return identity === '' ? undefined : aboutPatientOnce(node, run, 'RelatedPerson', `guarantor ${identity}`);
};

/** The name of the insured (IN1-16) and the relationship (IN1-17); none where that is the patient. */
export const insured: Identity = (node, run) => {
  const read = reader(run);
  const name = nameOf(read, node, 16);
  if (name === '' || isInsuredThemselves(node, run)) return undefined;
  const identity = identityOf(name, codeOf(read, node, 17));
  return aboutPatientOnce(node, run, 'RelatedPerson', `insured ${identity}`);
};

/** The policy number (IN1-36, else IN1-49) and the company (IN1-3, else IN1-4), else plan, company and group. */
export const coverage: Identity = (node, run) => {
  const read = reader(run);
  const company = numberOf(read, node, 3) || read(node, 4);
  const policy = read(node, 36) || numberOf(read, node, 49);
  const plan = codeOf(read, node, 2);
  if (company === '' && policy === '' && plan === '') return undefined;
  const identity =
    policy === ''
      ? identityOf(`plan ${plan}`, company, read(node, 8))
      : identityOf(`policy ${policy}`, company);
  return aboutPatient(node, run, 'Coverage', identity);
};

const oneOf =
  (identity: string): Identity =>
  (node, run: Run) =>
    aboutPatientOnce(node, run, 'Observation', identity);

/** One for each patient. */
export const livingWill: Identity = oneOf('living will');

/** One for each patient. */
export const advanceDirective: Identity = oneOf('advance directive');

const withdrawnOf =
  (field: number, identity: Identity): Identity =>
  (node, run) =>
    node.segment.isNull(field) ? identity(node, run) : undefined;

/** As `livingWill`, where the sender takes it back (PD1-7 is ""). */
export const withdrawnLivingWill: Identity = withdrawnOf(7, livingWill);

/** As `advanceDirective`, where the sender takes it back (PD1-15 is ""). */
export const withdrawnDirective: Identity = withdrawnOf(15, advanceDirective);
