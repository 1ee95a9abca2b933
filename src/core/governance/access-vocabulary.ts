/** The words of the access model: what they mean for a reader is in docs/reference/access-model.md. */

/** Who asks: an application on its own behalf, somebody who works for an organisation, or a patient or their proxy. */
export const principalKinds = ['system', 'staff', 'patient'] as const;
export type PrincipalKind = (typeof principalKinds)[number];

/** What for (HL7 v3 PurposeOfUse is mapped to these by `purposeOf`). */
export const purposes = [
  'direct-care',
  'care-administration',
  'patient-access',
  'planning',
  'research',
] as const;
export type Purpose = (typeof purposes)[number];

/** Purposes beyond the care of the individual, for which the national data opt-out counts. */
export const secondaryPurposes: ReadonlySet<Purpose> = new Set(['planning', 'research']);

/** What may hold a record back; `labelsOf` reads them from `meta.security`. */
export const labels = ['restricted', 'very-restricted', 'sensitive', 'not-for-patient'] as const;
export type Label = (typeof labels)[number];

/** SMART App Launch 2, section "Scopes for requesting FHIR resources": create, read, update, delete, search. */
export type Action = 'c' | 'r' | 'u' | 'd' | 's';

/**
 * The actions that each interaction needs, all of them. A Bundle is decided entry by entry, and the
 * CapabilityStatement is open: they are not here. `include` is a record that a search adds to its matches, `export` a
 * bulk export, `event` what a consumer of changes is told.
 */
export const actionsOfInteraction = {
  read: ['r'],
  vread: ['r'],
  'history-instance': ['r'],
  'history-type': ['s'],
  'search-type': ['s'],
  'search-compartment': ['s'],
  include: ['s'],
  everything: ['r', 's'],
  lastn: ['s'],
  match: ['s'],
  validate: ['r'],
  // Of the record whose provenance is asked for.
  provenance: ['r'],
  meta: ['r'],
  create: ['c'],
  update: ['u'],
  // What these three answer with, and what a patch may test, is what is stored.
  patch: ['r', 'u'],
  'meta-add': ['r', 'u'],
  'meta-delete': ['r', 'u'],
  delete: ['d'],
  export: ['r', 's'],
  event: ['r'],
} as const satisfies Record<string, readonly Action[]>;

export type Interaction = keyof typeof actionsOfInteraction;

const purposesByCode: Readonly<Record<string, Purpose>> = {
  TREAT: 'direct-care',
  ETREAT: 'direct-care',
  BTG: 'direct-care',
  CAREMGT: 'direct-care',
  COC: 'direct-care',
  HOPERAT: 'care-administration',
  PATADMIN: 'care-administration',
  PATRQT: 'patient-access',
  FAMRQT: 'patient-access',
  PWATRNY: 'patient-access',
  HMGT: 'planning',
  HPAYMT: 'planning',
  HSYSADMIN: 'planning',
  PUBHLTH: 'planning',
  HQUALIMP: 'planning',
  HRESCH: 'research',
  CLINTRCH: 'research',
};

/** The purpose of a word of ours (`direct-care`, `directcare`) or a code of v3 PurposeOfUse (`TREAT`); undefined for any other. */
export function purposeOf(text: string): Purpose | undefined {
  if (Object.hasOwn(purposesByCode, text)) return purposesByCode[text];
  return purposes.find((purpose) => purpose === text || purpose.replace('-', '') === text);
}

/** The code of v3 PurposeOfUse that stands for a purpose in the audit trail; `purposeOf` reads it. */
export const codeOfPurpose = {
  'direct-care': 'TREAT',
  'care-administration': 'HOPERAT',
  'patient-access': 'PATRQT',
  planning: 'HMGT',
  research: 'HRESCH',
} as const satisfies Record<Purpose, string>;
