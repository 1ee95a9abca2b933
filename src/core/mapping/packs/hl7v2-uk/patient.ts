/** PID, PD1, MRG and those around the patient, as the NHS uses them. */
import type { PackExtension } from '../../engine/pack.js';
import { translated } from '../table.js';

const ADDRESS = 'address(AddressUse, AddressType, uk)';
const DEATH_STATUS =
  'deathNotice(deathNotificationStatus, https://fhir.hl7.org.uk/CodeSystem/UKCore-DeathNotificationStatus, 1, ' +
  'Informal - death notice received via an update from a local NHS Organisation such as GP or Trust)';

/** Rules of the base pack that do not hold here. */
export const droppedPatientRules: readonly string[] = ['pid-19-social-security-number'];

export const patientMaps: NonNullable<PackExtension['maps']> = [
  {
    id: 'pid-patient',
    rules: [
      {
        id: 'pid-3-identifier',
        from: 'PID-3[*]',
        to: 'identifier[+]',
        using: 'patientIdentifier(NhsNumberStatus, IdentifierType, MR)',
      },
      // Some senders use the field of the US social security number; what else stands there names no authority.
      { id: 'pid-19-nhs-number', from: 'PID-19', to: 'identifier[+]', using: 'nhsNumber' },
      { id: 'pid-19-other-number', from: 'PID-19', to: 'identifier[+]', using: 'typedIdentifier(SB)' },
      // British addresses have no states: XAD-4 is the county.
      {
        id: 'pid-11-address',
        from: 'PID-11[*]',
        to: 'address[+]',
        using: ADDRESS,
        deletes: ['address'],
      },
      {
        id: 'pid-17-religion',
        from: 'PID-17',
        to: 'extension(Religion).valueCodeableConcept',
        using: 'conceptBy(ReligionByName)',
      },
      {
        id: 'pid-22-ethnic-category',
        from: 'PID-22',
        to: 'extension(EthnicCategory).valueCodeableConcept',
        using: 'ethnicCategory(EthnicCategory)',
      },
      {
        id: 'pid-10-ethnic-category',
        from: 'PID-10',
        to: 'extension(EthnicCategory).valueCodeableConcept',
        using: 'ethnicCategory(EthnicCategory, named)',
      },
      // Who is not dead has no notice of death.
      {
        id: 'pid-29-deceased',
        from: 'PID-29',
        to: 'deceasedDateTime',
        using: 'dateTime',
        deletes: ['deceasedDateTime', 'extension(DeathNotificationStatus)'],
      },
      {
        id: 'pid-30-deceased',
        from: 'PID-30',
        to: 'deceasedBoolean',
        using: 'flag(YesNo)',
        when: 'PID-29 empty',
        deletes: ['deceasedBoolean', 'deceasedDateTime', 'extension(DeathNotificationStatus)'],
      },
      // A message of a trust is what UK Core calls an informal notice; the registrar's comes by other ways.
      {
        id: 'pid-29-death-notification',
        to: 'extension(DeathNotificationStatus).extension[0]',
        using: DEATH_STATUS,
      },
      // The S-flag of the Personal Demographics Service: nobody may learn where the person is. It stays until somebody
      // takes it back (""), whatever other systems leave out or send as their default.
      {
        id: 'zu8-4-location-hidden',
        from: 'ZU8(*)-4',
        to: 'meta.security[+]',
        using: 'securityLabel(LocationHiding)',
      },
      {
        id: 'pv1-16-patient-sensitivity',
        from: 'PV1-16',
        to: 'meta.security[+]',
        using: 'securityLabel(PatientSensitivity)',
        // What a visit takes back may have been asked for elsewhere, too: it lifts no protection of the person.
        deletes: [],
      },
      { id: 'nk1-contact', from: 'NK1(*)', to: 'contact[+]', using: 'contact(uk)' },
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
    id: 'nk1-related-person',
    rules: [
      { id: 'nk1-37-identifier', from: 'NK1-37', to: 'identifier[+]', using: 'typedIdentifier(SB)' },
      { id: 'nk1-4-address', from: 'NK1-4[*]', to: 'address[+]', using: ADDRESS },
      { id: 'nk1-32-address', from: 'NK1-32[*]', to: 'address[+]', using: ADDRESS },
    ],
  },
  {
    id: 'gt1-related-person',
    rules: [
      { id: 'gt1-12-identifier', from: 'GT1-12', to: 'identifier[+]', using: 'typedIdentifier(SB)' },
      { id: 'gt1-5-address', from: 'GT1-5[*]', to: 'address[+]', using: ADDRESS },
    ],
  },
  {
    id: 'in1-insured',
    rules: [{ id: 'in1-19-insured-address', from: 'IN1-19[*]', to: 'address[+]', using: ADDRESS }],
  },
];

export const patientTables: NonNullable<PackExtension['tables']> = {
  /** ZU8-4: 2 is the S-flag. */
  LocationHiding: translated('http://terminology.hl7.org/CodeSystem/v3-Confidentiality', {
    '2': ['R', 'restricted'],
  }),
};
