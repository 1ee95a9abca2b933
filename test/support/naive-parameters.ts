/** The search parameters that are compared, read off R4. */

export interface Parameter {
  readonly kind: 'token' | 'string' | 'date' | 'quantity' | 'reference' | 'composite' | 'near';
  readonly path: string;
  readonly targets?: readonly string[];
  /** Of a composite: kind and path of each part, from the elements that `path` selects. */
  readonly parts?: readonly (readonly [Parameter['kind'], string])[];
}

const about: Parameter = { kind: 'reference', path: 'subject', targets: ['Patient', 'Group'] };
const patient: Parameter = {
  kind: 'reference',
  path: "subject.where(reference.contains('Patient/'))",
  targets: ['Patient'],
};
const identifier: Parameter = { kind: 'token', path: 'identifier' };
const every: Readonly<Record<string, Parameter>> = {
  _id: { kind: 'token', path: 'id' },
  _tag: { kind: 'token', path: 'meta.tag' },
};

/** The parameters of the types that are compared. */
export const naiveParameters: Readonly<Record<string, Readonly<Record<string, Parameter>>>> = {
  Patient: {
    ...every,
    identifier,
    family: { kind: 'string', path: 'name.family' },
    given: { kind: 'string', path: 'name.given' },
    name: { kind: 'string', path: 'name.family | name.given | name.text' },
    gender: { kind: 'token', path: 'gender' },
    birthdate: { kind: 'date', path: 'birthDate' },
    organization: { kind: 'reference', path: 'managingOrganization', targets: ['Organization'] },
  },
  Encounter: {
    ...every,
    identifier,
    status: { kind: 'token', path: 'status' },
    class: { kind: 'token', path: 'class' },
    date: { kind: 'date', path: 'period' },
    subject: about,
    patient,
    'service-provider': { kind: 'reference', path: 'serviceProvider', targets: ['Organization'] },
    'part-of': { kind: 'reference', path: 'partOf', targets: ['Encounter'] },
  },
  Observation: {
    ...every,
    identifier,
    status: { kind: 'token', path: 'status' },
    code: { kind: 'token', path: 'code' },
    date: { kind: 'date', path: 'effective' },
    subject: about,
    patient,
    encounter: { kind: 'reference', path: 'encounter', targets: ['Encounter'] },
    performer: { kind: 'reference', path: 'performer', targets: ['Organization', 'Patient', 'Practitioner'] },
    'value-quantity': { kind: 'quantity', path: 'value.ofType(Quantity)' },
    'value-string': { kind: 'string', path: 'value.ofType(string)' },
    'code-value-quantity': {
      kind: 'composite',
      path: '$this',
      parts: [
        ['token', 'code'],
        ['quantity', 'value.ofType(Quantity)'],
      ],
    },
    'component-code-value-quantity': {
      kind: 'composite',
      path: 'component',
      parts: [
        ['token', 'code'],
        ['quantity', 'value.ofType(Quantity)'],
      ],
    },
  },
  AllergyIntolerance: {
    ...every,
    identifier,
    code: { kind: 'token', path: 'code | reaction.substance' },
    'clinical-status': { kind: 'token', path: 'clinicalStatus' },
    patient: { kind: 'reference', path: 'patient', targets: ['Patient'] },
  },
  Organization: {
    ...every,
    identifier,
    name: { kind: 'string', path: 'name | alias' },
    partof: { kind: 'reference', path: 'partOf', targets: ['Organization'] },
  },
  Location: {
    ...every,
    identifier,
    name: { kind: 'string', path: 'name | alias' },
    near: { kind: 'near', path: 'position' },
  },
};
