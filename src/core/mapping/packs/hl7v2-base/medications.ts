/** RXO, RXE and RXG as prescriptions, RXD as what was dispensed, RXA as what was given. */
import type { IgnoredFields, ResourceMap, Rule } from '../../engine/pack.js';
import { REFUSED } from './immunizations.js';

/** Orders by which a state of the prescription is stated, not a new one. */
const NEW = 'ORC-1 not in CA, CR, DC, DF, DR, HD, HR, OC, OD, OH, OR, RL, SC, OE, UC, UD, UH';

/** Rules that all three descriptions of an order share; the ids begin with the segment's name. */
function orderRules(prefix: string): readonly Rule[] {
  return [
    {
      id: `${prefix}-security`,
      from: 'ORC-28',
      to: 'meta.security[+]',
      using: 'codingBy(OrderConfidentiality)',
    },
    { id: `${prefix}-placer`, from: 'ORC-2[*]', to: 'identifier[+]', using: 'entityIdentifier(order, PLAC)' },
    { id: `${prefix}-filler`, from: 'ORC-3[*]', to: 'identifier[+]', using: 'entityIdentifier(order, FILL)' },
    { id: `${prefix}-group`, from: 'ORC-4', to: 'groupIdentifier', using: 'entityIdentifier(order, PGN)' },
  ];
}

/** The state of a prescription, from the control code and status of its order. */
const stateRules = (prefix: string): readonly Rule[] => [
  // What ends it does so whatever state the sender left in ORC-5, unless that is an end, too.
  {
    id: `${prefix}-order-ended`,
    from: 'ORC-1',
    to: 'status',
    using: 'codeIfKnown(PrescriptionEnded)',
    when: 'ORC-5 not in CA, CM, DC, ER, RP',
  },
  { id: `${prefix}-order-status`, from: 'ORC-5', to: 'status', using: 'code(PrescriptionStatus)' },
  {
    id: `${prefix}-order-control`,
    from: 'ORC-1',
    to: 'status',
    using: 'codeIfKnown(PrescriptionControl)',
    when: 'ORC-5 empty',
  },
  { id: `${prefix}-intent`, to: 'intent', using: 'constant(order)' },
];

const prescriptionRules = (prefix: string): readonly Rule[] => [
  ...orderRules(prefix),
  ...stateRules(prefix),
  { id: `${prefix}-priority`, from: 'TQ1-9', to: 'priority', using: 'codeIfKnown(OrderPriority)' },
  {
    id: `${prefix}-old-priority`,
    from: 'ORC-7.6',
    to: 'priority',
    using: 'codeIfKnown(OrderPriority)',
  },
  { id: `${prefix}-subject`, from: 'PID', to: 'subject', using: 'reference(Patient)' },
  { id: `${prefix}-encounter`, from: 'PV1', to: 'encounter', using: 'reference(Encounter)' },
  { id: `${prefix}-medicine`, to: 'contained[+]', using: 'medicine(Units)' },
  { id: `${prefix}-medicine-reference`, to: 'medicationReference', using: 'medicineReference' },
];

const endRules = (prefix: string): readonly Rule[] => [
  { id: `${prefix}-no-medicine`, to: 'medicationCodeableConcept', using: 'medicineNotStated' },
  { id: `${prefix}-authored`, from: 'ORC-9', to: 'authoredOn', using: 'dateTime', when: NEW },
  { id: `${prefix}-requester`, from: 'ORC-12', to: 'requester', using: 'practitioner(NameUse)' },
  { id: `${prefix}-recorder`, from: 'ORC-10', to: 'recorder', using: 'practitioner(NameUse)' },
  { id: `${prefix}-status-reason`, from: 'ORC-16', to: 'statusReason', using: 'concept' },
  { id: `${prefix}-dosage`, to: 'dosageInstruction', using: 'dosages(Units)' },
  { id: `${prefix}-note`, from: 'NTE(*)-3[*]', to: 'note[+]', using: 'annotation' },
];

/** Messages about what happens to an order name it only in passing. */
const modeByMessage: NonNullable<ResourceMap['modeByMessage']> = {
  RAS: 'create',
  RDS: 'create',
  RGV: 'create',
  RRA: 'create',
  RRD: 'create',
  RRG: 'create',
};

const prescription = {
  resource: 'MedicationRequest',
  identity: 'prescription',
  mode: 'merge',
  modeByMessage,
  cumulative: ['identifier'],
} as const;

