/** RXA, RXR and ORC of vaccinations, with the observations under them. */
import type { IgnoredFields, ResourceMap } from '../../engine/pack.js';

/**
 * Observations about a vaccination that are elements of the Immunization (LOINC): funding, eligibility, dose number,
 * series, documents given to the patient and comments.
 */
const ELEMENTS = [
  '29768-9',
  '29769-7',
  '30956-7',
  '30963-3',
  '30973-2',
  '48767-8',
  '59780-7',
  '59782-3',
  '64994-7',
  '69764-9',
].join(', ');

/** Vaccinations come in VXU, and some pharmacies send them as administrations of a vaccine code. */
const VACCINATION = 'message in VXU or RXA-5.3 in CVX';

/**
 * Any reason of refusal says that the patient did not take the substance (HL7 v2.5.1 section 4.14.7.18), whatever RXA-20
 * says; some of it was taken where that is partial.
 */
export const REFUSED = ['.1', '.2', '.9']
  .map((part) => `RXA-18${part} valued and RXA-20 not in PA`)
  .join(' or ');

/** Observations (OBX) that are no part of a vaccination's own elements. */
export const OUTSIDE_VACCINATION = `OBX-3 not in ${ELEMENTS}`;

export const immunizationMaps: readonly ResourceMap[] = [
  {
    id: 'rxa-immunization',
    segment: 'RXA',
    resource: 'Immunization',
    identity: 'immunization',
    mode: 'replace',
    when: VACCINATION,
    rules: [
      {
        id: 'imm-orc-28-security',
        from: 'ORC-28',
        to: 'meta.security[+]',
        using: 'codingBy(OrderConfidentiality)',
      },
      {
        id: 'imm-orc-2-placer',
        from: 'ORC-2[*]',
        to: 'identifier[+]',
        using: 'entityIdentifier(order, PLAC)',
      },
      // 9999 is no number: it stands for a vaccine that was not given.
      {
        id: 'imm-orc-3-filler',
        from: 'ORC-3[*]',
        to: 'identifier[+]',
        using: 'entityIdentifier(order, FILL)',
        when: 'ORC-3 not in 9999',
      },
      { id: 'imm-orc-4-group', from: 'ORC-4', to: 'identifier[+]', using: 'entityIdentifier(order, PGN)' },
      {
        id: 'rxa-21-deleted',
        from: 'RXA-21',
        to: 'status',
        using: 'constant(entered-in-error)',
        when: 'RXA-21 in D',
      },
      // CVX 998: no vaccine administered.
      { id: 'rxa-5-no-vaccine', to: 'status', using: 'constant(not-done)', when: 'RXA-5 in 998' },
      {
        id: 'rxa-18-refused',
        from: 'RXA-18',
        to: 'status',
        using: 'constant(not-done)',
        when: REFUSED,
      },
      { id: 'rxa-20-status', from: 'RXA-20', to: 'status', using: 'code(VaccinationStatus)' },
      {
        id: 'imm-orc-3-not-done',
        to: 'status',
        using: 'constant(not-done)',
        when: 'ORC-3 in 9999 and RXA-20 empty',
      },
      // What was ordered and then cancelled, stopped or held protects nobody.
      {
        id: 'imm-orc-1-not-done',
        to: 'status',
        using: 'constant(not-done)',
        when: 'ORC-1 in CA, OC, CR, UA, DC, OD, DR, HD, HR, OH and RXA-20 empty',
      },
      { id: 'rxa-status-given', to: 'status', using: 'constant(completed)', when: 'RXA-20 empty' },
      // A status that nobody understands must not count as protection.
      { id: 'rxa-status-unknown', to: 'status', using: 'constant(entered-in-error)' },
      { id: 'rxa-18-reason', from: 'RXA-18', to: 'statusReason', using: 'concept' },
      { id: 'rxa-not-done-reason', from: 'RXA', to: 'statusReason', using: 'notDoneReason' },
      { id: 'rxa-5-vaccine', from: 'RXA-5', to: 'vaccineCode', using: 'concept' },
      {
        id: 'rxa-vaccine-unknown',
        to: 'vaccineCode.text',
        using: 'constant(Not stated)',
        when: 'RXA-5.1 empty and RXA-5.2 empty and RXA-5.4 empty and RXA-5.9 empty',
      },
      { id: 'imm-patient', from: 'PID', to: 'patient', using: 'reference(Patient)' },
      { id: 'imm-encounter', from: 'PV1', to: 'encounter', using: 'reference(Encounter)' },
      { id: 'rxa-3-occurrence', from: 'RXA-3', to: 'occurrenceDateTime', using: 'dateTime' },
      { id: 'rxa-occurrence-unknown', from: 'RXA', to: 'occurrenceString', using: 'occurrenceNotStated' },
      {
        id: 'rxa-22-recorded',
        from: 'RXA-22',
        to: 'recorded',
        using: 'dateTime',
        when: 'RXA-21 not in D, U',
      },
      { id: 'imm-orc-9-recorded', from: 'ORC-9', to: 'recorded', using: 'dateTime' },
      { id: 'rxa-9-source', from: 'RXA-9', to: 'primarySource', using: 'flagIfKnown(VaccinationSource)' },
      {
        id: 'rxa-9-origin',
        from: 'RXA-9',
        to: 'reportOrigin',
        using: 'concept',
        when: 'RXA-9 in 01, 02, 03, 04, 05, 06, 07, 08',
      },
      { id: 'rxa-9-note', from: 'RXA-9[*]', to: 'note[+]', using: 'conceptNote(VaccinationSource)' },
      {
        id: 'rxa-11-location',
        from: 'RXA-11',
        to: 'location',
        using: 'locationReference',
        when: 'RXA-27 empty',
      },
      { id: 'rxa-27-location', from: 'RXA-27', to: 'location', using: 'locationReference' },
      { id: 'rxa-17-manufacturer', from: 'RXA-17', to: 'manufacturer', using: 'codedOrganisation' },
      { id: 'rxa-15-lot', from: 'RXA-15', to: 'lotNumber', using: 'text' },
      { id: 'rxa-16-expiry', from: 'RXA-16', to: 'expirationDate', using: 'date' },
      { id: 'imm-rxr-1-route', from: 'RXR(*)-1', to: 'route', using: 'concept' },
      { id: 'imm-rxr-2-site', from: 'RXR(*)-2', to: 'site', using: 'concept' },
      { id: 'imm-rxr-1-further', from: 'RXR(*)-1', to: 'note[+]', using: 'furtherPart(Route)' },
      { id: 'imm-rxr-2-further', from: 'RXR(*)-2', to: 'note[+]', using: 'furtherPart(Site)' },
      // 999 stands for an amount that nobody knows.
      {
        id: 'rxa-6-dose',
        from: 'RXA-6',
        to: 'doseQuantity',
        using: 'amount(Units, 7)',
        when: 'RXA-6 not in 999',
      },
      {
        id: 'rxa-10-performer',
        from: 'RXA-10[*]',
        to: 'performer[+]',
        using: 'performerAs(NameUse, AP, Administering Provider)',
      },
      {
        id: 'imm-orc-12-performer',
        from: 'ORC-12[*]',
        to: 'performer[+]',
        using: 'performerAs(NameUse, OP, Ordering Provider)',
      },
      {
        id: 'imm-orc-10-performer',
        from: 'ORC-10[*]',
        to: 'performer[+]',
        using: 'performerAs(NameUse, EP, Entering Provider)',
      },
      {
        id: 'imm-obx-comment',
        from: 'OBX(*)-5',
        to: 'note[+]',
        using: 'annotation',
        when: 'OBX-3 in 48767-8',
      },
      { id: 'imm-note', from: 'NTE(*)-3[*]', to: 'note[+]', using: 'annotation' },
      { id: 'rxa-19-reason', from: 'RXA-19[*]', to: 'reasonCode[+]', using: 'concept' },
      {
        id: 'rxa-20-partial',
        from: 'RXA-20',
        to: 'isSubpotent',
        using: 'constant(true)',
        when: 'RXA-20 in PA',
      },
      { id: 'imm-education', from: 'RXA', to: 'education', using: 'education' },
      {
        id: 'imm-obx-eligibility',
        from: 'OBX(*)-5[*]',
        to: 'programEligibility[+]',
        using: 'concept',
        when: 'OBX-3 in 64994-7',
      },
      {
        id: 'imm-obx-funding',
        from: 'OBX(*)-5',
        to: 'fundingSource',
        using: 'concept',
        when: 'OBX-3 in 30963-3',
      },
      {
        id: 'imm-reaction',
        from: 'OBX(*)-5',
        to: 'reaction[+]',
        using: 'vaccineReaction',
        when: 'OBX-3 in 31044-1',
      },
      {
        id: 'imm-obx-series',
        from: 'OBX(*)-5',
        to: 'protocolApplied[0].series',
        using: 'words',
        when: 'OBX-3 in 59780-7',
      },
      {
        id: 'imm-obx-dose-number',
        from: 'OBX(*)-5',
        to: 'protocolApplied[0].doseNumberPositiveInt',
        using: 'countOf(number)',
        when: 'OBX-3 in 30973-2',
      },
      {
        id: 'imm-obx-dose-text',
        from: 'OBX(*)-5',
        to: 'protocolApplied[0].doseNumberString',
        using: 'countOf(text)',
        when: 'OBX-3 in 30973-2',
      },
      {
        id: 'imm-obx-series-doses',
        from: 'OBX(*)-5',
        to: 'protocolApplied[0].seriesDosesPositiveInt',
        using: 'countOf(number)',
        when: 'OBX-3 in 59782-3',
      },
      {
        id: 'imm-obx-series-doses-text',
        from: 'OBX(*)-5',
        to: 'protocolApplied[0].seriesDosesString',
        using: 'countOf(text)',
        when: 'OBX-3 in 59782-3',
      },
      {
        id: 'imm-dose-not-stated',
        from: 'RXA',
        to: 'protocolApplied[0].doseNumberString',
        using: 'doseNotStated',
      },
    ],
  },
];

export const immunizationIgnored: readonly IgnoredFields[] = [
  { id: 'rxa-counters', from: 'RXA-1, RXA-2', because: 'Count the parts of an order.' },
  {
    id: 'rxa-4-end',
    from: 'RXA-4',
    because: 'A vaccination is a moment: its end is its start (RXA-3).',
    when: 'message in VXU',
  },
  {
    id: 'rxa-6-unknown',
    from: 'RXA-6, RXA-7',
    because: '999 says that nobody knows the amount.',
    when: 'RXA-6 in 999',
  },
  {
    id: 'rxa-21-action',
    from: 'RXA-21',
    because: 'Added or updated: the record says what holds now.',
    when: 'RXA-21 in A, U',
  },
  {
    id: 'imm-orc-3-none',
    from: 'ORC-3',
    because: '9999 is no number: it stands for a vaccine that was not given.',
    when: 'ORC-3 in 9999',
  },
  {
    id: 'imm-obx-envelope',
    from: 'OBX-3, OBX-4, OBX-11, OBX-14, OBX-17',
    because: 'Says which element of the vaccination OBX-5 is.',
    when: `RXA-5 valued and OBX-3 in ${ELEMENTS}`,
  },
];
