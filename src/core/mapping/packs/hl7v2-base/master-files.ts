/** MFE, STF, PRA, ORG and LOC: the master files of staff (M02) and places (M05). Others have no maps. */
import type { IgnoredFields, ResourceMap, Rule } from '../../engine/pack.js';

/** The event outranks the flag: a record that is taken out of use may still carry that it is active. */
const activeRules = (name: string): readonly Rule[] => [
  { id: `${name}-ended`, to: 'active', using: 'constant(false)', when: 'MFE-1 in MDC, MDL' },
  { id: `${name}-7-active`, from: 'STF-7', to: 'active', using: 'flag(StaffActive)' },
  { id: `${name}-active`, to: 'active', using: 'masterActive' },
];

const WORK = 'contactPoint(TelecomUse, TelecomSystem, work)';

const practitioner: ResourceMap = {
  id: 'stf-practitioner',
  segment: 'STF',
  resource: 'Practitioner',
  identity: 'staffMember',
  mode: 'merge',
  rules: [
    { id: 'stf-2-identifier', from: 'STF-2[*]', to: 'identifier[+]', using: 'staffIdentifier' },
    { id: 'pra-6-identifier', from: 'PRA-6[*]', to: 'identifier[+]', using: 'staffIdentifier' },
    { id: 'stf-1-identifier', from: 'STF-1', to: 'identifier[+]', using: 'staffIdentifier' },
    ...activeRules('stf'),
    { id: 'stf-3-name', from: 'STF-3[*]', to: 'name[+]', using: 'humanName(NameUse)' },
    { id: 'stf-10-telecom', from: 'STF-10[*]', to: 'telecom[+]', using: WORK },
    {
      id: 'stf-15-email',
      from: 'STF-15[*]',
      to: 'telecom[+]',
      using: 'contactPoint(TelecomUse, TelecomSystem, work)',
    },
    {
      id: 'stf-11-address',
      from: 'STF-11[*]',
      to: 'address[+]',
      using: 'address(AddressUse, AddressType, uk)',
    },
    { id: 'stf-5-gender', from: 'STF-5', to: 'gender', using: 'code(AdministrativeSex)' },
    { id: 'stf-6-birth-date', from: 'STF-6', to: 'birthDate', using: 'date' },
  ],
};

const role: ResourceMap = {
  id: 'stf-role',
  segment: 'STF',
  resource: 'PractitionerRole',
  identity: 'staffRole',
  mode: 'merge',
  when: 'PRA-3 valued or PRA-5 valued or PRA-9 valued or STF-8 valued or STF-9 valued or STF-18 valued or STF-19 valued',
  rules: [
    ...activeRules('stf-role'),
    { id: 'stf-12-start', from: 'STF-12.1', to: 'period.start', using: 'dateTime' },
    { id: 'stf-13-end', from: 'STF-13.1', to: 'period.end', using: 'dateTime' },
    { id: 'stf-role-practitioner', to: 'practitioner', using: 'masterRecord(Practitioner)' },
    { id: 'pra-9-institution', from: 'PRA-9', to: 'organization', using: 'organisation' },
    { id: 'stf-8-department', from: 'STF-8', to: 'organization', using: 'unit' },
    { id: 'pra-2-group', from: 'PRA-2', to: 'organization', using: 'unit' },
    { id: 'pra-3-category', from: 'PRA-3[*]', to: 'code[+]', using: 'concept' },
    { id: 'stf-4-type', from: 'STF-4[*]', to: 'code[+]', using: 'concept' },
    { id: 'stf-19-job', from: 'STF-19', to: 'code[+]', using: 'concept' },
    { id: 'stf-18-job-title', from: 'STF-18', to: 'code[+]', using: 'textConcept' },
    { id: 'pra-5-specialty', from: 'PRA-5[*]', to: 'specialty[+]', using: 'specialtyOf(HospitalService)' },
    { id: 'stf-9-service', from: 'STF-9[*]', to: 'specialty[+]', using: 'conceptBy(HospitalService)' },
  ],
};

