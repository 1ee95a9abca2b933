/** PV1 and PV2. */
import type { ResourceMap, Rule } from '../../engine/pack.js';
import { formerVisitRules } from './merges.js';
import { createdInPassing } from './modes.js';

/**
 * An event that states a running visit and its end at once tells of one that is over. Updates such as A08 state no
 * status at all: what they carry may be the end of a visit that was cancelled.
 */
const RUNNING = 'A01, A02, A04, A06, A07, A09, A10, A22';

/**
 * Events whose PV1-45 is no end of the visit: of a discharge that is taken back (A13, A25), pending (A15, A16) or of
 * a leave of absence (A21, A52).
 */
const WITHOUT_END = 'A13, A15, A16, A21, A25, A52';

const statusRules: readonly Rule[] = [
  // HL72UK, ATTENDED OR DID NOT ATTEND: cancelled by the patient (2) or the provider (4), did not attend (3), came too late
  // to be seen (7). Whoever was not seen had no visit, whatever event registers it.
  {
    id: 'zu3-3-not-seen',
    from: 'ZU3-3',
    to: 'status',
    using: 'constant(cancelled)',
    when: 'ZU3-3 in 2, 3, 4, 7 and message in ADT and event not in A11, A23, A27, A38',
  },
  {
    id: 'pv1-45-status',
    to: 'status',
    using: 'constant(finished)',
    when: `PV1-45 valued and event in ${RUNNING} and message in ADT`,
  },
  {
    id: 'pv1-2-pre-admission-status',
    to: 'status',
    using: 'constant(planned)',
    when: 'PV1-2 in P and event in A01, A04',
  },
  // Events without a row, such as the update A08, leave the stored status as it is: the record layer gives a new
  // Encounter the status that `completeRecord` derives.
  { id: 'msh-9-status', from: 'MSH-9.2', to: 'status', using: 'codeIfKnown(EncounterStatusByEvent)' },
  // Before version 2.3.1 some senders named the event in EVN-1 only.
  {
    id: 'evn-1-status',
    from: 'EVN-1',
    to: 'status',
    using: 'codeIfKnown(EncounterStatusByEvent)',
    when: 'MSH-9.2 empty',
  },
];

/** What `""` deletes: those who have the role of the field. */
const itsRole = (code: string): string => `participant[type.0.coding.0.code=${code}]`;

const participantRules: readonly Rule[] = [
  {
    id: 'pv1-7-attending',
    from: 'PV1-7[*]',
    to: 'participant[+]',
    using: 'participant(NameUse, ATND, attender)',
    deletes: [itsRole('ATND')],
  },
  {
    id: 'pv1-8-referring',
    from: 'PV1-8[*]',
    to: 'participant[+]',
    using: 'participant(NameUse, REF, referrer)',
    deletes: [itsRole('REF')],
  },
  {
    id: 'pv1-9-consulting',
    from: 'PV1-9[*]',
    to: 'participant[+]',
    using: 'participant(NameUse, CON, consultant)',
    deletes: [itsRole('CON')],
  },
  {
    id: 'pv1-17-admitting',
    from: 'PV1-17[*]',
    to: 'participant[+]',
    using: 'participant(NameUse, ADM, admitter)',
    deletes: [itsRole('ADM')],
  },
  {
    id: 'pv1-52-other-provider',
    from: 'PV1-52[*]',
    to: 'participant[+]',
    using: 'participant(NameUse, PART, Participation)',
    deletes: [itsRole('PART')],
  },
  {
    id: 'pv2-13-referral-source',
    from: 'PV2-13[*]',
    to: 'participant[+]',
    using: 'participant(NameUse, REF, referrer)',
    deletes: [itsRole('REF')],
    when: 'PV1-8 empty',
  },
  {
    id: 'rol-participant',
    from: 'ROL(*)-4[*]',
    to: 'participant[+]',
    using: 'roleParticipant(NameUse, ProviderRole)',
  },
  {
    id: 'prt-participant',
    from: 'PRT(*)-5[*]',
    to: 'participant[+]',
    using: 'roleParticipant(NameUse, ParticipationRole)',
  },
];

