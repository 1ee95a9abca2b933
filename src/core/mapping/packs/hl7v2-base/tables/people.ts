/** Tables about people: relationships, religion, living will, donation and confidentiality. */
import type { Pack } from '../../../engine/pack.js';
import { codesOf, translated } from '../../table.js';

const ROLE_CODES = 'http://terminology.hl7.org/CodeSystem/v3-RoleCode';
const CONTACT_ROLES = 'http://terminology.hl7.org/CodeSystem/v2-0131';
const RELIGIONS = 'http://terminology.hl7.org/CodeSystem/v3-ReligiousAffiliation';
const SUBSCRIBER = 'http://terminology.hl7.org/CodeSystem/subscriber-relationship';
const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';

const SPOUSE = ['SPS', 'spouse'] as const;
const SON = ['SONC', 'son'] as const;
const DAUGHTER = ['DAUC', 'daughter'] as const;

/** Table 0063 with the words that senders write instead (ours). */
const relationship = {
  ...translated(ROLE_CODES, {
    BRO: ['BRO', 'brother'],
    BROTHER: ['BRO', 'brother'],
    CHD: ['CHILD', 'child'],
    CHILD: ['CHILD', 'child'],
    DAUGHTER: DAUGHTER,
    DOM: ['SIGOTHR', 'significant other'],
    EXF: ['EXT', 'extended family member'],
    FATHER: ['FTH', 'father'],
    FCH: ['CHLDFOST', 'foster child'],
    FND: ['FRND', 'unrelated friend'],
    FRIEND: ['FRND', 'unrelated friend'],
    FTH: ['FTH', 'father'],
    GCH: ['GRNDCHILD', 'grandchild'],
    GRP: ['GRPRN', 'grandparent'],
    HUSBAND: ['HUSB', 'husband'],
    MOTHER: ['MTH', 'mother'],
    MTH: ['MTH', 'mother'],
    NCH: ['NCHILD', 'natural child'],
    NEIGHBOUR: ['NBOR', 'neighbor'],
    PAR: ['PRN', 'parent'],
    PARENT: ['PRN', 'parent'],
    PARTNER: ['SIGOTHR', 'significant other'],
    SCH: ['STPCHLD', 'step child'],
    SEL: ['ONESELF', 'self'],
    SELF: ['ONESELF', 'self'],
    SIB: ['SIB', 'sibling'],
    SIS: ['SIS', 'sister'],
    SISTER: ['SIS', 'sister'],
    SON: SON,
    SPO: SPOUSE,
    SPOUSE: SPOUSE,
    WIFE: ['WIFE', 'wife'],
  }),
  ...translated(CONTACT_ROLES, {
    EMC: ['C', 'Emergency Contact'],
    EMR: ['E', 'Employer'],
    OTH: ['O', 'Other'],
    UNK: ['U', 'Unknown'],
    'NEXT OF KIN': ['N', 'Next-of-Kin'],
    NOK: ['N', 'Next-of-Kin'],
  }),
  ...codesOf('http://terminology.hl7.org/CodeSystem/v2-0063', {
    ASC: 'Associate',
    CGV: 'Care giver',
    DEP: 'Handicapped dependent',
    EME: 'Employee',
    GRD: 'Guardian',
    MGR: 'Manager',
    NON: 'None',
    OAD: 'Other adult',
    OWN: 'Owner',
    TRA: 'Trainer',
    WRD: 'Ward of court',
  }),
};

/** Table 0131 with the words that senders write instead (ours). */
const contactRole = translated(CONTACT_ROLES, {
  C: ['C', 'Emergency Contact'],
  CP: ['CP', 'Contact person'],
  E: ['E', 'Employer'],
  EC: ['C', 'Emergency Contact'],
  EMERGENCY: ['C', 'Emergency Contact'],
  'EMERGENCY CONTACT': ['C', 'Emergency Contact'],
  F: ['F', 'Federal Agency'],
  I: ['I', 'Insurance Company'],
  N: ['N', 'Next-of-Kin'],
  'NEXT OF KIN': ['N', 'Next-of-Kin'],
  NK: ['N', 'Next-of-Kin'],
  NOK: ['N', 'Next-of-Kin'],
  O: ['O', 'Other'],
  S: ['S', 'State Agency'],
  U: ['U', 'Unknown'],
});

