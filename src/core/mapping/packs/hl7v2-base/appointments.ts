/** SCH with AIS, AIG, AIL and AIP: appointments. */
import type { IgnoredFields, ResourceMap, Rule } from '../../engine/pack.js';

const ENDS = 'S15, S16, S26';

/** The event outranks a status that the sender did not change; a more exact status of the same kind outranks the event. */
const statusRules: readonly Rule[] = [
  { id: 'siu-deleted', to: 'status', using: 'constant(entered-in-error)', when: 'event in S17' },
  {
    id: 'sch-25-ended',
    from: 'SCH-25',
    to: 'status',
    using: 'codeIfKnown(AppointmentEnded)',
    when: `event in ${ENDS}`,
  },
  { id: 'siu-cancelled', to: 'status', using: 'constant(cancelled)', when: 'event in S15, S16' },
  { id: 'siu-missed', to: 'status', using: 'constant(noshow)', when: 'event in S26' },
  { id: 'sch-25-status', from: 'SCH-25', to: 'status', using: 'code(AppointmentStatus)' },
  { id: 'ais-10-status', to: 'status', using: 'serviceStatus(AppointmentStatus)', when: 'SCH-25 empty' },
  // A status that nobody understands says no more than that something was asked for.
  { id: 'siu-booked', to: 'status', using: 'constant(booked)', when: 'event in S12, S13' },
  // A change without a status leaves the state as it was: what is cancelled stays so.
  {
    id: 'siu-unknown',
    to: 'status',
    using: 'constant(pending)',
    when: 'SCH-25 valued or event not in S14, S18, S19, S20, S21, S22',
  },
];

const timeRules: readonly Rule[] = [
  { id: 'sch-start', to: 'start', using: 'appointmentTime(start)' },
  { id: 'sch-end', to: 'end', using: 'appointmentTime(end)' },
  { id: 'sch-start-unknown', to: '_start', using: 'absentTime(start)' },
  { id: 'sch-end-unknown', to: '_end', using: 'absentTime(end)' },
  { id: 'sch-9-duration', from: 'SCH-9', to: 'minutesDuration', using: 'minutesDuration(10)' },
  { id: 'sch-11-day', from: 'SCH-11.4', to: 'requestedPeriod[0].start', using: 'requestedDay' },
  { id: 'tq1-7-day', from: 'TQ1-7', to: 'requestedPeriod[0].start', using: 'requestedDay' },
];

const ENTERER = 'enterer, http://terminology.hl7.org/CodeSystem/provenance-participant-type';
const RESOURCE = 'appointmentResource(NameUse, ParticipationStatus)';

const participantRules: readonly Rule[] = [
  { id: 'sch-patient', to: 'participant[+]', using: 'appointmentPatient' },
  {
    id: 'sch-12-placer-contact',
    from: 'SCH-12[*]',
    to: 'participant[+]',
    using: 'appointmentContact(NameUse, placer contact)',
  },
  {
    id: 'sch-16-filler-contact',
    from: 'SCH-16[*]',
    to: 'participant[+]',
    using: 'appointmentContact(NameUse, filler contact)',
  },
  {
    id: 'sch-20-enterer',
    from: 'SCH-20[*]',
    to: 'participant[+]',
    using: `appointmentContact(NameUse, ${ENTERER})`,
  },
  { id: 'aip-participant', from: 'AIP(*)-3[*]', to: 'participant[+]', using: RESOURCE },
  {
    id: 'aip-4-role',
    from: 'AIP(*)',
    to: 'participant[+]',
    using: RESOURCE,
    when: 'AIP-3 empty and AIP-3.2 empty',
  },
  { id: 'ail-participant', from: 'AIL(*)-3[*]', to: 'participant[+]', using: RESOURCE },
  { id: 'aig-participant', from: 'AIG(*)-3[*]', to: 'participant[+]', using: RESOURCE },
  {
    id: 'aig-4-type',
    from: 'AIG(*)',
    to: 'participant[+]',
    using: RESOURCE,
    when: 'AIG-3 empty and AIG-3.2 empty',
  },
];

