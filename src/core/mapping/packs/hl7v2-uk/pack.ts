/** What HL7 v2 means in the NHS (HL72UK, NHS Data Model and Dictionary), as UK Core 2.0.0. */
import type { PackExtension } from '../../engine/pack.js';
import { tables } from './tables.js';

const profile = (name: string): string => `https://fhir.hl7.org.uk/StructureDefinition/UKCore-${name}`;
const extension = (name: string): string =>
  `https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-${name}`;

const PROFILED = [
  'AllergyIntolerance',
  'Condition',
  'DiagnosticReport',
  'Encounter',
  'Location',
  'Observation',
  'Organization',
  'Patient',
  'Practitioner',
  'PractitionerRole',
];

export const hl7v2Uk: PackExtension = {
  name: 'hl7v2-uk',
  version: '1.0.0',
  extends: 'hl7v2-base',
  profiles: Object.fromEntries(PROFILED.map((name) => [name, profile(name)])),
  extensions: {
    EthnicCategory: extension('EthnicCategory'),
    AdmissionMethod: extension('AdmissionMethod'),
  },
  codeSystems: {
    DMD: 'https://dmd.nhs.uk',
    READ: 'http://read.info/readv2',
    READ2: 'http://read.info/readv2',
    RC: 'http://read.info/readv2',
    CTV3: 'http://read.info/ctv3',
    RC3: 'http://read.info/ctv3',
  },
  tables,
  maps: [
    {
      id: 'pid-patient',
      rules: [
        {
          id: 'pid-3-identifier',
          from: 'PID-3[*]',
          to: 'identifier[+]',
          using: 'patientIdentifier(NhsNumberStatus, IdentifierType, MR)',
        },
        // Some senders use the field of the US social security number.
        { id: 'pid-19-nhs-number', from: 'PID-19', to: 'identifier[+]', using: 'nhsNumber' },
        // British addresses have no states: XAD-4 is the county.
        {
          id: 'pid-11-address',
          from: 'PID-11[*]',
          to: 'address[+]',
          using: 'address(AddressUse, AddressType, uk)',
        },
        {
          id: 'pid-22-ethnic-category',
          from: 'PID-22',
          to: 'extension(EthnicCategory).valueCodeableConcept',
          using: 'conceptBy(EthnicCategory)',
        },
      ],
    },
    {
      id: 'mrg-prior-patient',
      rules: [
        {
          id: 'mrg-1-identifier',
          from: 'MRG-1[*]',
          to: 'identifier[+]',
          using: 'patientIdentifier(NhsNumberStatus, IdentifierType, MR)',
        },
      ],
    },
    {
      id: 'pv1-encounter',
      rules: [
        {
          id: 'pv1-2-pre-admission-status',
          to: 'status',
          using: 'constant(planned)',
          when: 'PV1-2 in P, W and event in A01, A04, A05',
        },
        // The NHS sends the admission method here; other codes (table 0007) stay the type of the encounter.
        {
          id: 'pv1-4-admission-method',
          from: 'PV1-4',
          to: 'hospitalization.extension(AdmissionMethod).valueCodeableConcept',
          using: 'conceptIfKnown(AdmissionMethod)',
        },
        {
          id: 'pv1-4-type',
          from: 'PV1-4',
          to: 'type[+]',
          using: 'conceptBy(AdmissionType)',
          when: 'PV1-4 not in 11, 12, 13, 21, 22, 23, 24, 25, 28, 2A, 2B, 2C, 2D, 31, 32, 81, 82, 83, 98, 99',
        },
      ],
    },
  ],
  ignored: [
    {
      id: 'nhs-number-status',
      from: 'PID-32, ZU1-27',
      because: 'Trace status: the verification status of the NHS number, or of a number that is not there.',
    },
  ],
};
