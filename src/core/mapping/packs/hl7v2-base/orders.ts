/** ORC and OBR as orders. */
import type { ResourceMap, Rule } from '../../engine/pack.js';
import type { UpdateMode } from '../../types.js';

/** Messages by which orders are made and changed; all others mention them in passing. */
export const ORDER_MESSAGES = [
  'OMB',
  'OMD',
  'OMG',
  'OMI',
  'OML',
  'OMN',
  'OMS',
  'OPL',
  'ORB',
  'ORD',
  'ORG',
  'ORI',
  'ORL',
  'ORM',
  'ORN',
  'ORR',
  'ORS',
  'OSU',
] as const;
/** Control codes of changes, which say nothing about the state: what has ended stays so. */
const CHANGES = 'SC, UX, XO, XR, XX';
const IN_ORDERS = `message in ${ORDER_MESSAGES.join(', ')}`;

const modeByMessage: Readonly<Record<string, UpdateMode>> = Object.fromEntries(
  ORDER_MESSAGES.map((type) => [type, 'merge' as const]),
);

const withoutResult: Rule = {
  id: 'order-obr-25-cancelled',
  from: 'OBR-25',
  to: 'status',
  using: 'constant(revoked)',
  when: 'OBR-25 in X and ORC-5 not in ER',
};

/** What ORC says of an order, whichever segment makes its record. */
const orderControl = (prefix: string): readonly Rule[] => [
  {
    id: `${prefix}-orc-28-security`,
    from: 'ORC-28',
    to: 'meta.security[+]',
    using: 'codingBy(OrderConfidentiality)',
  },
  {
    id: `${prefix}-orc-16-reason`,
    from: 'ORC-16',
    to: 'extension(OrderStatusReason).valueCodeableConcept',
    using: 'concept',
  },
  {
    id: `${prefix}-orc-2-placer`,
    from: 'ORC-2[*]',
    to: 'identifier[+]',
    using: 'entityIdentifier(order, PLAC)',
  },
  {
    id: `${prefix}-orc-3-filler`,
    from: 'ORC-3[*]',
    to: 'identifier[+]',
    using: 'entityIdentifier(order, FILL)',
  },
  { id: `${prefix}-orc-4-group`, from: 'ORC-4', to: 'requisition', using: 'pairedIdentifier(order, PGN, 1)' },
  { id: `${prefix}-orc-1-ended`, from: 'ORC-1', to: 'status', using: 'codeIfKnown(OrderEnded)' },
  // Nothing was done where there is no result: an order that is closed so is not completed.
  ...(prefix === 'order' ? [withoutResult] : []),
  { id: `${prefix}-orc-5-status`, from: 'ORC-5', to: 'status', using: 'code(OrderStatus)' },
  { id: `${prefix}-orc-1-status`, from: 'ORC-1', to: 'status', using: 'codeIfKnown(OrderControl)' },
  { id: `${prefix}-orc-7-priority`, from: 'ORC-7.6', to: 'priority', using: 'codeIfKnown(OrderPriority)' },
  // Other events have times of their own, which are not when the order was made.
  { id: `${prefix}-orc-9-authored`, from: 'ORC-9', to: 'authoredOn', using: 'dateTime', when: 'ORC-1 in NW' },
  {
    id: `${prefix}-orc-12-requester`,
    from: 'ORC-12',
    to: 'requester',
    using: 'practitionerRole(NameUse, 21, OP)',
  },
  { id: `${prefix}-orc-29-type`, from: 'ORC-29', to: 'locationCode[+]', using: 'concept' },
];

/** What else than a start makes the time of an order a Timing. */
const TIMED = ['TQ1-3.1', 'TQ1-4', 'TQ1-8', 'ORC-7.2', 'ORC-7.5'];

