/** ROL and PRT below a patient: general practitioners and care teams. Roles in a visit are with the visit. */
import type { ResourceMap, Rule } from '../../engine/pack.js';

/** Table 0443 and 0912: whoever has one of these roles is the patient's general practitioner. */
const GENERAL_PRACTITIONER = 'PP, FHCP, GP, PCP';

/** The general practitioners of a Patient. */
export const patientRoleRules: readonly Rule[] = [
  {
    id: 'rol-general-practitioner',
    from: 'ROL(*)-4[*]',
    to: 'generalPractitioner[+]',
    using: 'roleReference(NameUse, ProviderRole)',
    when: `ROL-3 in ${GENERAL_PRACTITIONER}`,
  },
  {
    id: 'prt-general-practitioner',
    from: 'PRT(*)-5[*]',
    to: 'generalPractitioner[+]',
    using: 'roleReference(NameUse, ParticipationRole)',
    when: `PRT-4 in ${GENERAL_PRACTITIONER}`,
  },
];

/** Others who look after the patient outside a visit. */
export const roleMaps: readonly ResourceMap[] = [
  {
    id: 'rol-care-team',
    segment: 'ROL',
    resource: 'CareTeam',
    identity: 'careTeam',
    mode: 'merge',
    when: `ROL-3 not in ${GENERAL_PRACTITIONER}`,
    rules: [
      { id: 'rol-1-identifier', from: 'ROL-1', to: 'identifier[+]', using: 'entityIdentifier(staff)' },
      { id: 'rol-2-status', from: 'ROL-2', to: 'status', using: 'codeIfKnown(RoleStatus)' },
      { id: 'rol-active', to: 'status', using: 'constant(active)' },
      { id: 'rol-subject', from: 'PID', to: 'subject', using: 'reference(Patient)' },
      {
        id: 'rol-4-member',
        from: 'ROL-4[*]',
        to: 'participant[+]',
        using: 'teamMember(NameUse, ProviderRole)',
      },
      {
        id: 'rol-14-member',
        from: 'ROL-14',
        to: 'participant[+]',
        using: 'teamOrganisation(NameUse, ProviderRole)',
        when: 'ROL-4 empty',
      },
      { id: 'rol-8-reason', from: 'ROL-8', to: 'reasonCode[+]', using: 'concept' },
      {
        id: 'rol-12-telecom',
        from: 'ROL-12[*]',
        to: 'telecom[+]',
        using: 'contactPoint(TelecomUse, TelecomSystem, work)',
      },
      {
        id: 'rol-12-number',
        from: 'ROL-12[*]',
        to: 'telecom[+]',
        using: 'numberBesideEmail(TelecomUse, work)',
      },
    ],
  },
  {
    id: 'prt-care-team',
    segment: 'PRT',
    resource: 'CareTeam',
    identity: 'careTeam',
    mode: 'merge',
    when: `PRT-4 not in ${GENERAL_PRACTITIONER}`,
    rules: [
      { id: 'prt-1-identifier', from: 'PRT-1', to: 'identifier[+]', using: 'entityIdentifier(staff)' },
      { id: 'prt-2-status', from: 'PRT-2', to: 'status', using: 'codeIfKnown(RoleStatus)' },
      { id: 'prt-active', to: 'status', using: 'constant(active)' },
      { id: 'prt-subject', from: 'PID', to: 'subject', using: 'reference(Patient)' },
      {
        id: 'prt-5-member',
        from: 'PRT-5[*]',
        to: 'participant[+]',
        using: 'teamMember(NameUse, ParticipationRole)',
      },
      {
        id: 'prt-8-member',
        from: 'PRT-8[*]',
        to: 'participant[+]',
        using: 'teamOrganisation(NameUse, ParticipationRole)',
        when: 'PRT-5 empty',
      },
      { id: 'prt-3-reason', from: 'PRT-3', to: 'reasonCode[+]', using: 'concept' },
      {
        id: 'prt-15-telecom',
        from: 'PRT-15[*]',
        to: 'telecom[+]',
        using: 'contactPoint(TelecomUse, TelecomSystem, work)',
      },
      {
        id: 'prt-15-number',
        from: 'PRT-15[*]',
        to: 'telecom[+]',
        using: 'numberBesideEmail(TelecomUse, work)',
      },
    ],
  },
];
