/** AL1 and IAM. */
import type { ResourceMap, Rule } from '../../engine/pack.js';

const CLINICAL = 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical';
const VERIFICATION = 'http://terminology.hl7.org/CodeSystem/allergyintolerance-verification';

/** Components of CWE by which an allergen may be named: codes and words. */
const NAMING = ['.1', '.2', '.4', '.5', '.9'];
const isUnnamed = (field: string): string => NAMING.map((part) => `${field}${part} empty`).join(' and ');

/** Fields that both segments have under the same numbers. */
const commonRules = (segment: 'AL1' | 'IAM'): Rule[] => {
  const name = segment.toLowerCase();
  return [
    {
      id: `${name}-2-category`,
      from: `${segment}-2`,
      to: 'category[+]',
      using: 'codeIfKnown(AllergyCategory)',
    },
    {
      id: `${name}-4-criticality`,
      from: `${segment}-4`,
      to: 'criticality',
      using: 'severity(AllergyCriticality)',
    },
    { id: `${name}-3-code`, from: `${segment}-3`, to: 'code', using: 'concept' },
    { id: `${name}-patient`, from: 'PID', to: 'patient', using: 'reference(Patient)' },
    {
      id: `${name}-5-reaction`,
      from: `${segment}-5[*]`,
      to: 'reaction[+]',
      using: 'reaction(ReactionSeverity)',
    },
    {
      id: `${name}-4-severity`,
      from: `${segment}-4`,
      to: 'note[+]',
      using: 'severityNote(ReactionSeverity)',
      deletes: ['note[rule]'],
    },
    { id: `${name}-note`, from: 'NTE(*)-3[*]', to: 'note[+]', using: 'annotation' },
  ];
};

/** An allergy that was in error and is stated again is one again: it may not stay hidden. */
const restated = (segment: 'al1' | 'iam', when?: string): Rule => ({
  id: `${segment}-restated`,
  to: 'verificationStatus',
  using: 'remove(coding[code=entered-in-error])',
  ...(when === undefined ? {} : { when }),
});

