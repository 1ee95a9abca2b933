/** PID, PD1 and MRG. */
import type { ResourceMap } from '../../engine/pack.js';

export const patientMaps: readonly ResourceMap[] = [
  {
    id: 'pid-patient',
    segment: 'PID',
    resource: 'Patient',
    identity: 'patient',
    mode: 'merge',
    // A result is no authority on who the person is: it makes a Patient only where there is none.
    modeByMessage: { ORU: 'create' },
    cumulative: ['identifier', 'generalPractitioner', 'link'],
    rules: [
      {
        id: 'pid-3-identifier',
        from: 'PID-3[*]',
        to: 'identifier[+]',
        using: 'patientIdentifier(NhsNumberStatus, IdentifierType)',
      },
      {
        id: 'pid-2-identifier',
        from: 'PID-2[*]',
        to: 'identifier[+]',
        using: 'otherIdentifier(IdentifierType)',
      },
      {
        id: 'pid-4-identifier',
        from: 'PID-4[*]',
        to: 'identifier[+]',
        using: 'otherIdentifier(IdentifierType)',
      },
      { id: 'pid-active', to: 'active', using: 'constant(true)' },
      { id: 'pid-5-name', from: 'PID-5[*]', to: 'name[+]', using: 'humanName(NameUse, official)' },
      { id: 'pid-9-alias', from: 'PID-9[*]', to: 'name[+]', using: 'humanName(NameUse)' },
      {
        id: 'pid-13-telecom',
        from: 'PID-13[*]',
        to: 'telecom[+]',
        using: 'contactPoint(TelecomUse, TelecomSystem, home)',
      },
      {
        id: 'pid-14-telecom',
        from: 'PID-14[*]',
        to: 'telecom[+]',
        using: 'contactPoint(TelecomUse, TelecomSystem, work)',
      },
      {
        id: 'pid-40-telecom',
        from: 'PID-40[*]',
        to: 'telecom[+]',
        using: 'contactPoint(TelecomUse, TelecomSystem)',
      },
      { id: 'pid-8-gender', from: 'PID-8', to: 'gender', using: 'code(AdministrativeSex)' },
      { id: 'pid-7-birth-date', from: 'PID-7', to: 'birthDate', using: 'date' },
      {
        id: 'pid-7-birth-time',
        from: 'PID-7',
        to: '_birthDate.extension(BirthTime).valueDateTime',
        using: 'birthTime',
      },
      { id: 'pid-29-deceased', from: 'PID-29', to: 'deceasedDateTime', using: 'dateTime' },
      {
        id: 'pid-30-deceased',
        from: 'PID-30',
        to: 'deceasedBoolean',
        using: 'flag(YesNo)',
        when: 'PID-29 empty',
      },
      {
        id: 'pid-11-address',
        from: 'PID-11[*]',
        to: 'address[+]',
        using: 'address(AddressUse, AddressType)',
      },
      { id: 'pid-16-marital-status', from: 'PID-16', to: 'maritalStatus', using: 'conceptBy(MaritalStatus)' },
      { id: 'pid-25-birth-order', from: 'PID-25', to: 'multipleBirthInteger', using: 'positiveInt' },
      {
        id: 'pid-24-multiple-birth',
        from: 'PID-24',
        to: 'multipleBirthBoolean',
        using: 'flag(YesNo)',
        when: 'PID-25 empty',
      },
      { id: 'pd1-3-practice', from: 'PD1-3[*]', to: 'generalPractitioner[+]', using: 'organisation' },
      { id: 'pd1-4-doctor', from: 'PD1-4[*]', to: 'generalPractitioner[+]', using: 'practitioner(NameUse)' },
      { id: 'pid-managing-organisation', to: 'managingOrganization', using: 'owner' },
      {
        id: 'mrg-1-replaces',
        from: 'MRG-1',
        to: 'link[+]',
        using: 'mergeLink(replaces)',
        when: 'event in A18, A34, A39, A40',
      },
    ],
  },
  {
    id: 'mrg-prior-patient',
    segment: 'MRG',
    resource: 'Patient',
    identity: 'priorPatient',
    mode: 'link',
    when: 'event in A18, A34, A39, A40',
    rules: [
      { id: 'mrg-inactive', to: 'active', using: 'constant(false)' },
      { id: 'mrg-1-replaced-by', from: 'MRG-1', to: 'link[+]', using: 'mergeLink(replaced-by)' },
    ],
  },
];
