/** Invariants of the resources that are served here (FHIR R4), and of any resource, by the type or the part of one. */
import {
  anyOf,
  type Fields,
  has,
  type Invariant,
  isAfter,
  isCoded,
  needs,
  notBoth,
  partsOf,
  type Within,
} from './invariant.js';

const terminology = (name: string): string => `http://terminology.hl7.org/CodeSystem/${name}`;

/** Texts within a value that lead to something contained, `#id` or `#`. */
function localLinks(value: unknown, found = new Set<string>()): ReadonlySet<string> {
  if (typeof value === 'string' && value.startsWith('#')) found.add(value);
  else if (typeof value === 'object' && value !== null)
    for (const each of Object.values(value)) localLinks(each, found);
  return found;
}

function isReferredTo(resource: Fields): boolean {
  const contained = partsOf(resource, 'contained');
  if (contained.length === 0) return true;
  const links = localLinks(resource);
  return contained.every((each) => links.has(`#${String(each['id'])}`) || localLinks(each).has('#'));
}

const containedHave =
  (...names: readonly string[]) =>
  (resource: Fields): boolean =>
    partsOf(resource, 'contained')
      .flatMap((each) => partsOf(each, 'meta'))
      .some((meta) => names.some((name) => has(meta, name)));

const anyResource: readonly Invariant[] = [
  {
    key: 'dom-2',
    says: 'what is contained contains nothing',
    holds: (resource) => !partsOf(resource, 'contained').some((each) => has(each, 'contained')),
  },
  { key: 'dom-3', says: 'what is contained is referred to', holds: isReferredTo },
  {
    key: 'dom-4',
    says: 'what is contained has no version of its own',
    holds: (resource) => !containedHave('versionId', 'lastUpdated')(resource),
  },
  {
    key: 'dom-5',
    says: 'what is contained has no security label of its own',
    holds: (resource) => !containedHave('security')(resource),
  },
  {
    key: 'dom-6',
    says: 'a resource should have a narrative',
    severity: 'warning',
    holds: (resource) => partsOf(resource, 'text').some((text) => has(text, 'div')),
  },
];

const isAllergyInError = (fields: Fields): boolean =>
  isCoded(fields, 'verificationStatus', terminology('allergyintolerance-verification'), ['entered-in-error']);

const isConditionInError = (fields: Fields): boolean =>
  isCoded(fields, 'verificationStatus', terminology('condition-ver-status'), ['entered-in-error']);

const condition: readonly Invariant[] = [
  {
    // The published expression compares the category with a text, and so asks for a status wherever there is a category.
    key: 'con-3',
    says: 'a problem that is not in error should have a clinicalStatus',
    severity: 'warning',
    holds: (fields) =>
      has(fields, 'clinicalStatus') ||
      isConditionInError(fields) ||
      !isCoded(fields, 'category', terminology('condition-category'), ['problem-list-item']),
  },
  {
    key: 'con-4',
    says: 'what has abated is resolved, in remission or inactive',
    holds: (fields) =>
      !has(fields, 'abatement[x]') ||
      isCoded(fields, 'clinicalStatus', terminology('condition-clinical'), [
        'resolved',
        'remission',
        'inactive',
      ]),
  },
  {
    key: 'con-5',
    says: 'what was entered in error has no clinicalStatus',
    holds: (fields) => !isConditionInError(fields) || !has(fields, 'clinicalStatus'),
  },
];

/** The same text for values that say the same, in whatever order their elements stand. */
const inOneForm = (value: unknown): string =>
  JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([one], [other]) => (one < other ? -1 : 1)))
      : each,
  );

/** A component with the code of the whole would say the value twice. */
function isSaidOnce(observation: Fields, { resource }: Within): boolean {
  if (!has(observation, 'value[x]')) return true;
  const codingsOf = (fields: Fields) => partsOf(fields, 'code').flatMap((code) => partsOf(code, 'coding'));
  const said = new Set(codingsOf(resource).map(inOneForm));
  return !partsOf(observation, 'component')
    .flatMap(codingsOf)
    .some((coding) => said.has(inOneForm(coding)));
}

/** Whether a reference may be to a practitioner, as far as it says what it is to. */
function mayBePractitioner({ reference, type }: Fields): boolean {
  const named =
    typeof reference === 'string' ? /(?:^|\/)([A-Z][A-Za-z]+)\/[^/]+$/.exec(reference)?.[1] : type;
  return named === undefined || named === 'Practitioner';
}

