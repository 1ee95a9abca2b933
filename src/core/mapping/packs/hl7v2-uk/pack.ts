/** What HL7 v2 means in the NHS (HL72UK, NHS Data Model and Dictionary), as UK Core 2.0.0. */
import type { PackExtension } from '../../engine/pack.js';
import { ukAppointment, ukAppointmentTables } from './appointments.js';
import { attendanceRules, attendanceTables } from './attendance.js';
import { ukEncounter } from './encounter.js';
import { droppedPatientRules, patientMaps, patientTables } from './patient.js';
import { tables } from './tables.js';
import { ukVisitTables } from './tables/visits.js';

const profile = (name: string): string => `https://fhir.hl7.org.uk/StructureDefinition/UKCore-${name}`;
const extension = (name: string): string =>
  `https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-${name}`;

const PROFILED = [
  'AllergyIntolerance',
  'Appointment',
  'CarePlan',
  'CareTeam',
  'Condition',
  'DiagnosticReport',
  'DocumentReference',
  'Encounter',
  'Immunization',
  'Location',
  'MedicationAdministration',
  'MedicationDispense',
  'MedicationRequest',
  'Observation',
  'Organization',
  'Patient',
  'Practitioner',
  'PractitionerRole',
  'Procedure',
  'RelatedPerson',
  'ServiceRequest',
  'Specimen',
];

export const hl7v2Uk: PackExtension = {
  name: 'hl7v2-uk',
  version: '1.0.0',
  extends: 'hl7v2-base',
  dropped: droppedPatientRules,
  profiles: Object.fromEntries(PROFILED.map((name) => [name, profile(name)])),
  extensions: {
    EthnicCategory: extension('EthnicCategory'),
    AdmissionMethod: extension('AdmissionMethod'),
    DeliveryChannel: extension('DeliveryChannel'),
    DeathNotificationStatus: extension('DeathNotificationStatus'),
    DischargeMethod: extension('DischargeMethod'),
    OutcomeOfAttendance: extension('OutcomeOfAttendance'),
  },
  codeSystems: {
    DMD: 'https://dmd.nhs.uk',
    'DM+D': 'https://dmd.nhs.uk',
    READ: 'http://read.info/readv2',
    READ2: 'http://read.info/readv2',
    RC: 'http://read.info/readv2',
    CTV3: 'http://read.info/ctv3',
    RC3: 'http://read.info/ctv3',
    OPCS: 'https://fhir.hl7.org.uk/Id/opcs-4',
    OPCS4: 'https://fhir.hl7.org.uk/Id/opcs-4',
    'OPCS-4': 'https://fhir.hl7.org.uk/Id/opcs-4',
  },
  tables: { ...tables, ...patientTables, ...ukVisitTables, ...attendanceTables, ...ukAppointmentTables },
  maps: [
    ...patientMaps,
    { ...ukEncounter, rules: [...(ukEncounter.rules ?? []), ...attendanceRules] },
    ukAppointment,
  ],
  ignored: [
    {
      id: 'nhs-number-status',
      from: 'PID-32, ZU1-27',
      because: 'Trace status: the verification status of the NHS number, or of a number that is not there.',
    },
    {
      id: 'zu3-3-seen',
      from: 'ZU3-3',
      because: 'The patient was seen, or is still to come: the event says so.',
      when: 'ZU3-3 in 0, 5, 6',
    },
  ],
};
