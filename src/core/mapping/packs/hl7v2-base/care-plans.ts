/** PRB, GOL and PTH (HL7 v2.5.1 chapter 12): problem lists, goals and pathways. */
import type { IgnoredFields, ResourceMap } from '../../engine/pack.js';

const VERIFICATION = 'http://terminology.hl7.org/CodeSystem/condition-ver-status';
const CLINICAL = 'http://terminology.hl7.org/CodeSystem/condition-clinical';

const problem: ResourceMap = {
  id: 'prb-condition',
  segment: 'PRB',
  resource: 'Condition',
  identity: 'problem',
  mode: 'merge',
  rules: [
    { id: 'prb-4-identifier', from: 'PRB-4', to: 'identifier[+]', using: 'entityIdentifier(visit)' },
    // A problem that was deleted was never one: FHIR allows it no clinical status (R4 con-5).
    {
      id: 'prb-1-deleted',
      to: 'verificationStatus',
      using: `conceptOf(${VERIFICATION}, entered-in-error)`,
      when: 'PRB-1 in DE',
    },
    { id: 'prb-1-deleted-status', to: 'clinicalStatus', using: 'remove', when: 'PRB-1 in DE' },
    {
      id: 'prb-13-confirmation',
      from: 'PRB-13',
      to: 'verificationStatus',
      using: 'conceptIfKnown(ProblemVerification)',
    },
    { id: 'prb-restated', to: 'verificationStatus', using: 'remove(coding[code=entered-in-error])' },
    // What ended is not active, whatever PRB-14 says (R4 con-4).
    {
      id: 'prb-14-ended',
      from: 'PRB-14',
      to: 'clinicalStatus',
      using: 'conceptIfKnown(ProblemEnded)',
      when: 'PRB-1 not in DE and PRB-9 valued',
      deletes: [],
    },
    {
      id: 'prb-9-resolved',
      from: 'PRB-9',
      to: 'clinicalStatus',
      using: `conceptIfTime(${CLINICAL}, resolved)`,
      when: 'PRB-1 not in DE',
      deletes: [],
    },
    {
      id: 'prb-14-status',
      from: 'PRB-14',
      to: 'clinicalStatus',
      using: 'conceptIfKnown(ProblemStatus)',
      when: 'PRB-1 not in DE',
    },
    // Other messages say nothing about it: what is stored stays.
    {
      id: 'prb-1-added',
      to: 'clinicalStatus',
      using: `conceptOf(${CLINICAL}, active)`,
      when: 'PRB-1 in AD and PRB-14 empty',
    },
    {
      id: 'prb-category',
      to: 'category[+]',
      using: 'conceptOf(http://terminology.hl7.org/CodeSystem/condition-category, problem-list-item)',
    },
    { id: 'prb-10-classification', from: 'PRB-10', to: 'category[+]', using: 'concept' },
    { id: 'prb-26-severity', from: 'PRB-26', to: 'severity', using: 'concept' },
    { id: 'prb-3-code', from: 'PRB-3', to: 'code', using: 'concept' },
    { id: 'prb-subject', from: 'PID', to: 'subject', using: 'reference(Patient)' },
    { id: 'prb-encounter', from: 'PV1', to: 'encounter', using: 'reference(Encounter)' },
    { id: 'prb-16-onset', from: 'PRB-16', to: 'onsetDateTime', using: 'dateTime' },
    { id: 'prb-17-onset', from: 'PRB-17', to: 'onsetString', using: 'text', when: 'PRB-16 empty' },
    // Nor does it have ended, which only a status could bear out (R4 con-4).
    { id: 'prb-1-deleted-end', to: 'abatementDateTime', using: 'remove', when: 'PRB-1 in DE' },
    {
      id: 'prb-9-abatement',
      from: 'PRB-9',
      to: 'abatementDateTime',
      using: 'dateTime',
      when: 'PRB-1 not in DE',
    },
    { id: 'prb-2-recorded', from: 'PRB-2', to: 'recordedDate', using: 'dateTime', when: 'PRB-1 in AD' },
    {
      id: 'prb-7-asserted',
      from: 'PRB-7',
      to: 'extension(AssertedDate).valueDateTime',
      using: 'dateTime',
    },
    {
      id: 'prb-rol-recorder',
      from: 'ROL(*)-4',
      to: 'recorder',
      using: 'practitioner(NameUse)',
      when: 'ROL-3 in EP, TR and ROL-2 not in DE',
    },
    {
      id: 'prb-rol-asserter',
      from: 'ROL(*)-4',
      to: 'asserter',
      using: 'practitioner(NameUse)',
      when: 'ROL-3 not in EP, TR and ROL-2 not in DE',
    },
    {
      id: 'prb-evidence',
      from: 'OBX(*)',
      to: 'evidence[0].detail[+]',
      using: 'reference(Observation)',
    },
    // A problem that somebody ruled out in words of their own must not read as one that stands.
    { id: 'prb-13-words', from: 'PRB-13', to: 'note[+]', using: 'conceptNote(ProblemVerification)' },
    { id: 'prb-17-note', from: 'PRB-17', to: 'note[+]', using: 'annotation', when: 'PRB-16 valued' },
    { id: 'prb-note', from: 'NTE(*)-3[*]', to: 'note[+]', using: 'annotation' },
    { id: 'prb-variance', from: 'VAR(*)-6[*]', to: 'note[+]', using: 'variance(NameUse)' },
  ],
};

