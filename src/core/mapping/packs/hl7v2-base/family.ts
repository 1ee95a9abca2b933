/** NK1, GT1 and the mother of PID-21. */
import type { ResourceMap } from '../../engine/pack.js';
import { createdInPassing } from './modes.js';

const NAME = 'humanName(NameUse)';
const ADDRESS = 'address(AddressUse, AddressType)';
const TELECOM = 'contactPoint(TelecomUse, TelecomSystem)';

const relative: ResourceMap = {
  id: 'nk1-related-person',
  segment: 'NK1',
  resource: 'RelatedPerson',
  identity: 'relative',
  mode: 'merge',
  modeByMessage: createdInPassing,
  rules: [
    {
      id: 'nk1-33-identifier',
      from: 'NK1-33[*]',
      to: 'identifier[+]',
      using: 'personIdentifier(IdentifierType)',
    },
    {
      id: 'nk1-12-identifier',
      from: 'NK1-12',
      to: 'identifier[+]',
      using: 'personIdentifier(IdentifierType)',
    },
    {
      id: 'nk1-37-identifier',
      from: 'NK1-37',
      to: 'identifier[+]',
      using: 'typedIdentifier(SS, http://hl7.org/fhir/sid/us-ssn)',
    },
    { id: 'nk1-patient', from: 'PID', to: 'patient', using: 'reference(Patient)' },
    { id: 'nk1-3-relationship', from: 'NK1-3', to: 'relationship[+]', using: 'conceptBy(Relationship)' },
    { id: 'nk1-7-role', from: 'NK1-7', to: 'relationship[+]', using: 'conceptBy(ContactRole)' },
    { id: 'nk1-2-name', from: 'NK1-2[*]', to: 'name[+]', using: NAME },
    { id: 'nk1-30-contact-name', from: 'NK1-30[*]', to: 'name[+]', using: NAME },
    {
      id: 'nk1-5-telecom',
      from: 'NK1-5[*]',
      to: 'telecom[+]',
      using: 'contactPoint(TelecomUse, TelecomSystem, home)',
    },
    {
      id: 'nk1-6-telecom',
      from: 'NK1-6[*]',
      to: 'telecom[+]',
      using: 'contactPoint(TelecomUse, TelecomSystem, work)',
    },
    { id: 'nk1-31-telecom', from: 'NK1-31[*]', to: 'telecom[+]', using: TELECOM },
    { id: 'nk1-40-telecom', from: 'NK1-40[*]', to: 'telecom[+]', using: TELECOM },
    { id: 'nk1-41-telecom', from: 'NK1-41[*]', to: 'telecom[+]', using: TELECOM },
    { id: 'nk1-15-gender', from: 'NK1-15', to: 'gender', using: 'code(AdministrativeSex)' },
    { id: 'nk1-16-birth-date', from: 'NK1-16', to: 'birthDate', using: 'date' },
    { id: 'nk1-4-address', from: 'NK1-4[*]', to: 'address[+]', using: ADDRESS },
    { id: 'nk1-32-address', from: 'NK1-32[*]', to: 'address[+]', using: ADDRESS },
    { id: 'nk1-8-start', from: 'NK1-8', to: 'period.start', using: 'dateTime' },
    { id: 'nk1-9-end', from: 'NK1-9', to: 'period.end', using: 'dateTime' },
    {
      id: 'nk1-20-language',
      from: 'NK1-20',
      to: 'communication[+]',
      using: 'communication(HumanLanguage)',
    },
  ],
};

const mother: ResourceMap = {
  id: 'pid-mother',
  segment: 'PID',
  resource: 'RelatedPerson',
  identity: 'mother',
  mode: 'merge',
  modeByMessage: createdInPassing,
  rules: [
    {
      id: 'pid-21-mother',
      from: 'PID-21[*]',
      to: 'identifier[+]',
      using: 'personIdentifier(IdentifierType)',
    },
    { id: 'pid-mother-patient', from: 'PID', to: 'patient', using: 'reference(Patient)' },
    {
      id: 'pid-mother-relationship',
      to: 'relationship[+]',
      using: 'conceptOf(http://terminology.hl7.org/CodeSystem/v3-RoleCode, MTH)',
    },
  ],
};

const guarantor: ResourceMap = {
  id: 'gt1-related-person',
  segment: 'GT1',
  resource: 'RelatedPerson',
  identity: 'guarantor',
  mode: 'merge',
  rules: [
    {
      id: 'gt1-2-identifier',
      from: 'GT1-2[*]',
      to: 'identifier[+]',
      using: 'personIdentifier(IdentifierType)',
    },
    {
      id: 'gt1-12-identifier',
      from: 'GT1-12',
      to: 'identifier[+]',
      using: 'typedIdentifier(SS, http://hl7.org/fhir/sid/us-ssn)',
    },
    { id: 'gt1-patient', from: 'PID', to: 'patient', using: 'reference(Patient)' },
    { id: 'gt1-11-relationship', from: 'GT1-11', to: 'relationship[+]', using: 'conceptBy(Relationship)' },
    {
      id: 'gt1-role',
      to: 'relationship[+]',
      using: 'conceptOf(http://terminology.hl7.org/CodeSystem/v3-RoleClass, GUAR)',
    },
    { id: 'gt1-3-name', from: 'GT1-3[*]', to: 'name[+]', using: NAME },
    {
      id: 'gt1-6-telecom',
      from: 'GT1-6[*]',
      to: 'telecom[+]',
      using: 'contactPoint(TelecomUse, TelecomSystem, home)',
    },
    {
      id: 'gt1-7-telecom',
      from: 'GT1-7[*]',
      to: 'telecom[+]',
      using: 'contactPoint(TelecomUse, TelecomSystem, work)',
    },
    { id: 'gt1-9-gender', from: 'GT1-9', to: 'gender', using: 'code(AdministrativeSex)' },
    { id: 'gt1-8-birth-date', from: 'GT1-8', to: 'birthDate', using: 'date' },
    { id: 'gt1-5-address', from: 'GT1-5[*]', to: 'address[+]', using: ADDRESS },
    { id: 'gt1-13-start', from: 'GT1-13', to: 'period.start', using: 'dateTime' },
    { id: 'gt1-14-end', from: 'GT1-14', to: 'period.end', using: 'dateTime' },
  ],
};

export const familyMaps: readonly ResourceMap[] = [relative, mother, guarantor];