const unitRole: ResourceMap = {
  id: 'org-role',
  segment: 'ORG',
  resource: 'PractitionerRole',
  identity: 'unitRole',
  mode: 'merge',
  rules: [
    { id: 'org-ended', to: 'active', using: 'constant(false)', when: 'MFE-1 in MDC, MDL' },
    { id: 'org-active', to: 'active', using: 'masterActive' },
    { id: 'org-5-identifier', from: 'ORG-5', to: 'identifier[+]', using: 'identifier(staff)' },
    { id: 'org-9-start', from: 'ORG-9.1', to: 'period.start', using: 'dateTime' },
    { id: 'org-9-end', from: 'ORG-9.2', to: 'period.end', using: 'dateTime' },
    { id: 'org-practitioner', to: 'practitioner', using: 'masterRecord(Practitioner)' },
    { id: 'org-2-unit', from: 'ORG-2', to: 'organization', using: 'unit' },
    { id: 'org-4-unit', from: 'ORG-4', to: 'organization', using: 'unit' },
    { id: 'org-6-type', from: 'ORG-6', to: 'code[+]', using: 'concept' },
    { id: 'org-7-classification', from: 'ORG-7', to: 'code[+]', using: 'concept' },
    { id: 'org-8-specialty', from: 'ORG-8[*]', to: 'specialty[+]', using: 'conceptBy(HospitalService)' },
  ],
};

const place: ResourceMap = {
  id: 'loc-location',
  segment: 'LOC',
  resource: 'Location',
  identity: 'place',
  mode: 'merge',
  rules: [
    { id: 'loc-1-identifier', from: 'LOC-1', to: 'identifier[+]', using: 'placeIdentifier' },
    { id: 'loc-ended', to: 'status', using: 'constant(inactive)', when: 'MFE-1 in MDC, MDL' },
    { id: 'ldp-6-status', from: 'LDP(*)-6', to: 'status', using: 'codeIfKnown(DepartmentStatus)' },
    { id: 'loc-status', to: 'status', using: 'masterActive(active, inactive)' },
    { id: 'loc-1-name', from: 'LOC-1', to: 'name', using: 'placeName' },
    { id: 'loc-2-description', from: 'LOC-2', to: 'description', using: 'text' },
    { id: 'loc-1-description', from: 'LOC-1.9', to: 'description', using: 'text' },
    { id: 'loc-mode', to: 'mode', using: 'constant(instance)' },
    { id: 'loc-3-type', from: 'LOC-3[*]', to: 'type[+]', using: 'concept' },
    { id: 'ldp-2-department', from: 'LDP(*)-2', to: 'type[+]', using: 'concept' },
    { id: 'ldp-3-service', from: 'LDP(*)-3[*]', to: 'type[+]', using: 'conceptBy(HospitalService)' },
    { id: 'ldp-4-specialty', from: 'LDP(*)-4[*]', to: 'type[+]', using: 'conceptBy(HospitalService)' },
    { id: 'loc-6-telecom', from: 'LOC-6[*]', to: 'telecom[+]', using: WORK },
    { id: 'ldp-11-telecom', from: 'LDP(*)-11', to: 'telecom[+]', using: WORK },
    { id: 'loc-5-address', from: 'LOC-5', to: 'address', using: 'address(AddressUse, AddressType, uk)' },
    { id: 'loc-1-physical-type', from: 'LOC-1', to: 'physicalType', using: 'placeType' },
    { id: 'loc-4-organisation', from: 'LOC-4', to: 'managingOrganization', using: 'organisation' },
    { id: 'loc-owner', to: 'managingOrganization', using: 'owner' },
    { id: 'loc-1-ward', from: 'LOC-1', to: 'partOf', using: 'placeParent' },
  ],
};

export const masterFileMaps: readonly ResourceMap[] = [practitioner, role, unitRole, place];

export const ignoredMasterFiles: readonly IgnoredFields[] = [
  {
    id: 'mfi-file',
    from: 'MFI-1, MFI-2, MFI-3, MFI-4, MFI-5, MFI-6',
    because: 'Says which file it is and how to answer.',
  },
  {
    id: 'mfe-event',
    from: 'MFE-1, MFE-2, MFE-3, MFE-4, MFE-5',
    because: 'What happened to the record, which the segments below it name: decides whether it is in use.',
  },
  {
    id: 'master-keys',
    from: 'PRA-1, ORG-1, LCH-1, LDP-1, LRL-1',
    because: 'Repeats the key of the record above.',
  },
];
