/** DG1 and AL1. */
import type { ResourceMap } from '../../engine/pack.js';

export const clinicalMaps: readonly ResourceMap[] = [
  {
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
      {
        id: 'dg1-category',
        to: 'category[+]',
        using: 'conceptOf(http://terminology.hl7.org/CodeSystem/condition-category, encounter-diagnosis)',
      },
      { id: 'dg1-3-code', from: 'DG1-3', to: 'code', using: 'concept' },
      { id: 'dg1-4-text', from: 'DG1-4', to: 'code.text', using: 'text' },
      { id: 'dg1-subject', from: 'PID', to: 'subject', using: 'reference(Patient)' },
      { id: 'dg1-encounter', from: 'PV1', to: 'encounter', using: 'reference(Encounter)' },
      { id: 'dg1-5-onset', from: 'DG1-5', to: 'onsetDateTime', using: 'dateTime' },
      { id: 'dg1-19-recorded', from: 'DG1-19', to: 'recordedDate', using: 'dateTime' },
      { id: 'dg1-16-asserter', from: 'DG1-16', to: 'asserter', using: 'practitioner(NameUse)' },
    ],
  },
  {
    id: 'al1-allergy',
    segment: 'AL1',
    resource: 'AllergyIntolerance',
    identity: 'allergy',
    mode: 'merge',
    rules: [
      {
        id: 'al1-active',
        to: 'clinicalStatus',
        using: 'conceptOf(http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical, active)',
      },
      { id: 'al1-2-type', from: 'AL1-2', to: 'type', using: 'codeIfKnown(AllergyType)' },
      { id: 'al1-2-category', from: 'AL1-2', to: 'category[+]', using: 'codeIfKnown(AllergyCategory)' },
      { id: 'al1-4-criticality', from: 'AL1-4', to: 'criticality', using: 'codeIfKnown(AllergyCriticality)' },
      { id: 'al1-3-code', from: 'AL1-3', to: 'code', using: 'concept' },
      { id: 'al1-patient', from: 'PID', to: 'patient', using: 'reference(Patient)' },
      { id: 'al1-6-onset', from: 'AL1-6', to: 'onsetDateTime', using: 'dateTime' },
      { id: 'al1-5-reaction', from: 'AL1-5[*]', to: 'reaction[+]', using: 'reaction(ReactionSeverity)' },
    ],
  },
];