/** When an order is to be carried out: TQ1, else ORC-7. */
const timing: readonly Rule[] = [
  { id: 'order-tq1-priority', from: 'TQ1-9', to: 'priority', using: 'codeIfKnown(OrderPriority)' },
  { id: 'order-tq1-quantity', from: 'TQ1-2', to: 'quantityQuantity', using: 'amount(Units)' },
  {
    id: 'order-tq1-pattern',
    from: 'TQ1-3.1',
    to: 'occurrenceTiming.code.text',
    using: 'text',
    when: 'OBR-6 empty',
  },
  {
    id: 'order-tq1-times',
    from: 'TQ1-4[*]',
    to: 'occurrenceTiming.repeat.timeOfDay[+]',
    using: 'time',
    when: 'OBR-6 empty',
  },
  {
    id: 'order-tq1-start',
    from: 'TQ1-7',
    to: 'occurrenceTiming.repeat.boundsPeriod.start',
    using: 'dateTime',
    when: 'OBR-6 empty',
  },
  {
    id: 'order-tq1-end',
    from: 'TQ1-8',
    to: 'occurrenceTiming.repeat.boundsPeriod.end',
    using: 'dateTime',
    when: 'OBR-6 empty',
  },
  { id: 'order-tq1-condition', from: 'TQ1-10', to: 'note[+]', using: 'annotation' },
  { id: 'order-tq1-text', from: 'TQ1-11', to: 'note[+]', using: 'annotation' },
  {
    id: 'order-orc-7-pattern',
    from: 'ORC-7.2',
    to: 'occurrenceTiming.code.text',
    using: 'text',
    when: 'OBR-6 empty and TQ1-3.1 empty',
  },
  { id: 'order-orc-7-text', from: 'ORC-7.8', to: 'note[+]', using: 'annotation' },
  {
    id: 'order-orc-7-start',
    from: 'ORC-7.4',
    to: 'occurrenceTiming.repeat.boundsPeriod.start',
    using: 'dateTime',
    when: 'OBR-6 empty and TQ1-7 empty',
  },
  {
    id: 'order-orc-7-end',
    from: 'ORC-7.5',
    to: 'occurrenceTiming.repeat.boundsPeriod.end',
    using: 'dateTime',
    when: 'OBR-6 empty and TQ1-8 empty',
  },
  // One is what is meant where nothing is said.
  {
    id: 'order-orc-7-quantity',
    from: 'ORC-7.1',
    to: 'quantityQuantity',
    using: 'amount(Units)',
    when: 'ORC-7.1 not in 1',
  },
  {
    id: 'order-orc-7-duration',
    from: 'ORC-7.3',
    to: 'occurrenceTiming.repeat.boundsDuration',
    using: 'lastingDuration',
    when: ['OBR-6', 'OBR-36', 'TQ1-7', 'TQ1-8', 'ORC-7.4', 'ORC-7.5']
      .map((field) => `${field} empty`)
      .join(' and '),
  },
  {
    id: 'order-orc-7-duration-note',
    from: 'ORC-7.3',
    to: 'note[+]',
    using: 'durationNote',
    deletes: ['note[rule]'],
  },
];

/** R4 prr-1: details are of something that has a code. */
const HAS_CODE = ['.1', '.2', '.4', '.5', '.9'].map((part) => `OBR-4${part} valued`).join(' or ');

const sharedState = (id: string, table: string, field: number): Rule => ({
  id,
  from: 'OBR',
  to: 'status',
  using: `codeOfGroup(${table}, ${field})`,
  when: IN_ORDERS,
});

/** What the ORC of several OBR says of those that have numbers of their own. */
const sharedControl: readonly Rule[] = [
  {
    id: 'order-group-security',
    from: 'OBR',
    to: 'meta.security[+]',
    using: 'labelOfGroup(OrderConfidentiality, 28)',
  },
  sharedState('order-group-ended', 'OrderEnded', 1),
  sharedState('order-group-status', 'OrderStatus', 5),
];