/** Table 0006 as far as the guide translates it; codes of one letter were those of version 2.2. */
const RELIGION_LETTERS = {
  A: '1007',
  B: '1009',
  E: '1069',
  J: '1026',
  L: '1028',
  M: '1027',
  N: '1020',
  P: '1077',
};
const RELIGION_CODES = `
AGN 1004 ANG 1005 AOG 1061 ATH 1007 BAH 1008 BAP 1009 BMA 1029 BRE 1062 BTH 1051 CAT 1041 CHR 1013 CHS 1063 CNF 1014
COC 1064 COG 1065 COL 1066 CRR 1079 DOC 1067 EOT 1068 EPI 1069 FRQ 1071 FUL 1072 HOT 1020 HSH 1020 HVA 1020 JAI 1024
JWN 1025 LUT 1028 MET 1073 MOM 1027 MOS 1023 MSH 1045 MSU 1049 NAM 1074 NAZ 1075 ORT 1036 PEN 1038 PRC 1078 PRE 1076
PRO 1077 QUA 1071 REC 1079 SAA 1080 SEV 1001 SHN 1046 SIK 1047 SPI 1048 UCC 1082 UNI 1052 UNU 1081
`;
const religionCodes = Object.fromEntries(
  RELIGION_CODES.trim()
    .split('\n')
    .flatMap((line) => line.match(/\w{3} \d{4}/g) ?? [])
    .map((pair) => [pair.slice(0, 3), pair.slice(4)]),
);
const religionsOf = (codes: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(codes).map(([sent, code]) => [sent, { system: RELIGIONS, code }]));

export const peopleTables: Pack['tables'] = {
  Relationship: relationship,
  ContactRole: contactRole,
  Religion: religionsOf({ ...RELIGION_LETTERS, ...religionCodes }),
  /** Without the letters, which mean other religions in Britain: M is no Mormon and N no Hindu. */
  ReligionByName: religionsOf(religionCodes),
  /** Table 0315. */
  LivingWill: codesOf('http://terminology.hl7.org/CodeSystem/v2-0315', {
    F: 'Yes, patient has a living will but it is not on file',
    I: 'No, patient does not have a living will but information was provided',
    N: 'No, patient does not have a living will and no information was provided',
    U: 'Unknown',
    Y: 'Yes, patient has a living will',
  }),
  /** Table 0435. */
  AdvanceDirective: codesOf('http://terminology.hl7.org/CodeSystem/v2-0435', { DNR: 'Do not resuscitate' }),
  /** Table 0316: whether the person has agreed; P, R and U leave it open. */
  OrganDonor: { F: 'true', I: 'false', N: 'false', Y: 'true' },
  /** PD1-12: Y says that the record may not be shared freely. */
  ProtectionIndicator: translated(CONFIDENTIALITY, { Y: ['R', 'restricted'] }),
  /** Table 0063 as Coverage.relationship takes it; 18 and 01 are those of X12. */
  SubscriberRelationship: translated(SUBSCRIBER, {
    '01': ['spouse', 'Spouse'],
    '18': ['self', 'Self'],
    CHD: ['child', 'Child'],
    CHILD: ['child', 'Child'],
    DAUGHTER: ['child', 'Child'],
    DOM: ['common', 'Common Law Spouse'],
    FATHER: ['parent', 'Parent'],
    FCH: ['child', 'Child'],
    FTH: ['parent', 'Parent'],
    MOTHER: ['parent', 'Parent'],
    MTH: ['parent', 'Parent'],
    NCH: ['child', 'Child'],
    OTH: ['other', 'Other'],
    PAR: ['parent', 'Parent'],
    PARENT: ['parent', 'Parent'],
    SCH: ['child', 'Child'],
    SEL: ['self', 'Self'],
    SELF: ['self', 'Self'],
    SON: ['child', 'Child'],
    SPO: ['spouse', 'Spouse'],
    SPOUSE: ['spouse', 'Spouse'],
  }),
};