const periodRules: readonly Rule[] = [
  { id: 'pv1-44-start', from: 'PV1-44', to: 'period.start', using: 'dateTime' },
  // The time at which the person was admitted or discharged, where the visit itself does not say.
  {
    id: 'evn-6-start',
    from: 'EVN-6',
    to: 'period.start',
    using: 'dateTime',
    when: 'event in A01, A04 and message in ADT and PV1-44 empty',
  },
  {
    id: 'pv1-45-end',
    from: 'PV1-45',
    to: 'period.end',
    using: 'dateTime',
    when: `event not in ${WITHOUT_END}`,
  },
  {
    id: 'evn-6-end',
    from: 'EVN-6',
    to: 'period.end',
    using: 'dateTime',
    when: 'event in A03 and message in ADT and PV1-45 empty',
  },
  { id: 'pv1-45-reopened', to: 'period.end', using: 'remove', when: 'event in A13' },
  {
    id: 'pv2-8-expected-start',
    from: 'PV2-8',
    to: 'extension(PlannedStart).valueDateTime',
    using: 'dateTime',
  },
  {
    id: 'pv2-9-expected-end',
    from: 'PV2-9',
    to: 'extension(PlannedEnd).valueDateTime',
    using: 'dateTime',
    when: 'event not in A25',
  },
  {
    id: 'pv1-45-pending-discharge',
    from: 'PV1-45',
    to: 'extension(PlannedEnd).valueDateTime',
    using: 'dateTime',
    when: 'event in A16',
  },
  {
    id: 'pv2-9-cancelled',
    to: 'extension(PlannedEnd)',
    using: 'removeExtension(PlannedEnd)',
    when: 'event in A25',
  },
  { id: 'pv2-11-length', from: 'PV2-11', to: 'length', using: 'days' },
];

const hospitalizationRules: readonly Rule[] = [
  {
    id: 'pv1-5-pre-admission',
    from: 'PV1-5',
    to: 'hospitalization.preAdmissionIdentifier',
    using: 'identifier(visit)',
  },
  {
    id: 'pv1-13-readmission',
    from: 'PV1-13',
    to: 'hospitalization.reAdmission',
    using: 'conceptBy(Readmission)',
  },
  {
    id: 'pv1-14-admit-source',
    from: 'PV1-14',
    to: 'hospitalization.admitSource',
    using: 'conceptBy(AdmitSource)',
  },
  {
    id: 'pv1-15-ambulatory-status',
    from: 'PV1-15[*]',
    to: 'hospitalization.specialArrangement[+]',
    using: 'conceptBy(AmbulatoryStatus)',
  },
  {
    id: 'pv1-16-vip',
    from: 'PV1-16',
    to: 'hospitalization.specialCourtesy[+]',
    using: 'conceptBy(VipIndicator)',
  },
  {
    id: 'pv1-36-discharge-destination',
    from: 'PV1-36',
    to: 'hospitalization.dischargeDisposition',
    using: 'conceptBy(DischargeDisposition)',
    when: 'event not in A13',
  },
  {
    id: 'pv1-36-reopened',
    to: 'hospitalization.dischargeDisposition',
    using: 'remove',
    when: 'event in A13',
  },
  {
    id: 'pv1-37-discharged-to',
    from: 'PV1-37',
    to: 'hospitalization.destination',
    using: 'dischargeDestination',
    when: 'event not in A13',
  },
  {
    id: 'pv1-37-reopened',
    to: 'hospitalization.destination',
    using: 'remove',
    when: 'event in A13',
  },
  { id: 'pv1-38-diet', from: 'PV1-38', to: 'hospitalization.dietPreference[+]', using: 'concept' },
];

/** What `""` in PV1-4 deletes: the types of its table, 0007. */
export const ADMISSION_TYPE = 'type[coding.0.system=http://terminology.hl7.org/CodeSystem/v2-0007]';

