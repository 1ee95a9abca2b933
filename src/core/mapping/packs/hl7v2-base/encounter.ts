/** PV1 and PV2. */
import type { ResourceMap } from '../../engine/pack.js';

export const encounterMaps: readonly ResourceMap[] = [
  {
    id: 'pv1-encounter',
    segment: 'PV1',
    resource: 'Encounter',
    identity: 'visit',
    mode: 'merge',
    modeByMessage: { ORU: 'create' },
    cumulative: ['identifier', 'participant', 'diagnosis', 'location'],
    snapshot: { keeps: ['status', 'class'] },
    // A merge of patients moves no visit: the visit stays with the patient under whom it was recorded.
    when: 'event not in A18, A34, A39, A40',
    rules: [
      { id: 'pv1-19-visit-number', from: 'PV1-19', to: 'identifier[+]', using: 'identifier(visit, VN)' },
      { id: 'pv1-50-alternate-visit', from: 'PV1-50', to: 'identifier[+]', using: 'identifier(visit, VN)' },
      // An event that states a running visit and its end at once tells of one that is over. Updates such as A08 state
      // no status at all: what they carry may be the end of a visit that was cancelled.
      {
        id: 'pv1-45-status',
        to: 'status',
        using: 'constant(finished)',
        when: 'PV1-45 valued and event in A01, A02, A04, A06, A07, A09, A10, A15, A21, A22 and message in ADT',
      },
      {
        id: 'pv1-2-pre-admission-status',
        to: 'status',
        using: 'constant(planned)',
        when: 'PV1-2 in P and event in A01, A04',
      },
      // Events without a row, such as the update A08, leave the stored status as it is: the record layer gives a new
      // Encounter the status that `completeNewRecord` derives.
      { id: 'msh-9-status', from: 'MSH-9.2', to: 'status', using: 'codeIfKnown(EncounterStatusByEvent)' },
      // Before version 2.3.1 some senders named the event in EVN-1 only.
      {
        id: 'evn-1-status',
        from: 'EVN-1',
        to: 'status',
        using: 'codeIfKnown(EncounterStatusByEvent)',
        when: 'MSH-9.2 empty',
      },
      { id: 'pv1-2-class', from: 'PV1-2', to: 'class', using: 'codingBy(PatientClass)' },
      { id: 'pv1-4-type', from: 'PV1-4', to: 'type[+]', using: 'conceptBy(AdmissionType)' },
      { id: 'pv1-10-service', from: 'PV1-10', to: 'serviceType', using: 'conceptBy(HospitalService)' },
      { id: 'pv1-subject', from: 'PID', to: 'subject', using: 'reference(Patient)' },
      {
        id: 'pv1-7-attending',
        from: 'PV1-7[*]',
        to: 'participant[+]',
        using: 'participant(NameUse, ATND, attender)',
      },
      {
        id: 'pv1-8-referring',
        from: 'PV1-8[*]',
        to: 'participant[+]',
        using: 'participant(NameUse, REF, referrer)',
      },
      {
        id: 'pv1-9-consulting',
        from: 'PV1-9[*]',
        to: 'participant[+]',
        using: 'participant(NameUse, CON, consultant)',
      },
      {
        id: 'pv1-17-admitting',
        from: 'PV1-17[*]',
        to: 'participant[+]',
        using: 'participant(NameUse, ADM, admitter)',
      },
      { id: 'pv1-44-start', from: 'PV1-44', to: 'period.start', using: 'dateTime' },
      { id: 'pv1-45-end', from: 'PV1-45', to: 'period.end', using: 'dateTime', when: 'event not in A13' },
      { id: 'pv1-45-reopened', to: 'period.end', using: 'remove', when: 'event in A13' },
      { id: 'pv2-3-reason', from: 'PV2-3', to: 'reasonCode[+]', using: 'concept' },
      { id: 'pv1-diagnosis', from: 'DG1(*)', to: 'diagnosis[+]', using: 'diagnosis(DiagnosisRole)' },
      {
        id: 'pv1-14-admit-source',
        from: 'PV1-14',
        to: 'hospitalization.admitSource',
        using: 'conceptBy(AdmitSource)',
      },
      {
        id: 'pv1-36-discharge-destination',
        from: 'PV1-36',
        to: 'hospitalization.dischargeDisposition',
        using: 'conceptBy(DischargeDisposition)',
      },
      {
        id: 'pv1-36-reopened',
        to: 'hospitalization.dischargeDisposition',
        using: 'remove',
        when: 'event in A13 and PV1-36 empty',
      },
      {
        id: 'pv1-3-location',
        from: 'PV1-3',
        to: 'location[+]',
        using: 'encounterLocation(active)',
        when: 'PV1-2 not in P',
      },
      {
        id: 'pv1-3-planned-location',
        from: 'PV1-3',
        to: 'location[+]',
        using: 'encounterLocation(planned)',
        when: 'PV1-2 in P',
      },
      { id: 'pv1-6-prior-location', from: 'PV1-6', to: 'location[+]', using: 'encounterLocation(completed)' },
      { id: 'pv1-service-provider', to: 'serviceProvider', using: 'owner' },
    ],
  },
];
