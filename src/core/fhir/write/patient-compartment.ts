/** Whom a resource is about, by the patient compartment of R4 (http://hl7.org/fhir/R4/compartmentdefinition-patient.html). */
import type { Resource } from 'fhir/r4.js';
import { fieldsOf, listOf, textOf } from '../search/shapes.js';

/**
 * The elements that name whom a resource is about, by type. Left out of the compartment are the elements by which a
 * patient takes part in it (`performer`, `recorder`, `author`): they do not make it a record about them.
 */
const elements: Readonly<Record<string, readonly string[]>> = {
  Account: ['subject'],
  AdverseEvent: ['subject'],
  AllergyIntolerance: ['patient'],
  Appointment: ['participant.actor'],
  AppointmentResponse: ['actor'],
  Basic: ['subject'],
  BodyStructure: ['patient'],
  CarePlan: ['subject'],
  CareTeam: ['subject'],
  ChargeItem: ['subject'],
  Claim: ['patient'],
  ClaimResponse: ['patient'],
  ClinicalImpression: ['subject'],
  Communication: ['subject'],
  CommunicationRequest: ['subject'],
  Composition: ['subject'],
  Condition: ['subject'],
  Consent: ['patient'],
  Coverage: ['beneficiary'],
  CoverageEligibilityRequest: ['patient'],
  CoverageEligibilityResponse: ['patient'],
  DetectedIssue: ['patient'],
  Device: ['patient'],
  DeviceRequest: ['subject'],
  DeviceUseStatement: ['subject'],
  DiagnosticReport: ['subject'],
  DocumentManifest: ['subject'],
  DocumentReference: ['subject'],
  Encounter: ['subject'],
  EnrollmentRequest: ['candidate'],
  EpisodeOfCare: ['patient'],
  ExplanationOfBenefit: ['patient'],
  FamilyMemberHistory: ['patient'],
  Flag: ['subject'],
  Goal: ['subject'],
  GuidanceResponse: ['subject'],
  ImagingStudy: ['subject'],
  Immunization: ['patient'],
  ImmunizationEvaluation: ['patient'],
  ImmunizationRecommendation: ['patient'],
  Invoice: ['subject'],
  List: ['subject'],
  MeasureReport: ['subject'],
  Media: ['subject'],
  MedicationAdministration: ['subject'],
  MedicationDispense: ['subject'],
  MedicationRequest: ['subject'],
  MedicationStatement: ['subject'],
  MolecularSequence: ['patient'],
  NutritionOrder: ['patient'],
  Observation: ['subject'],
  Procedure: ['subject'],
  QuestionnaireResponse: ['subject'],
  RelatedPerson: ['patient'],
  RequestGroup: ['subject'],
  ResearchSubject: ['individual'],
  RiskAssessment: ['subject'],
  Schedule: ['actor'],
  ServiceRequest: ['subject'],
  Specimen: ['subject'],
  SupplyDelivery: ['patient'],
  SupplyRequest: ['deliverTo'],
  Task: ['for'],
  VisionPrescription: ['patient'],
};

/** An element that says whom a resource is about. */
export interface SubjectReference {
  /** `Observation.subject`, `Appointment.participant[1].actor`. */
  readonly element: string;
  /** Its literal reference; absent where there is only an identifier, a name or nothing. */
  readonly reference?: string;
  /** The type that the reference states besides (`Reference.type`), or that of the contained resource. */
  readonly type?: string;
  /** The system of its logical identifier. */
  readonly identifierSystem?: string;
  /** Whether R4 allows nobody but a patient there. */
  readonly isPatientOnly?: true;
  /** Whether people, places and things of any kind take part there: a patient need not be meant. */
  readonly isOpen: boolean;
}

const patientElements: ReadonlySet<string> = new Set(['patient', 'beneficiary', 'individual', 'candidate']);
const openElements: ReadonlySet<string> = new Set(['participant.actor', 'actor', 'deliverTo', 'for']);

/** The elements of a resource that say whom it is about, as far as they are there; none for a Patient. */
export function subjectsOf(resource: Resource): SubjectReference[] {
  const { resourceType } = resource;
  return (elements[resourceType] ?? []).flatMap((path) =>
    select(resource, path.split('.'), resourceType).flatMap(({ value, element }) => {
      const fields = fieldsOf(value);
      if (fields === undefined) return [];
      const reference = textOf(fields['reference']);
      const identifierSystem = textOf(fieldsOf(fields['identifier'])?.['system']);
      const type = typeOfContained(resource, reference) ?? textOf(fields['type']);
      return [
        {
          ...{
            element,
            isOpen: openElements.has(path),
            ...(patientElements.has(path) && { isPatientOnly: true as const }),
          },
          ...(identifierSystem !== undefined && { identifierSystem }),
          ...(reference !== undefined && { reference }),
          ...(type !== undefined && { type }),
        },
      ];
    }),
  );
}

function typeOfContained(resource: Resource, reference: string | undefined): string | undefined {
  if (reference?.startsWith('#') !== true) return undefined;
  const contained = listOf(fieldsOf(resource)?.['contained']).map(fieldsOf);
  return textOf(contained.find((each) => each?.['id'] === reference.slice(1))?.['resourceType']);
}

interface Selected {
  readonly value: unknown;
  readonly element: string;
}

function select(value: unknown, [name, ...rest]: readonly string[], element: string): Selected[] {
  if (name === undefined) return [{ value, element }];
  const child = fieldsOf(value)?.[name];
  const path = `${element}.${name}`;
  return Array.isArray(child)
    ? listOf(child).flatMap((item, index) => select(item, rest, `${path}[${index}]`))
    : child === undefined
      ? []
      : select(child, rest, path);
}