/** The first row that names a place says how it is used: the place where the patient is comes first. */
const locationRules: readonly Rule[] = [
  {
    id: 'pv1-3-location',
    from: 'PV1-3',
    to: 'location[+]',
    using: 'encounterLocation(assigned)',
    deletes: ['location[status=active]', 'location[status=planned]'],
  },
  // A cancelled transfer or movement: PV1-3 says where the patient is, and they never were at the other place.
  {
    id: 'pv1-6-cancelled-transfer',
    from: 'PV1-6',
    to: 'location[+]',
    using: 'removeLocation',
    when: 'event in A12',
  },
  {
    id: 'pv1-11-cancelled-movement',
    from: 'PV1-11',
    to: 'location[+]',
    using: 'removeLocation',
    when: 'event in A32, A33',
  },
  {
    id: 'pv1-42-cancelled-transfer',
    from: 'PV1-42',
    to: 'location[+]',
    using: 'removeLocation',
    when: 'event in A26',
  },
  {
    id: 'pv2-1-cancelled-transfer',
    from: 'PV2-1',
    to: 'location[+]',
    using: 'removeLocation',
    when: 'event in A26',
  },
  {
    id: 'pv1-11-temporary-location',
    from: 'PV1-11',
    to: 'location[+]',
    using: 'encounterLocation(temporary)',
    deletes: ['location[extension.0.valueCodeableConcept.text=temporary]'],
    when: 'event not in A32, A33',
  },
  {
    id: 'pv1-42-pending-location',
    from: 'PV1-42',
    to: 'location[+]',
    using: 'encounterLocation(reserved)',
    deletes: ['location[status=reserved]'],
    when: 'event not in A26',
  },
  {
    id: 'pv2-1-prior-pending-location',
    from: 'PV2-1',
    to: 'location[+]',
    using: 'encounterLocation(planned)',
    when: 'event not in A26',
  },
  {
    id: 'pv1-6-prior-location',
    from: 'PV1-6',
    to: 'location[+]',
    using: 'encounterLocation(completed)',
    when: 'event not in A12',
  },
  {
    id: 'pv1-43-prior-temporary-location',
    from: 'PV1-43',
    to: 'location[+]',
    using: 'encounterLocation(completed)',
  },
];

export const encounterMaps: readonly ResourceMap[] = [
  {
    id: 'pv1-encounter',
    segment: 'PV1',
    resource: 'Encounter',
    identity: 'visit',
    mode: 'merge',
    modeByMessage: createdInPassing,
    cumulative: ['identifier', 'participant', 'diagnosis', 'location', 'type'],
    snapshot: { keeps: ['status', 'class'] },
    // A merge of patients moves no visit: the visit stays with the patient under whom it was recorded. A29 deletes a
    // person, of whose visits it says nothing.
    when: 'event not in A18, A29, A30, A34, A36, A39, A40',
    rules: [
      { id: 'pv1-19-visit-number', from: 'PV1-19', to: 'identifier[+]', using: 'identifier(visit, VN)' },
      { id: 'pv1-50-alternate-visit', from: 'PV1-50', to: 'identifier[+]', using: 'identifier(visit, VN)' },
      ...formerVisitRules,
      ...statusRules,
      { id: 'pv1-2-class', from: 'PV1-2', to: 'class', using: 'codingBy(PatientClass)' },
      {
        id: 'pv1-4-type',
        from: 'PV1-4',
        to: 'type[+]',
        using: 'conceptBy(AdmissionType)',
        deletes: [ADMISSION_TYPE],
      },
      { id: 'pv1-18-type', from: 'PV1-18', to: 'type[+]', using: 'concept', deletes: ['type[rule]'] },
      {
        id: 'pv1-20-financial-class',
        from: 'PV1-20[*].1',
        to: 'type[+]',
        using: 'concept',
        deletes: ['type[rule]'],
      },
      { id: 'pv1-10-service', from: 'PV1-10', to: 'serviceType', using: 'conceptBy(HospitalService)' },
      { id: 'pv2-25-priority', from: 'PV2-25', to: 'priority', using: 'conceptBy(VisitPriority)' },
      { id: 'pv1-subject', from: 'PID', to: 'subject', using: 'reference(Patient)' },
      ...participantRules,
      ...periodRules,
      { id: 'pv2-3-reason', from: 'PV2-3', to: 'reasonCode[+]', using: 'concept' },
      { id: 'acc-2-accident', from: 'ACC-2', to: 'reasonCode[+]', using: 'concept' },
      { id: 'pv1-diagnosis', from: 'DG1(*)', to: 'diagnosis[+]', using: 'diagnosis(DiagnosisRole)' },
      ...hospitalizationRules,
      ...locationRules,
      {
        id: 'pv1-39-servicing-facility',
        from: 'PV1-39',
        to: 'serviceProvider',
        using: 'servicingFacility',
      },
      { id: 'pv1-service-provider', to: 'serviceProvider', using: 'owner' },
      { id: 'pv1-54-episode', from: 'PV1-54', to: 'episodeOfCare[+]', using: 'episodeOfCare(53)' },
      { id: 'pv2-12-description', from: 'PV2-12', to: 'text', using: 'narrative' },
      {
        id: 'pv2-22-protection',
        from: 'PV2-22',
        to: 'meta.security[+]',
        using: 'securityLabel(VisitProtection)',
      },
      {
        id: 'pv2-38-arrival',
        from: 'PV2-38',
        to: 'extension(ModeOfArrival).valueCoding',
        using: 'codingBy(ModeOfArrival)',
      },
    ],
  },
];