const goal: ResourceMap = {
  id: 'gol-goal',
  segment: 'GOL',
  resource: 'Goal',
  identity: 'goal',
  mode: 'merge',
  rules: [
    { id: 'gol-4-identifier', from: 'GOL-4', to: 'identifier[+]', using: 'entityIdentifier(visit)' },
    { id: 'gol-1-deleted', to: 'lifecycleStatus', using: 'constant(entered-in-error)', when: 'GOL-1 in DE' },
    { id: 'gol-18-status', from: 'GOL-18', to: 'lifecycleStatus', using: 'code(GoalStatus)' },
    // A goal with a status that nobody understands is proposed at most.
    {
      id: 'gol-status-unknown',
      to: 'lifecycleStatus',
      using: 'constant(proposed)',
      when: 'GOL-18 valued',
    },
    // Other actions say nothing about it: what is stored stays.
    { id: 'gol-status', to: 'lifecycleStatus', using: 'constant(active)', when: 'GOL-1 in AD' },
    { id: 'gol-16-achievement', from: 'GOL-16', to: 'achievementStatus', using: 'concept' },
    { id: 'gol-9-category', from: 'GOL-9', to: 'category[+]', using: 'concept' },
    { id: 'gol-10-discipline', from: 'GOL-10[*]', to: 'category[+]', using: 'concept' },
    { id: 'gol-3-description', from: 'GOL-3', to: 'description', using: 'concept' },
    {
      id: 'gol-description-unknown',
      to: 'description.text',
      using: 'constant(Not stated)',
      when: 'GOL-3.1 empty and GOL-3.2 empty and GOL-3.4 empty',
    },
    { id: 'gol-subject', from: 'PID', to: 'subject', using: 'reference(Patient)' },
    { id: 'gol-7-start', from: 'GOL-7', to: 'startDate', using: 'date' },
    { id: 'gol-8-due', from: 'GOL-8', to: 'target[0].dueDate', using: 'date' },
    { id: 'gol-19-status-date', from: 'GOL-19', to: 'statusDate', using: 'date' },
    { id: 'gol-rol-expressed', from: 'ROL(*)-4', to: 'expressedBy', using: 'practitioner(NameUse)' },
    { id: 'gol-problems', to: 'addresses', using: 'planned(PRB, Condition)' },
    { id: 'gol-17-note', from: 'GOL-17[*]', to: 'note[+]', using: 'annotation' },
    { id: 'gol-note', from: 'NTE(*)-3[*]', to: 'note[+]', using: 'annotation' },
    { id: 'gol-variance', from: 'VAR(*)-6[*]', to: 'note[+]', using: 'variance(NameUse)' },
    { id: 'gol-outcome', from: 'OBX(*)', to: 'outcomeReference[+]', using: 'reference(Observation)' },
  ],
};

const pathway: ResourceMap = {
  id: 'pth-care-plan',
  segment: 'PTH',
  resource: 'CarePlan',
  identity: 'pathway',
  mode: 'merge',
  rules: [
    { id: 'pth-3-identifier', from: 'PTH-3', to: 'identifier[+]', using: 'entityIdentifier(visit)' },
    { id: 'pth-1-deleted', to: 'status', using: 'constant(entered-in-error)', when: 'PTH-1 in DE' },
    { id: 'pth-5-status', from: 'PTH-5', to: 'status', using: 'code(PathwayStatus)' },
    { id: 'pth-status-unknown', to: 'status', using: 'constant(unknown)', when: 'PTH-5 valued' },
    { id: 'pth-status', to: 'status', using: 'constant(active)', when: 'PTH-1 in AD' },
    { id: 'pth-intent', to: 'intent', using: 'constant(plan)' },
    { id: 'pth-2-category', from: 'PTH-2', to: 'category[+]', using: 'concept' },
    { id: 'pth-2-title', from: 'PTH-2', to: 'title', using: 'codedText' },
    { id: 'pth-subject', from: 'PID', to: 'subject', using: 'reference(Patient)' },
    { id: 'pth-encounter', from: 'PV1', to: 'encounter', using: 'reference(Encounter)' },
    { id: 'pth-4-start', from: 'PTH-4', to: 'period.start', using: 'dateTime' },
    { id: 'pth-rol-author', from: 'ROL(*)-4', to: 'author', using: 'practitioner(NameUse)' },
    { id: 'pth-problems', to: 'addresses', using: 'planned(PRB, Condition)' },
    { id: 'pth-goals', to: 'goal', using: 'planned(GOL, Goal)' },
    { id: 'pth-note', from: 'NTE(*)-3[*]', to: 'note[+]', using: 'annotation' },
    { id: 'pth-variance', from: 'VAR(*)-6[*]', to: 'note[+]', using: 'variance(NameUse)' },
  ],
};

export const carePlanMaps: readonly ResourceMap[] = [problem, goal, pathway];

export const ignoredCarePlans: readonly IgnoredFields[] = [
  {
    id: 'plan-action',
    from: 'PRB-1, PRB-2, GOL-1, GOL-2, PTH-1',
    because: 'What the sender did with its record and when: decides the status and is the time of the event.',
  },
];
