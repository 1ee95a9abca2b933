/** RF1 and PRD: who refers a patient to whom, and why. */
import type { Address, CodeableConcept, ContactPoint, HumanName, Reference } from 'fhir/r4.js';
import { markField } from '../engine/ledger.js';
import { personOf, textAt, trace, traceConstant, wholeText, type Draft, type Step } from '../engine/run.js';
import { contextOf, findSegment } from '../engine/segment-tree.js';
import type { Transform, TransformFactory, TransformSetting } from '../engine/transform.js';
import { address } from './addresses.js';
import { conceptBy } from './coded-values.js';
import { contactPoint } from './contact-points.js';
import { displayOf, humanName } from './human-names.js';
import { locationAt } from './locations.js';
import { organisation } from './organisations.js';
import { readPart, readParts } from './parts.js';
import { into, referenceTo, share } from './shared-records.js';
import { dateTime } from './simple-values.js';
import { staffNumber } from './staff.js';

/** `referralPatient`: the patient of the message; RF1 stands before PID. */
export const referralPatient: TransformFactory = () => (step) => {
  const key = personOf(step.node, step.run)?.patientKey;
  return key === undefined ? undefined : { reference: `Patient/${key}` };
};

/** `referralDiagnoses`: the diagnoses (DG1) that the message states. */
export const referralDiagnoses: TransformFactory = () => (step) => {
  const pid = findSegment(step.node, 'PID');
  const visit = contextOf(pid, 'PV1');
  const found: Reference[] = [];
  for (const { segment, drafts } of [...(pid?.children ?? []), ...(visit?.children ?? [])]) {
    const draft = drafts.find(({ resource }) => resource.resourceType === 'Condition');
    if (segment.name === 'DG1' && draft !== undefined) found.push({ reference: draft.reference });
  }
  return found.length === 0 ? undefined : found;
};

/** `textConcept`: a text where FHIR wants a concept. */
export const textConcept: TransformFactory =
  () =>
  (step): CodeableConcept | undefined => {
    const text = wholeText(step);
    if (text === '') return undefined;
    trace(step, 'text');
    return { text };
  };

interface Reader {
  readonly name: Transform;
  readonly address: Transform;
  readonly telecom: Transform;
  readonly organisation: Transform;
  readonly role: Transform;
  readonly time: Transform;
  readonly setting: TransformSetting;
}

/**
 * `referralProvider(NameUse)`: PRD as the person (PRD-2, PRD-7), in the role that they have at an organisation (PRD-10)
 * where one is named, or as the organisation alone. Somebody with a name but no number is only shown.
 */
export const referralProvider: TransformFactory = ([useTable = ''], setting) => {
  const reader: Reader = {
    name: humanName([useTable], setting),
    address: address(['AddressUse', 'AddressType', 'uk'], setting),
    telecom: contactPoint(['TelecomUse', 'TelecomSystem', 'work'], setting),
    organisation: organisation([], setting),
    role: conceptBy(['ProviderRole'], setting),
    time: dateTime([], setting),
    setting,
  };
  return (step) => {
    const person = personAt(step, reader);
    const employer = readPart(step, 10, 'reference', reader.organisation) as Reference | undefined;
    markField(step.node, 1, 1, { fate: 'mapped', rule: step.rule });
    if (person === undefined) return employer;
    return employer === undefined
      ? person
      : referenceTo(roleAt(step, person, employer, reader), person.display);
  };
};

function personAt(step: Step, reader: Reader): Reference | undefined {
  const at: Step = { ...step, field: 7, repetition: 1, component: 0 };
  const value = textAt(at, 1);
  const shown = readPart(step, 2, 'display', (part) => {
    const name = reader.name(part) as HumanName | undefined;
    return name === undefined ? undefined : displayOf(name);
  }) as string | undefined;
  if (value === '') return shown === undefined ? undefined : { display: shown };
  const { system, value: number } = staffNumber(value, '', textAt(at, 2), step.run.feed);
  const draft = share(step.run, 'Practitioner', system, number, reader.setting.profiles, (shared) => {
    fillPerson(step, shared, { system, value: number }, reader);
  });
  trace(at, 'reference', 1);
  markField(step.node, 7, 1, { fate: 'mapped', rule: step.rule });
  return referenceTo(draft, shown);
}

function fillPerson(
  step: Step,
  shared: Draft,
  identifier: { system: string; value: string },
  reader: Reader,
): void {
  const root = into(step, shared, '');
  trace({ ...root, field: 7, repetition: 1 }, 'identifier[0].value', 1);
  shared.resource['identifier'] = [identifier];
  const names = readParts(root, 'name', [[2, reader.name]]);
  const telecom = readParts(root, 'telecom', [[5, reader.telecom]]) as ContactPoint[];
  const addresses = readParts(root, 'address', [[3, reader.address]]) as Address[];
  if (names.length > 0) shared.resource['name'] = names;
  if (telecom.length > 0) shared.resource['telecom'] = telecom;
  if (addresses.length > 0) shared.resource['address'] = addresses;
}

function roleAt(step: Step, person: Reference, employer: Reference, reader: Reader): Draft {
  const role = textAt({ ...step, field: 1, repetition: 1, component: 0 }, 1);
  const identity = [person.reference ?? person.display, employer.reference, role].join('|');
  const { profiles } = reader.setting;
  return share(step.run, 'PractitionerRole', step.run.feed.id, identity, profiles, (shared) => {
    const root = into(step, shared, '');
    const { resource } = shared;
    resource['practitioner'] = person;
    resource['organization'] = employer;
    traceConstant(step, shared, 'PractitionerRole.practitioner');
    traceConstant(step, shared, 'PractitionerRole.organization');
    const code = readPart(root, 1, 'code[0]', reader.role);
    const place = readPart(root, 4, 'location[0]', (part) => locationAt(part, profiles));
    const telecom = readParts(root, 'telecom', [[13, reader.telecom]]);
    const start = readPart(root, 8, 'period.start', reader.time);
    const end = readPart(root, 9, 'period.end', reader.time);
    if (code !== undefined) resource['code'] = [code];
    if (place !== undefined) resource['location'] = [place];
    if (telecom.length > 0) resource['telecom'] = telecom;
    if (start !== undefined || end !== undefined)
      resource['period'] = {
        ...(start === undefined ? {} : { start }),
        ...(end === undefined ? {} : { end }),
      };
  });
}