const allergies: readonly ResourceMap[] = [
  {
    id: 'al1-allergy',
    segment: 'AL1',
    resource: 'AllergyIntolerance',
    identity: 'allergy',
    each: 'AL1-3',
    mode: 'merge',
    rules: [
      { id: 'al1-active', to: 'clinicalStatus', using: `conceptOf(${CLINICAL}, active)` },
      restated('al1'),
      {
        id: 'al1-no-code',
        to: 'code.text',
        using: 'constant(Not stated)',
        when: isUnnamed('AL1-3'),
      },
      { id: 'al1-2-type', from: 'AL1-2', to: 'type', using: 'codeIfKnown(AllergyType)' },
      ...commonRules('AL1'),
      { id: 'al1-6-onset', from: 'AL1-6', to: 'onsetDateTime', using: 'dateTime' },
    ],
  },
  {
    id: 'iam-allergy',
    segment: 'IAM',
    resource: 'AllergyIntolerance',
    identity: 'allergy',
    each: 'IAM-3, IAM-27',
    mode: 'merge',
    rules: [
      { id: 'iam-7-identifier', from: 'IAM-7', to: 'identifier[+]', using: 'entityIdentifier(patient)' },
      // A record in error has no clinical status (FHIR R4 ait-2).
      { id: 'iam-17-error', to: 'clinicalStatus', using: 'remove', when: 'IAM-17 in E' },
      {
        id: 'iam-17-status',
        from: 'IAM-17',
        to: 'clinicalStatus',
        using: 'conceptIfKnown(AllergyClinicalStatus)',
        when: 'IAM-17 not in E',
      },
      // Deleted is not taken back: what somebody was allergic to stays to be seen.
      {
        id: 'iam-6-inactive',
        to: 'clinicalStatus',
        using: `conceptOf(${CLINICAL}, inactive)`,
        when: 'IAM-6 in D and IAM-17 not in E',
      },
      {
        id: 'iam-active',
        to: 'clinicalStatus',
        using: `conceptOf(${CLINICAL}, active)`,
        // X says that nothing has changed.
        when: 'IAM-17 not in E and IAM-6 not in X',
      },
      {
        id: 'iam-17-verification',
        from: 'IAM-17',
        to: 'verificationStatus',
        using: 'conceptIfKnown(AllergyVerification)',
      },
      restated('iam', 'IAM-6 not in X'),
      {
        id: 'iam-no-code',
        to: 'code.text',
        using: 'constant(Not stated)',
        when: `${isUnnamed('IAM-3')} and ${isUnnamed('IAM-27')}`,
      },
      { id: 'iam-9-type', from: 'IAM-9', to: 'type', using: 'codeIfKnown(SensitivityType)' },
      { id: 'iam-2-type', from: 'IAM-2', to: 'type', using: 'codeIfKnown(AllergyType)' },
      ...commonRules('IAM'),
      { id: 'iam-27-words', from: 'IAM-27', to: 'code', using: 'concept', when: isUnnamed('IAM-3') },
      {
        id: 'iam-27-code',
        from: 'IAM-27',
        to: 'code.coding[+]',
        using: 'sentCoding',
        when: NAMING.map((part) => `IAM-3${part} valued`).join(' or '),
      },
      { id: 'iam-11-onset', from: 'IAM-11', to: 'onsetDateTime', using: 'dateTime' },
      { id: 'iam-12-onset', from: 'IAM-12', to: 'onsetString', using: 'text', when: 'IAM-11 empty' },
      { id: 'iam-13-recorded', from: 'IAM-13', to: 'recordedDate', using: 'dateTime' },
      { id: 'iam-24-recorded', from: 'IAM-24', to: 'recordedDate', using: 'dateTime' },
      { id: 'iam-23-recorder', from: 'IAM-23', to: 'recorder', using: 'practitioner(NameUse)' },
      // The guide says recorder, which in FHIR is who wrote it down; who says so is the asserter.
      {
        id: 'iam-15-asserter',
        from: 'PID',
        to: 'asserter',
        using: 'reference(Patient)',
        when: 'IAM-15 in SEL',
      },
      {
        id: 'iam-14-asserter',
        from: 'IAM-14',
        to: 'asserter.display',
        using: 'nameText',
        when: 'IAM-15 not in SEL',
      },
    ],
  },
];

/** That somebody has no known allergies is a statement of its own, never an allergy to something. */
const negated = (segment: 'AL1' | 'IAM'): ResourceMap => {
  const name = segment.toLowerCase();
  return {
    id: `${name}-no-known-allergy`,
    segment,
    resource: 'AllergyIntolerance',
    identity: 'noKnownAllergy',
    each: `${segment}-3`,
    mode: 'merge',
    rules: [
      {
        id: `${name}-none-error`,
        to: 'verificationStatus',
        using: `conceptOf(${VERIFICATION}, entered-in-error)`,
        when: 'IAM-17 in E or IAM-6 in D',
      },
      {
        id: `${name}-none-active`,
        to: 'clinicalStatus',
        using: `conceptOf(${CLINICAL}, active)`,
        when: 'IAM-17 not in E and IAM-6 not in D',
      },
      {
        id: `${name}-none-taken-back`,
        to: 'clinicalStatus',
        using: 'remove',
        when: 'IAM-17 in E or IAM-6 in D',
      },
      {
        id: `${name}-none-confirmed`,
        to: 'verificationStatus',
        using: `conceptOf(${VERIFICATION}, confirmed)`,
      },
      {
        id: `${name}-2-none-category`,
        from: `${segment}-2`,
        to: 'category[+]',
        using: 'codeIfKnown(AllergyCategory)',
      },
      { id: `${name}-3-none`, from: `${segment}-3`, to: 'code', using: 'noKnownAllergy' },
      { id: `${name}-none-patient`, from: 'PID', to: 'patient', using: 'reference(Patient)' },
      {
        id: `${name}-none-recorded`,
        from: segment === 'AL1' ? 'AL1-6' : 'IAM-13',
        to: 'recordedDate',
        using: 'dateTime',
      },
    ],
  };
};

export const allergyMaps: readonly ResourceMap[] = [...allergies, negated('AL1'), negated('IAM')];
