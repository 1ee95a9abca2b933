/** DG1 and DB1. */
import type { ResourceMap } from '../../engine/pack.js';
import { createdInPassing } from './modes.js';

const diagnosis: ResourceMap = {
  id: 'dg1-condition',
  segment: 'DG1',
  resource: 'Condition',
  identity: 'diagnosis',
  mode: 'merge',
  rules: [
    { id: 'dg1-20-identifier', from: 'DG1-20', to: 'identifier[+]', using: 'entityIdentifier(visit)' },
    {
      id: 'dg1-21-deleted',
      from: 'DG1-21',
      to: 'verificationStatus',
      using: 'conceptIfKnown(DiagnosisDeleted)',
    },
    {
      id: 'dg1-6-certainty',
      from: 'DG1-6',
      to: 'verificationStatus',
      using: 'conceptIfKnown(DiagnosisCertainty)',
    },
    // A diagnosis that was deleted and is stated again is one again.
    { id: 'dg1-restated', to: 'verificationStatus', using: 'remove(coding[code=entered-in-error])' },
    {
      id: 'dg1-category',
      to: 'category[+]',
      using: 'conceptOf(http://terminology.hl7.org/CodeSystem/condition-category, encounter-diagnosis)',
    },
    {
      id: 'dg1-17-classification',
      from: 'DG1-17',
      to: 'category[+]',
      using: 'conceptBy(DiagnosisClassification)',
    },
    { id: 'dg1-3-code', from: 'DG1-3', to: 'code', using: 'concept(2)' },
    { id: 'dg1-4-text', from: 'DG1-4', to: 'code.text', using: 'text' },
    { id: 'dg1-subject', from: 'PID', to: 'subject', using: 'reference(Patient)' },
    { id: 'dg1-encounter', from: 'PV1', to: 'encounter', using: 'reference(Encounter)' },
    { id: 'dg1-5-onset', from: 'DG1-5', to: 'onsetDateTime', using: 'dateTime' },
    { id: 'dg1-19-recorded', from: 'DG1-19', to: 'recordedDate', using: 'dateTime' },
    {
      id: 'dg1-19-asserted',
      from: 'DG1-19',
      to: 'extension(AssertedDate).valueDateTime',
      using: 'dateTime',
    },
    { id: 'dg1-16-asserter', from: 'DG1-16', to: 'asserter', using: 'practitioner(NameUse)' },
    {
      id: 'dg1-22-due-to',
      from: 'DG1-22',
      to: 'extension(DueTo).valueReference',
      using: 'numberedReference(Condition, visit)',
    },
    {
      id: 'dg1-18-confidential',
      from: 'DG1-18',
      to: 'meta.security[0]',
      using: 'securityLabel(ConfidentialDiagnosis)',
    },
    { id: 'dg1-note', from: 'NTE(*)-3[*]', to: 'note[+]', using: 'annotation' },
  ],
};

/**
 * DB1 answers whether the person is disabled and for how long; it names no condition, so it is an observation, which
 * can also say no.
 */
const disability: ResourceMap = {
  id: 'db1-disability',
  segment: 'DB1',
  resource: 'Observation',
  identity: 'disability',
  mode: 'merge',
  // DB1 of a guarantor or of the insured is not about the patient.
  when: 'DB1-2 in PT or DB1-2 empty',
  rules: [
    { id: 'db1-status', to: 'status', using: 'constant(final)' },
    {
      id: 'db1-category',
      to: 'category[+]',
      using: 'conceptOf(http://terminology.hl7.org/CodeSystem/observation-category, social-history)',
    },
    { id: 'db1-code', to: 'code', using: 'conceptOf(http://snomed.info/sct, 21134002, Disability)' },
    { id: 'db1-subject', from: 'PID', to: 'subject', using: 'reference(Patient)' },
    { id: 'db1-5-start', from: 'DB1-5', to: 'effectivePeriod.start', using: 'dateTime' },
    { id: 'db1-6-end', from: 'DB1-6', to: 'effectivePeriod.end', using: 'dateTime' },
    { id: 'db1-4-disabled', from: 'DB1-4', to: 'valueBoolean', using: 'flag(YesNo)' },
  ],
};

/** What the patient has laid down, each as an observation about them. */
const livingWill: ResourceMap = {
  id: 'pd1-living-will',
  segment: 'PD1',
  resource: 'Observation',
  identity: 'livingWill',
  mode: 'merge',
  modeByMessage: createdInPassing,
  when: 'PD1-7 valued',
  rules: [
    { id: 'pd1-7-status', to: 'status', using: 'constant(final)' },
    { id: 'pd1-7-code', to: 'code', using: 'conceptOf(http://loinc.org, 75320-2, Advance directive)' },
    { id: 'pd1-7-subject', from: 'PID', to: 'subject', using: 'reference(Patient)' },
    { id: 'pd1-7-living-will', from: 'PD1-7', to: 'valueCodeableConcept', using: 'conceptBy(LivingWill)' },
  ],
};

const advanceDirective: ResourceMap = {
  id: 'pd1-advance-directive',
  segment: 'PD1',
  resource: 'Observation',
  identity: 'advanceDirective',
  mode: 'merge',
  modeByMessage: createdInPassing,
  when: 'PD1-15 valued',
  rules: [
    { id: 'pd1-15-status', to: 'status', using: 'constant(final)' },
    { id: 'pd1-15-code', to: 'code', using: 'conceptOf(http://loinc.org, 75320-2, Advance directive)' },
    { id: 'pd1-15-subject', from: 'PID', to: 'subject', using: 'reference(Patient)' },
    {
      id: 'pd1-15-directive',
      from: 'PD1-15',
      to: 'valueCodeableConcept',
      using: 'conceptBy(AdvanceDirective)',
      when: 'PD1-15[2] empty',
    },
    { id: 'pd1-15-one', to: 'component', using: 'remove', when: 'PD1-15[2] empty' },
    // Several are components of one: the first alone would hide that there is another.
    {
      id: 'pd1-15-directives',
      from: 'PD1-15[*]',
      to: 'component[+]',
      using: 'conceptComponent(AdvanceDirective, http://loinc.org, 75320-2, Advance directive)',
      when: 'PD1-15[2] valued',
    },
    { id: 'pd1-15-several', to: 'valueCodeableConcept', using: 'remove', when: 'PD1-15[2] valued' },
  ],
};

/** What is taken back ("") must not be read as something that holds. */
const withdrawn = (field: 7 | 15, name: string, identity: string): ResourceMap => ({
  id: `pd1-${name}-withdrawn`,
  segment: 'PD1',
  resource: 'Observation',
  identity,
  mode: 'merge',
  when: 'message in ADT',
  rules: [
    { id: `pd1-${field}-withdrawn`, to: 'status', using: 'constant(entered-in-error)' },
    {
      id: `pd1-${field}-withdrawn-code`,
      to: 'code',
      using: 'conceptOf(http://loinc.org, 75320-2, Advance directive)',
    },
    { id: `pd1-${field}-withdrawn-subject`, from: 'PID', to: 'subject', using: 'reference(Patient)' },
    {
      id: `pd1-${field}-withdrawn-value`,
      from: `PD1-${field}`,
      to: 'valueCodeableConcept',
      using: 'concept',
      deletes: ['valueCodeableConcept', 'component'],
    },
  ],
});

export const clinicalMaps: readonly ResourceMap[] = [
  diagnosis,
  disability,
  livingWill,
  advanceDirective,
  withdrawn(7, 'living-will', 'withdrawnLivingWill'),
  withdrawn(15, 'advance-directive', 'withdrawnDirective'),
];