export const appointmentMaps: readonly ResourceMap[] = [
  {
    id: 'sch-appointment',
    segment: 'SCH',
    resource: 'Appointment',
    identity: 'appointment',
    mode: 'merge',
    rules: [
      { id: 'sch-1-placer', from: 'SCH-1', to: 'identifier[+]', using: 'entityIdentifier(visit, PLAC)' },
      { id: 'sch-2-filler', from: 'SCH-2', to: 'identifier[+]', using: 'entityIdentifier(visit, FILL)' },
      { id: 'sch-4-group', from: 'SCH-4', to: 'identifier[+]', using: 'entityIdentifier(visit, PGN)' },
      ...statusRules,
      {
        id: 'sch-6-cancelled',
        from: 'SCH-6',
        to: 'cancelationReason',
        using: 'concept',
        when: `event in ${ENDS}`,
      },
      {
        id: 'ais-3-service',
        from: 'AIS(*)-3',
        to: 'serviceType[+]',
        using: 'concept',
        when: 'AIS-2 not in D',
      },
      { id: 'pv1-10-specialty', to: 'specialty[+]', using: 'visitSpecialty(HospitalService)' },
      {
        id: 'sch-8-type',
        from: 'SCH-8',
        to: 'appointmentType',
        using: 'conceptBy(AppointmentType)',
      },
      {
        id: 'sch-7-type',
        from: 'SCH-7',
        to: 'appointmentType',
        using: 'conceptBy(AppointmentType)',
        when: 'SCH-7.3 in HL70277',
      },
      {
        id: 'sch-7-reason',
        from: 'SCH-7',
        to: 'reasonCode[+]',
        using: 'conceptBy(AppointmentReason)',
        when: 'SCH-7.3 not in HL70277',
      },
      { id: 'sch-7-description', from: 'SCH-7.2', to: 'description', using: 'text' },
      {
        id: 'sch-6-description',
        from: 'SCH-6.2',
        to: 'description',
        using: 'text',
        when: `event not in ${ENDS}`,
      },
      {
        id: 'sch-6-event-reason',
        from: 'SCH-6',
        to: 'description',
        using: 'text',
        when: `SCH-6.2 empty and event not in ${ENDS}`,
      },
      ...timeRules,
      { id: 'sch-comment', to: 'comment', using: 'appointmentNotes' },
      { id: 'sch-26-order', from: 'SCH-26[*]', to: 'basedOn[+]', using: 'orderReference(PLAC)' },
      { id: 'sch-27-order', from: 'SCH-27[*]', to: 'basedOn[+]', using: 'orderReference(FILL)' },
      ...participantRules,
    ],
  },
];

export const ignoredAppointments: readonly IgnoredFields[] = [
  { id: 'sch-3-occurrence', from: 'SCH-3', because: 'Which occurrence of a series it is: part of the id.' },
  {
    id: 'sch-contact-details',
    from: 'SCH-13, SCH-14, SCH-15, SCH-17, SCH-18, SCH-19, SCH-21, SCH-22',
    because: 'How to reach the staff who arranged the appointment; an appointment has no place for it.',
  },
  { id: 'sch-set-id', from: 'AIS-1, AIG-1, AIL-1, AIP-1, RGS-1', because: 'Counts segments.' },
  {
    id: 'sch-action',
    from: 'AIS-2, AIG-2, AIL-2, AIP-2, RGS-2',
    because: 'What the sender changed; the appointment is taken as the message states it.',
  },
  {
    id: 'ais-10-single',
    from: 'AIS-10',
    because: 'The status of one service, where the appointment as a whole has another.',
  },
  {
    id: 'ais-times',
    from: 'AIS-4, AIS-5, AIS-6, AIS-7, AIS-8',
    because:
      'When the service is; the appointment begins and ends with it where it states no times of its own.',
  },
];
