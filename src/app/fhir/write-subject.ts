import type { Resource } from 'fhir/r4.js';
import { ExchangeError } from '../../core/errors.js';
import { parseReference } from '../../core/fhir/references.js';
import { subjectsOf, type SubjectReference } from '../../core/fhir/write/patient-compartment.js';
import { NHS_NUMBER_SYSTEM } from '../../core/identity/nhs-number.js';
import type { CurrentDocument, LatestDocument } from '../../core/records/types.js';
import type { RequestAccess } from '../access/request-access.js';
import type { FhirDependencies } from './fhir-answer.js';
import { linkedIds, statedLinks } from './link-set.js';
import type { Writer } from './write-dependencies.js';
import type { Alongside } from './write-request.js';

/** Whom a record says that it is about, and the element that says it. */
interface StatedSubject {
  readonly patient: string;
  readonly element: string;
}

/**
 * The patient whom a record is about, wherever they are stored. Whoever else it is about (a group, a place, a device) makes
 * it nobody's.
 *
 * @returns undefined for a record about nobody
 * @throws ExchangeError HDE_PATIENT_UNKNOWN that names the element
 */
export function statedSubject(resource: Resource, baseUrl: string): StatedSubject | undefined {
  const subjects = subjectsOf(resource).map((subject) => ({
    element: subject.element,
    patient: patientOf(subject, baseUrl),
  }));
  const patients = new Set(subjects.flatMap(({ patient }) => patient ?? []));
  const [key, another] = patients;
  if (key === undefined) return undefined;
  const element = subjects.find(({ patient }) => patient === (another ?? key))?.element ?? '';
  if (another !== undefined) throw unknown(element, 'a record is about one patient');
  return { patient: key, element };
}

/**
 * The patient whom a record is about, who must be stored here: a record about a mistyped patient would be found by
 * nobody.
 *
 * @returns the patient key; undefined for a record about nobody
 * @throws ExchangeError HDE_PATIENT_UNKNOWN that names the element
 */
export async function findSubject(
  deps: FhirDependencies,
  resource: Resource,
  alongside?: Alongside,
): Promise<string | undefined> {
  const subject = statedSubject(resource, deps.baseUrl);
  if (subject === undefined) return undefined;
  if (!(await isKnown(deps, subject.patient, alongside))) throw notStored(subject.element);
  return subject.patient;
}

/** Links that one write adds: each names a patient who is looked up. */
const mostLinksAdded = 500;

/**
 * Demands that the patients are stored whom a Patient says to be the same person and did not say before, and that the writer
 * may know of them. What holds back one of them holds back all: who linked a patient of their own to another one would learn
 * by it whether there is such a patient, and how they are labelled.
 *
 * @param patient as it is to be
 * @param stands as it is now
 * @throws ExchangeError HDE_PATIENT_UNKNOWN that names the element; HDE_RESOURCE_REFUSED for too many new links
 */
export async function requireLinked(
  { records, baseUrl }: FhirDependencies,
  { patient, stands }: { readonly patient: Resource; readonly stands: LatestDocument | undefined },
  { access }: Pick<Writer, 'access'>,
  alongside?: Alongside,
): Promise<void> {
  const before = stands?.kind === 'resource' ? linkedIds(stands.resource, baseUrl) : [];
  const known = new Set([...before, patient.id, ...(alongside?.patients ?? [])]);
  const added = statedLinks(patient, baseUrl).filter((each) => !known.has(each.patient));
  if (added.length > mostLinksAdded)
    throw new ExchangeError('HDE_RESOURCE_REFUSED', {
      ...{ location: 'Patient.link', detail: `at most ${mostLinksAdded} links that were not there before` },
    });
  for (const { patient: id, element } of added) {
    const isGone = alongside?.deleted.has(`Patient/${id}`) === true;
    const other = isGone ? undefined : await records.readCurrent('Patient', id);
    if (other === undefined || !(await mayKnow(access, other))) throw notStored(element);
  }
}

/** Whether a client may see a record, or change it, which tells as much. */
const mayKnow = async (access: RequestAccess, document: CurrentDocument): Promise<boolean> =>
  (await access.permits('read', document)) || access.permits('update', document);

/** The refusal of a record about a patient who is not stored here, as far as its writer may know. */
export const notStored = (element: string): ExchangeError =>
  unknown(element, 'no such patient is stored here');

async function isKnown({ records }: FhirDependencies, key: string, alongside?: Alongside): Promise<boolean> {
  if (alongside?.patients.has(key) === true) return true;
  if (alongside?.deleted.has(`Patient/${key}`) === true) return false;
  return (await records.readCurrent('Patient', key)) !== undefined;
}

/** The id of the patient to whom an element refers; undefined where it refers to something else. */
function patientOf(subject: SubjectReference, baseUrl: string): string | undefined {
  const { element, reference, type, isOpen, isPatientOnly } = subject;
  const local = reference === undefined ? undefined : parseReference(reference, baseUrl);
  if (local?.type === 'Patient') return local.id;
  // Of an appointment, not all who take part are patients.
  const isOther = local !== undefined || (type === undefined ? isOpen : type !== 'Patient');
  if (isOther && isPatientOnly !== true && !namesPatient(subject)) return undefined;
  throw unknown(element, 'a literal reference, Patient/<id>, to a patient of this server');
}

/** Whether a patient is meant after all, of another server or by a number, whatever type stands beside it. */
const namesPatient = ({ reference = '', identifierSystem }: SubjectReference): boolean =>
  /(?:^|\/)Patient\//.test(reference) || identifierSystem === NHS_NUMBER_SYSTEM;

const unknown = (location: string, detail: string): ExchangeError =>
  new ExchangeError('HDE_PATIENT_UNKNOWN', { location, detail });