const requested: readonly Rule[] = [
  { id: 'order-obr-2-placer', from: 'OBR-2[*]', to: 'identifier[+]', using: 'entityIdentifier(order, PLAC)' },
  { id: 'order-obr-3-filler', from: 'OBR-3[*]', to: 'identifier[+]', using: 'entityIdentifier(order, FILL)' },
  { id: 'order-obr-29-placer', from: 'OBR-29', to: 'basedOn[+]', using: 'parentOrder(1)' },
  { id: 'order-obr-29-filler', from: 'OBR-29', to: 'basedOn[+]', using: 'parentOrder(2)' },
  { id: 'order-obr-25-status', from: 'OBR-25', to: 'status', using: 'codeIfKnown(OrderStatusOfReport)' },
  // An order without an ORC of its own may be one with results that is sent beside a new one.
  sharedState('order-group-control', 'OrderControl', 1),
  // A change of state without a state says nothing about it.
  {
    id: 'order-status-unknown',
    to: 'status',
    using: 'constant(unknown)',
    when: `ORC-1 not in ${CHANGES} or message not in ${ORDER_MESSAGES.join(', ')}`,
  },
  { id: 'order-obr-11-intent', from: 'OBR-11', to: 'intent', using: 'codeIfKnown(OrderIntent)' },
  { id: 'order-intent', to: 'intent', using: 'constant(order)' },
  { id: 'order-obr-24-category', from: 'OBR-24', to: 'category[+]', using: 'conceptBy(DiagnosticSection)' },
  { id: 'order-obr-5-priority', from: 'OBR-5', to: 'priority', using: 'codeIfKnown(OrderPriority)' },
  { id: 'order-obr-27-priority', from: 'OBR-27.6', to: 'priority', using: 'codeIfKnown(OrderPriority)' },
  { id: 'order-obr-4-code', from: 'OBR-4', to: 'code', using: 'concept' },
  {
    id: 'order-obr-46-detail',
    from: 'OBR-46[*]',
    to: 'orderDetail[+]',
    using: 'concept',
    when: HAS_CODE,
  },
  {
    id: 'order-obr-47-detail',
    from: 'OBR-47[*]',
    to: 'orderDetail[+]',
    using: 'concept',
    when: HAS_CODE,
  },
  { id: 'order-subject', from: 'PID', to: 'subject', using: 'reference(Patient)' },
  { id: 'order-encounter', from: 'PV1', to: 'encounter', using: 'reference(Encounter)' },
  { id: 'order-obr-6-occurrence', from: 'OBR-6', to: 'occurrenceDateTime', using: 'dateTime' },
  ...timing,
  // Beside a pattern the appointed time is one of its times; FHIR allows no second element.
  {
    id: 'order-obr-36-scheduled-once',
    from: 'OBR-36',
    to: 'occurrenceTiming.event[+]',
    using: 'dateTime',
    when: TIMED.map((field) => `OBR-6 empty and TQ1-7 empty and ORC-7.4 empty and ${field} valued`).join(
      ' or ',
    ),
  },
  {
    id: 'order-obr-36-scheduled',
    from: 'OBR-36',
    to: 'occurrenceDateTime',
    using: 'dateTime',
    when: `OBR-6 empty and TQ1-7 empty and ORC-7.4 empty and ${TIMED.map((field) => `${field} empty`).join(' and ')}`,
  },
  { id: 'order-obr-16-requester', from: 'OBR-16', to: 'requester', using: 'practitioner(NameUse)' },
  {
    id: 'order-prt-5-requester',
    from: 'PRT(*)-5',
    to: 'requester',
    using: 'practitioner(NameUse)',
    when: 'PRT-4 in OP and PRT-2 not in DE, UN',
  },
  {
    id: 'order-obr-17-callback',
    from: 'OBR-17[*]',
    to: 'extension[+]',
    using: 'contactExtension(OrderCallback, TelecomUse, TelecomSystem)',
  },
  {
    id: 'order-orc-14-callback',
    from: 'ORC-14[*]',
    to: 'extension[+]',
    using: 'contactExtension(OrderCallback, TelecomUse, TelecomSystem)',
    when: 'OBR-17 empty',
  },
  { id: 'order-obr-31-reason', from: 'OBR-31[*]', to: 'reasonCode[+]', using: 'concept' },
  {
    id: 'order-diagnosis',
    from: 'DG1(*)',
    to: 'reasonReference[+]',
    using: 'reference(Condition)',
    when: IN_ORDERS,
  },
  {
    id: 'order-observation',
    from: 'OBX(*)',
    to: 'supportingInfo[+]',
    using: 'reference(Observation)',
    when: IN_ORDERS,
  },
  { id: 'order-specimen', from: 'OBR', to: 'specimen', using: 'specimens' },
  {
    id: 'order-obr-15-site',
    from: 'OBR-15.4',
    to: 'bodySite[+]',
    using: 'concept',
    when: 'OBR-15.1 empty and OBR-15.1.2 empty and OBR-15.2 empty and OBR-15.3 empty',
  },
  { id: 'order-note', from: 'NTE(*)-3[*]', to: 'note[+]', using: 'annotation(NameUse)', when: IN_ORDERS },
  { id: 'order-obr-13-clinical', from: 'OBR-13', to: 'note[+]', using: 'annotation' },
];

export const orderMaps: readonly ResourceMap[] = [
  {
    id: 'obr-order',
    segment: 'OBR',
    resource: 'ServiceRequest',
    identity: 'order',
    mode: 'create',
    modeByMessage,
    rules: [...orderControl('order'), ...sharedControl, ...requested],
  },
  {
    id: 'orc-order',
    segment: 'ORC',
    resource: 'ServiceRequest',
    identity: 'orderState',
    mode: 'create',
    modeByMessage,
    when: IN_ORDERS,
    rules: [
      ...orderControl('state'),
      {
        id: 'state-status-unknown',
        to: 'status',
        using: 'constant(unknown)',
        when: `ORC-1 not in ${CHANGES}`,
      },
      { id: 'state-intent', to: 'intent', using: 'constant(order)' },
      { id: 'state-subject', from: 'PID', to: 'subject', using: 'reference(Patient)' },
      { id: 'state-encounter', from: 'PV1', to: 'encounter', using: 'reference(Encounter)' },
      { id: 'state-note', from: 'NTE(*)-3[*]', to: 'note[+]', using: 'annotation(NameUse)' },
    ],
  },
];
