/** What FHIR requires of a record that messages leave open. */
import type {
  AllergyIntolerance,
  Appointment,
  CodeableConcept,
  Coding,
  Condition,
  DocumentReference,
  Encounter,
  MedicationRequest,
  Resource,
  ServiceRequest,
} from 'fhir/r4.js';
import { NOT_STATED } from './medicine-words.js';
import { formerOf } from './succession.js';

const UNKNOWN_CLASS: Coding = {
  system: 'http://terminology.hl7.org/CodeSystem/v3-NullFlavor',
  code: 'UNK',
  display: 'unknown',
};

/**
 * Fills the required elements of a record as it is to be stored: what no message stated, or one deleted. An update such
 * as A08 states no status, so that the stored one stays; only where there is none is it derived from the dates of the
 * visit. Where a visit that moved began is no proof that it runs still.
 *
 * @param removed what the statement deletes, which tells of what the record takes over from (`succession`)
 */
export function completeRecord<T extends Resource>(resource: T, removed: readonly string[] = []): T {
  if (isEncounter(resource)) return withVisitState(resource, formerOf(removed) !== undefined);
  if (isPrescription(resource)) return withSubstitution(withMedicine(withStatus(resource)));
  if (isOrder(resource)) return withStatus(resource);
  if (isAppointment(resource)) return withPatient(withBooking(resource));
  if (isAllergy(resource)) return withClinicalStatus(resource);
  if (isCondition(resource)) return withProblemStatus(resource);
  return isDocument(resource) ? withContent(resource) : withUnstated(resource);
}

/** The state of records of which no message states one. */
const UNSTATED: Readonly<Record<string, readonly [element: string, state: string]>> = {
  CarePlan: ['status', 'unknown'],
  Goal: ['lifecycleStatus', 'active'],
  Procedure: ['status', 'unknown'],
};

function withUnstated<T extends Resource>(resource: T): T {
  const [element, state] = UNSTATED[resource.resourceType] ?? [];
  return element === undefined || element in resource ? resource : { ...resource, [element]: state };
}

const isAppointment = (resource: Resource): resource is Appointment =>
  resource.resourceType === 'Appointment';

/** A change of an appointment leaves its state as it was. */
const withBooking = <T extends Partial<Appointment>>(resource: T): T =>
  resource.status === undefined ? { ...resource, status: 'booked' } : resource;

/** A message that only changes an appointment names nobody; at least the person in whose record it is takes part. */
const withPatient = <T extends Partial<Appointment>>(resource: T): T => {
  if (resource.participant !== undefined) return resource;
  const [key = ''] = (resource.id ?? '').split('.');
  return {
    ...resource,
    participant: [{ actor: { reference: `Patient/${key}` }, status: 'needs-action' }],
  };
};

const isAllergy = (resource: Resource): resource is AllergyIntolerance =>
  resource.resourceType === 'AllergyIntolerance';

/** What is not in error has a clinical status (R4 invariant ait-1); a message that changes nothing states none. */
const withClinicalStatus = <T extends Partial<AllergyIntolerance>>(resource: T): T => {
  const isError = holds(resource.verificationStatus, 'entered-in-error');
  return isError || resource.clinicalStatus !== undefined
    ? resource
    : { ...resource, clinicalStatus: { coding: [{ system: ALLERGY_CLINICAL, code: 'active' }] } };
};

const ALLERGY_CLINICAL = 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical';

const isCondition = (resource: Resource): resource is Condition => resource.resourceType === 'Condition';

/**
 * What is on a list of problems and not in error has a clinical status (R4 invariant con-3); a message that only
 * changes a problem may state none.
 */
function withProblemStatus<T extends Partial<Condition>>(resource: T): T {
  const { category, verificationStatus, clinicalStatus, abatementDateTime } = resource;
  if (clinicalStatus !== undefined || holds(verificationStatus, 'entered-in-error')) return resource;
  if (category?.some((each) => holds(each, 'problem-list-item')) !== true) return resource;
  const code = abatementDateTime === undefined ? 'active' : 'resolved';
  return { ...resource, clinicalStatus: { coding: [{ system: CONDITION_CLINICAL, code }] } };
}

const CONDITION_CLINICAL = 'http://terminology.hl7.org/CodeSystem/condition-clinical';

const holds = (concept: CodeableConcept | undefined, wanted: string): boolean =>
  concept?.coding?.some(({ code }) => code === wanted) === true;

const isPrescription = (resource: Resource): resource is MedicationRequest =>
  resource.resourceType === 'MedicationRequest';
const isOrder = (resource: Resource): resource is ServiceRequest =>
  resource.resourceType === 'ServiceRequest';

/** A message that only says what became of a prescription names no medicine. */
const withMedicine = <T extends Partial<MedicationRequest>>(resource: T): T =>
  resource.medicationCodeableConcept === undefined && resource.medicationReference === undefined
    ? { ...resource, medicationCodeableConcept: { text: NOT_STATED } }
    : resource;

/** UK Core requires a statement about whether another medicine may take its place. */
const withSubstitution = <T extends Partial<MedicationRequest>>(resource: T): T =>
  resource.substitution === undefined
    ? { ...resource, substitution: { allowedCodeableConcept: { text: NOT_STATED } } }
    : resource;

const isDocument = (resource: Resource): resource is DocumentReference =>
  resource.resourceType === 'DocumentReference';

/** Messages about a prescription or an order may leave its status as it was. */
const withStatus = <T extends Partial<MedicationRequest | ServiceRequest>>(resource: T): T =>
  resource.status === undefined ? { ...resource, status: 'unknown' } : resource;

/** A document may be announced before, or without, its content. */
const withContent = <T extends Partial<DocumentReference>>(resource: T): T =>
  resource.content === undefined
    ? { ...resource, content: [{ attachment: { title: 'Not sent' } }] }
    : resource;

const isEncounter = (resource: Resource): resource is Encounter => resource.resourceType === 'Encounter';

function withVisitState<T extends Partial<Encounter>>(visit: T, hasMoved: boolean): T {
  const { status, class: patientClass, period } = visit;
  if (status !== undefined && patientClass !== undefined) return visit;
  const derived: Encounter['status'] =
    period?.end !== undefined
      ? 'finished'
      : period?.start !== undefined && !hasMoved
        ? 'in-progress'
        : 'unknown';
  return {
    ...visit,
    ...(status === undefined ? { status: derived } : {}),
    ...(patientClass === undefined ? { class: UNKNOWN_CLASS } : {}),
  };
}