export const medicationMaps: readonly ResourceMap[] = [
  {
    id: 'orc-prescription',
    segment: 'ORC',
    resource: 'MedicationRequest',
    identity: 'prescriptionState',
    mode: 'merge',
    // A pharmacy that only acknowledges an order states nothing about it.
    when: 'message in OMP, RDE or message in ORP, RRE and ORC-1 in CA, CR, DC, DR, HD, HR, OC, OD, OH, UA',
    rules: [
      ...orderRules('prescribed'),
      ...stateRules('prescribed'),
      { id: 'prescribed-subject', from: 'PID', to: 'subject', using: 'reference(Patient)' },
      { id: 'prescribed-status-reason', from: 'ORC-16', to: 'statusReason', using: 'concept' },
      { id: 'prescribed-note', from: 'NTE(*)-3[*]', to: 'note[+]', using: 'annotation' },
    ],
  },
  {
    ...prescription,
    id: 'rxe-prescription',
    segment: 'RXE',
    rules: [
      ...prescriptionRules('rxe'),
      { id: 'rxe-2-medicine', from: 'RXE-2', to: 'medicationCodeableConcept', using: 'medicineCode' },
      { id: 'rxe-15-number', from: 'RXE-15', to: 'identifier[+]', using: 'entityIdentifier(order)' },
      { id: 'rxe-32-authored', from: 'RXE-32', to: 'authoredOn', using: 'dateTime' },
      { id: 'rxe-27-reason', from: 'RXE-27[*]', to: 'reasonCode[+]', using: 'concept' },
      { id: 'rxe-21-note', from: 'RXE-21[*]', to: 'note[+]', using: 'conceptNote(Nothing)' },
      { id: 'rxe-requested-notes', to: 'note[+]', using: 'requestNotes' },
      { id: 'rxe-requested', from: 'RXO-1', to: 'note[+]', using: 'requestedMedicine' },
      { id: 'rxe-10-quantity', from: 'RXE-10', to: 'dispenseRequest.quantity', using: 'amount(Units, 11)' },
      {
        id: 'rxe-12-repeats',
        from: 'RXE-12',
        to: 'dispenseRequest.numberOfRepeatsAllowed',
        using: 'wholeNumber',
      },
      { id: 'rxe-40-pharmacy', from: 'RXE-40', to: 'dispenseRequest.performer', using: 'codedOrganisation' },
      {
        id: 'rxe-9-substitution',
        from: 'RXE-9',
        to: 'substitution.allowedCodeableConcept',
        using: 'conceptBy(SubstitutionStatus)',
      },
      ...endRules('rxe'),
      { id: 'rxe-13-requester', from: 'RXE-13', to: 'requester', using: 'practitioner(NameUse)' },
    ],
  },
  {
    ...prescription,
    id: 'rxo-prescription',
    segment: 'RXO',
    rules: [
      ...prescriptionRules('rxo'),
      { id: 'rxo-1-medicine', from: 'RXO-1', to: 'medicationCodeableConcept', using: 'medicineCode' },
      { id: 'rxo-6-note', from: 'RXO-6[*]', to: 'note[+]', using: 'conceptNote(Nothing)' },
      { id: 'rxo-20-reason', from: 'RXO-20[*]', to: 'reasonCode[+]', using: 'concept' },
      { id: 'rxo-11-quantity', from: 'RXO-11', to: 'dispenseRequest.quantity', using: 'amount(Units, 12)' },
      {
        id: 'rxo-13-repeats',
        from: 'RXO-13',
        to: 'dispenseRequest.numberOfRepeatsAllowed',
        using: 'wholeNumber',
      },
      { id: 'rxo-32-pharmacy', from: 'RXO-32', to: 'dispenseRequest.performer', using: 'codedOrganisation' },
      {
        id: 'rxo-9-substitution',
        from: 'RXO-9',
        to: 'substitution.allowedCodeableConcept',
        using: 'conceptBy(AllowSubstitution)',
      },
      ...endRules('rxo'),
      { id: 'rxo-14-requester', from: 'RXO-14', to: 'requester', using: 'practitioner(NameUse)' },
    ],
  },
  {
    ...prescription,
    id: 'rxg-prescription',
    segment: 'RXG',
    rules: [
      ...prescriptionRules('rxg'),
      { id: 'rxg-4-medicine', from: 'RXG-4', to: 'medicationCodeableConcept', using: 'medicineCode' },
      { id: 'rxg-9-note', from: 'RXG-9[*]', to: 'note[+]', using: 'conceptNote(Nothing)' },
      ...endRules('rxg'),
    ],
  },
  {
    id: 'rxd-dispense',
    segment: 'RXD',
    resource: 'MedicationDispense',
    identity: 'dispense',
    mode: 'replace',
    rules: [
      { id: 'rxd-security', from: 'ORC-28', to: 'meta.security[+]', using: 'codingBy(OrderConfidentiality)' },
      { id: 'rxd-placer', from: 'ORC-2[*]', to: 'identifier[+]', using: 'entityIdentifier(order, PLAC)' },
      { id: 'rxd-filler', from: 'ORC-3[*]', to: 'identifier[+]', using: 'entityIdentifier(order, FILL)' },
      { id: 'rxd-7-number', from: 'RXD-7', to: 'identifier[+]', using: 'entityIdentifier(order)' },
      { id: 'rxd-order-control', from: 'ORC-1', to: 'status', using: 'codeIfKnown(DeliveryControl)' },
      { id: 'rxd-3-done', from: 'RXD-3', to: 'status', using: 'constant(completed)' },
      { id: 'rxd-status-unknown', to: 'status', using: 'constant(unknown)' },
      { id: 'rxd-medicine', to: 'contained[+]', using: 'medicine(Units)' },
      { id: 'rxd-medicine-reference', to: 'medicationReference', using: 'medicineReference' },
      { id: 'rxd-2-medicine', from: 'RXD-2', to: 'medicationCodeableConcept', using: 'medicineCode' },
      { id: 'rxd-no-medicine', to: 'medicationCodeableConcept', using: 'medicineNotStated' },
      { id: 'rxd-subject', from: 'PID', to: 'subject', using: 'reference(Patient)' },
      { id: 'rxd-encounter', from: 'PV1', to: 'context', using: 'reference(Encounter)' },
      {
        id: 'rxd-10-performer',
        from: 'RXD-10[*]',
        to: 'performer[+]',
        using: 'performer(NameUse)',
      },
      { id: 'rxd-order', from: 'ORC-2', to: 'authorizingPrescription[+]', using: 'prescriptionReference' },
      { id: 'rxd-33-type', from: 'RXD-33', to: 'type', using: 'concept' },
      { id: 'rxd-4-quantity', from: 'RXD-4', to: 'quantity', using: 'amount(Units, 5)' },
      { id: 'rxd-3-handed-over', from: 'RXD-3', to: 'whenHandedOver', using: 'dateTime' },
      { id: 'rxd-9-note', from: 'RXD-9[*]', to: 'note[+]', using: 'conceptNote(Nothing)' },
      { id: 'rxd-15-note', from: 'RXD-15[*]', to: 'note[+]', using: 'conceptNote(Nothing)' },
      { id: 'rxd-note', from: 'NTE(*)-3[*]', to: 'note[+]', using: 'annotation' },
      { id: 'rxd-dosage', to: 'dosageInstruction', using: 'dosages(Units)' },
    ],
  },
  {
    id: 'rxa-administration',
    segment: 'RXA',
    resource: 'MedicationAdministration',
    identity: 'administration',
    mode: 'replace',
    when: 'message not in VXU and RXA-5.3 not in CVX',
    rules: [
      { id: 'rxa-security', from: 'ORC-28', to: 'meta.security[+]', using: 'codingBy(OrderConfidentiality)' },
      { id: 'rxa-placer', from: 'ORC-2[*]', to: 'identifier[+]', using: 'entityIdentifier(order, PLAC)' },
      { id: 'rxa-filler', from: 'ORC-3[*]', to: 'identifier[+]', using: 'entityIdentifier(order, FILL)' },
      {
        id: 'rxa-administration-deleted',
        from: 'RXA-21',
        to: 'status',
        using: 'constant(entered-in-error)',
        when: 'RXA-21 in D',
      },
      {
        id: 'rxa-administration-refused',
        from: 'RXA-18',
        to: 'status',
        using: 'constant(not-done)',
        when: REFUSED,
      },
      { id: 'rxa-administration-status', from: 'RXA-20', to: 'status', using: 'code(AdministrationStatus)' },
      {
        id: 'rxa-nothing-given',
        to: 'status',
        using: 'constant(not-done)',
        when: 'RXA-20 empty and ORC-1 in DC, OD, DR and RXA-6 in 0',
      },
      {
        id: 'rxa-order-control',
        from: 'ORC-1',
        to: 'status',
        using: 'codeIfKnown(AdministrationControl)',
        when: 'RXA-20 empty',
      },
      {
        id: 'rxa-administration-done',
        from: 'RXA-3',
        to: 'status',
        using: 'constant(completed)',
        when: 'RXA-20 empty',
      },
      { id: 'rxa-administration-unknown', to: 'status', using: 'constant(unknown)' },
      { id: 'rxa-administration-status-reason', from: 'RXA-18[*]', to: 'statusReason[+]', using: 'concept' },
      { id: 'rxa-medicine', to: 'contained[+]', using: 'medicine(Units)' },
      { id: 'rxa-medicine-reference', to: 'medicationReference', using: 'medicineReference' },
      { id: 'rxa-5-medicine', from: 'RXA-5', to: 'medicationCodeableConcept', using: 'medicineCode' },
      { id: 'rxa-no-medicine', to: 'medicationCodeableConcept', using: 'medicineNotStated' },
      { id: 'rxa-subject', from: 'PID', to: 'subject', using: 'reference(Patient)' },
      { id: 'rxa-context', from: 'PV1', to: 'context', using: 'reference(Encounter)' },
      {
        id: 'rxa-3-effective',
        from: 'RXA-3',
        to: 'effectiveDateTime',
        using: 'dateTime',
        when: 'RXA-4 empty',
      },
      {
        id: 'rxa-3-start',
        from: 'RXA-3',
        to: 'effectivePeriod.start',
        using: 'dateTime',
        when: 'RXA-4 valued',
      },
      { id: 'rxa-4-end-time', from: 'RXA-4', to: 'effectivePeriod.end', using: 'dateTime' },
      { id: 'rxa-no-time', from: 'RXA', to: '_effectiveDateTime', using: 'timeNotStated' },
      { id: 'rxa-10-giver', from: 'RXA-10[*]', to: 'performer[+]', using: 'performer(NameUse)' },
      {
        id: 'rxa-orderer',
        from: 'ORC-12[*]',
        to: 'performer[+]',
        using: 'performerAs(NameUse, OP, Ordering Provider)',
      },
      { id: 'rxa-19-indication', from: 'RXA-19[*]', to: 'reasonCode[+]', using: 'concept' },
      { id: 'rxa-order', from: 'ORC-2', to: 'request', using: 'prescriptionReference' },
      { id: 'rxa-9-text', from: 'RXA-9[*]', to: 'note[+]', using: 'conceptNote(Nothing)' },
      { id: 'rxa-note', from: 'NTE(*)-3[*]', to: 'note[+]', using: 'annotation' },
      { id: 'rxa-rxr-1-route', from: 'RXR(*)-1', to: 'dosage.route', using: 'concept' },
      { id: 'rxa-rxr-2-site', from: 'RXR(*)-2', to: 'dosage.site', using: 'concept' },
      { id: 'rxa-rxr-4-method', from: 'RXR(*)-4', to: 'dosage.method', using: 'concept' },
      { id: 'rxa-rxr-1-further', from: 'RXR(*)-1', to: 'note[+]', using: 'furtherPart(Route)' },
      { id: 'rxa-rxr-2-further', from: 'RXR(*)-2', to: 'note[+]', using: 'furtherPart(Site)' },
      { id: 'rxa-rxr-4-further', from: 'RXR(*)-4', to: 'note[+]', using: 'furtherPart(Method)' },
      {
        id: 'rxa-6-amount',
        from: 'RXA-6',
        to: 'dosage.dose',
        using: 'amount(Units, 7)',
        when: 'RXA-6 not in 999',
      },
      { id: 'rxa-12-rate', from: 'RXA-12', to: 'dosage.text', using: 'text' },
      // FHIR wants a dose or a rate wherever there is a dosage, and readers a text that says why there is none.
      { id: 'rxa-dosage-text', from: 'RXA', to: 'dosage.text', using: 'doseNotStatedText' },
      { id: 'rxa-dose-absent', from: 'RXA', to: 'dosage.dose', using: 'absentDose' },
    ],
  },
];

export const medicationIgnored: readonly IgnoredFields[] = [
  { id: 'rxd-1-count', from: 'RXD-1', because: 'Counts what was dispensed: part of the id.' },
  { id: 'rxg-counters', from: 'RXG-1, RXG-2', because: 'Count the parts of an order.' },
  { id: 'tq1-1-set-id', from: 'TQ1-1', because: 'Counts segments.' },
  { id: 'rxc-1-kind', from: 'RXC-1', because: 'Base or additive: each is an ingredient.' },
  {
    id: 'rxo-encoded',
    from: 'RXO-1, RXO-2, RXO-3, RXO-4, RXO-5, RXO-9, RXO-11, RXO-12, RXO-13',
    because:
      'The pharmacy encodes the order in RXE, which states the prescription; another medicine is noted there.',
    when: 'RXE-2 valued',
  },
];