const appointment: readonly Invariant[] = [
  {
    key: 'app-2',
    says: 'start and end, or neither',
    holds: (fields) => has(fields, 'start') === has(fields, 'end'),
  },
  {
    key: 'app-3',
    says: 'only what is proposed, cancelled or on a waiting list has no start and end',
    holds: (fields) =>
      (has(fields, 'start') && has(fields, 'end')) ||
      ['proposed', 'cancelled', 'waitlist'].includes(String(fields['status'])),
  },
  {
    key: 'app-4',
    says: 'a cancelationReason only of what was cancelled or not attended',
    holds: (fields) =>
      !has(fields, 'cancelationReason') || ['noshow', 'cancelled'].includes(String(fields['status'])),
  },
];

/** R4 has one invariant for each scope, with a placeholder for their system: they could not fail. */
const scopesOfConsent = {
  'ppc-2': 'patient-privacy',
  'ppc-3': 'research',
  'ppc-4': 'adr',
  'ppc-5': 'treatment',
};

const consent: readonly Invariant[] = [
  { key: 'ppc-1', says: 'a policy or a policyRule', holds: anyOf('policy', 'policyRule') },
  ...Object.entries(scopesOfConsent).map(([key, scope]) => ({
    key,
    says: `a consent of the scope ${scope} has its patient`,
    holds: (fields: Fields) =>
      has(fields, 'patient') || !isCoded(fields, 'scope', terminology('consentscope'), [scope]),
  })),
];

const isForHome = (fields: Fields, name: string): boolean =>
  partsOf(fields, name).some(({ use }) => use === 'home');

const organization: readonly Invariant[] = [
  { key: 'org-1', says: 'a name or an identifier', holds: anyOf('identifier', 'name') },
  { key: 'org-2', says: 'no address for use at home', holds: (fields) => !isForHome(fields, 'address') },
  { key: 'org-3', says: 'no telecom for use at home', holds: (fields) => !isForHome(fields, 'telecom') },
];

/** The rules of a resource or a part of one; those of its bases (DomainResource, Element) hold besides. */
export const resourceInvariants: Readonly<Record<string, readonly Invariant[]>> = {
  DomainResource: anyResource,
  AllergyIntolerance: [
    {
      key: 'ait-1',
      says: 'what was not entered in error has a clinicalStatus',
      holds: (fields) => isAllergyInError(fields) || has(fields, 'clinicalStatus'),
    },
    {
      key: 'ait-2',
      says: 'what was entered in error has no clinicalStatus',
      holds: (fields) => !isAllergyInError(fields) || !has(fields, 'clinicalStatus'),
    },
  ],
  Appointment: appointment,
  'Appointment.participant': [{ key: 'app-1', says: 'a type or an actor', holds: anyOf('type', 'actor') }],
  'CarePlan.activity': [
    { key: 'cpl-3', says: 'a detail or a reference, not both', holds: notBoth('detail', 'reference') },
  ],
  'CareTeam.participant': [
    {
      key: 'ctm-1',
      says: 'only a Practitioner acts onBehalfOf somebody',
      holds: (fields) => !has(fields, 'onBehalfOf') || partsOf(fields, 'member').every(mayBePractitioner),
    },
  ],
  Condition: condition,
  'Condition.evidence': [{ key: 'con-2', says: 'a code or a detail', holds: anyOf('code', 'detail') }],
  'Condition.stage': [
    { key: 'con-1', says: 'a summary or an assessment', holds: anyOf('summary', 'assessment') },
  ],
  Consent: consent,
  'Goal.target': [{ key: 'gol-1', says: 'a detail has its measure', holds: needs('detail[x]', 'measure') }],
  'Immunization.education': [
    { key: 'imm-1', says: 'a documentType or a reference', holds: anyOf('documentType', 'reference') },
  ],
  'MedicationAdministration.dosage': [
    { key: 'mad-1', says: 'a dose or a rate', holds: anyOf('dose', 'rate[x]') },
  ],
  MedicationDispense: [
    {
      key: 'mdd-1',
      says: 'whenHandedOver is not before whenPrepared',
      holds: ({ whenHandedOver, whenPrepared }) => !isAfter(whenPrepared, whenHandedOver),
    },
  ],
  Observation: [
    {
      key: 'obs-6',
      says: 'a dataAbsentReason only without a value',
      holds: notBoth('dataAbsentReason', 'value[x]'),
    },
    { key: 'obs-7', says: 'no component has the code of the whole beside its value', holds: isSaidOnce },
  ],
  'Observation.referenceRange': [
    { key: 'obs-3', says: 'a low, a high or a text', holds: anyOf('low', 'high', 'text') },
  ],
  Organization: organization,
  'Patient.contact': [
    {
      key: 'pat-1',
      says: 'a name, a telecom, an address or an organization',
      holds: anyOf('name', 'telecom', 'address', 'organization'),
    },
  ],
  ServiceRequest: [
    { key: 'prr-1', says: 'an orderDetail has its code', holds: needs('orderDetail', 'code') },
  ],
};
