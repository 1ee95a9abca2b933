/** TXA and the content under it: documents that MDM announces, sends, edits, replaces and cancels. */
import type { IgnoredFields, ResourceMap } from '../../engine/pack.js';

/** Types whose values are lines of a document under TXA. */
const TEXTS = 'TX, FT, ST';

/** Observations (OBX) that are no content of a document: under TXA only what is not text. */
export const OUTSIDE_DOCUMENT = `OBX-2 not in ${TEXTS}`;

/** Documents that stand: one that is deleted, or was posted as wrong, such as to another patient, is shown nowhere. */
const STANDS = 'OBX-11 not in D, W';
/** Documents come as ED or RP; some senders put the content of ED under another type. */
export const EMBEDDED = ['OBX-2 in ED', 'OBX-5.4 in Base64, BASE64, base64']
  .map((kind) => `${kind} and ${STANDS}`)
  .join(' or ');
/** Pointers to documents that stay with the sender. */
export const LINKED = `OBX-2 in RP and ${STANDS}`;

export const documentMaps: readonly ResourceMap[] = [
  {
    id: 'txa-document',
    segment: 'TXA',
    resource: 'DocumentReference',
    identity: 'document',
    // A notification comes without the content that another message sends.
    mode: 'merge',
    cumulative: ['identifier', 'author'],
    rules: [
      {
        id: 'txa-orc-28-security',
        from: 'ORC-28',
        to: 'meta.security[+]',
        using: 'codingBy(OrderConfidentiality)',
      },
      // The label by which access is decided; what the sender wrote stands in securityLabel.
      {
        id: 'txa-18-restricted',
        from: 'TXA-18',
        to: 'meta.security[+]',
        using: 'securityLabel(OrderConfidentiality)',
      },
      { id: 'txa-12-master', from: 'TXA-12', to: 'masterIdentifier', using: 'entityIdentifier(order)' },
      { id: 'txa-12-identifier', from: 'TXA-12', to: 'identifier[+]', using: 'entityIdentifier(order)' },
      { id: 'txa-14-placer', from: 'TXA-14[*]', to: 'identifier[+]', using: 'entityIdentifier(order, PLAC)' },
      { id: 'txa-15-filler', from: 'TXA-15', to: 'identifier[+]', using: 'entityIdentifier(order, FILL)' },
      { id: 'txa-16-file', from: 'TXA-16', to: 'identifier[+]', using: 'entityIdentifier(order)' },
      { id: 'txa-cancelled', to: 'status', using: 'constant(entered-in-error)', when: 'event in T11' },
      // No cancellation (docStatus): the content may be sent again, and then stands.
      { id: 'txa-withdrawn', from: 'TXA', to: 'status', using: 'ifWithdrawn(entered-in-error)' },
      { id: 'txa-19-status', from: 'TXA-19', to: 'status', using: 'code(DocumentAvailability)' },
      { id: 'txa-status-current', to: 'status', using: 'constant(current)', when: 'TXA-19 empty' },
      // An availability that nobody understands must not show the document as valid.
      { id: 'txa-status-unknown', to: 'status', using: 'constant(entered-in-error)' },
      {
        id: 'txa-19-original',
        from: 'TXA-19',
        to: '_status.extension(AlternateCodes).valueCodeableConcept',
        using: 'conceptIfKnown(DocumentAvailabilityCode)',
      },
      { id: 'txa-availability-plain', to: '_status.extension[+]', using: 'withoutAvailability' },
      // Nobody may take a document for final that is not for the care of the patient.
      {
        id: 'txa-19-unavailable',
        from: 'TXA-19',
        to: 'docStatus',
        using: 'constant(preliminary)',
        when: 'TXA-19 in UN and event not in T11',
      },
      {
        id: 'txa-17-amended',
        from: 'TXA-17',
        to: 'docStatus',
        using: 'constant(amended)',
        when: 'event in T07, T08 and TXA-17 in AU, LA',
      },
      {
        id: 'txa-17-cancelled',
        to: 'docStatus',
        using: 'constant(entered-in-error)',
        when: 'event in T11',
      },
      // Without TXA-17 the cancellation is one all the same.
      {
        id: 'txa-cancelled-doc-status',
        to: 'docStatus',
        using: 'constant(entered-in-error)',
        when: 'event in T11',
      },
      { id: 'txa-17-doc-status', from: 'TXA-17', to: 'docStatus', using: 'code(DocumentCompletion)' },
      { id: 'txa-2-type', from: 'TXA-2', to: 'type', using: 'concept' },
      { id: 'txa-subject', from: 'PID', to: 'subject', using: 'reference(Patient)' },
      { id: 'txa-6-date', from: 'TXA-6', to: 'date', using: 'instantIfTimed' },
      { id: 'txa-7-date', from: 'TXA-7', to: 'date', using: 'instantIfTimed' },
      { id: 'txa-4-date', from: 'TXA-4', to: 'date', using: 'instantIfTimed' },
      { id: 'txa-9-author', from: 'TXA-9[*]', to: 'author[+]', using: 'practitioner(NameUse)' },
      {
        id: 'txa-5-author',
        from: 'TXA-5[*]',
        to: 'author[+]',
        using: 'practitioner(NameUse)',
        when: 'TXA-9.1 empty and TXA-9.2 empty',
      },
      { id: 'txa-10-authenticator', from: 'TXA-10', to: 'authenticator', using: 'practitioner(NameUse)' },
      { id: 'txa-22-authenticator', from: 'TXA-22', to: 'authenticator', using: 'practitioner(NameUse)' },
      { id: 'txa-custodian', to: 'custodian', using: 'owner' },
      {
        id: 'txa-13-replaces',
        from: 'TXA-13',
        to: 'relatesTo[+]',
        using: 'documentParent(replaces)',
        when: 'event in T09, T10',
      },
      {
        id: 'txa-13-appends',
        from: 'TXA-13',
        to: 'relatesTo[+]',
        using: 'documentParent(appends)',
        when: 'event not in T09, T10',
      },
      {
        id: 'txa-13-missing',
        to: 'relatesTo[+]',
        using: 'withoutParent',
        when: 'event in T09, T10 and TXA-13 empty',
      },
      { id: 'txa-25-description', from: 'TXA-25', to: 'description', using: 'text' },
      { id: 'txa-16-description', from: 'TXA-16', to: 'description', using: 'text' },
      {
        id: 'txa-18-security',
        from: 'TXA-18',
        to: 'securityLabel[+]',
        using: 'conceptBy(DocumentConfidentiality)',
      },
      { id: 'txa-text', from: 'TXA', to: 'content[+]', using: 'documentText' },
      {
        id: 'txa-obx-5-document',
        from: 'OBX(*)-5[*]',
        to: 'content[+]',
        using: 'documentContent(data)',
        when: EMBEDDED,
      },
      {
        id: 'txa-obx-5-link',
        from: 'OBX(*)-5[*]',
        to: 'content[+]',
        using: 'documentContent(link)',
        when: LINKED,
      },
      { id: 'txa-encounter', from: 'PV1', to: 'context.encounter[+]', using: 'reference(Encounter)' },
      { id: 'txa-4-start', from: 'TXA-4', to: 'context.period.start', using: 'dateTime' },
    ],
  },
];

export const documentIgnored: readonly IgnoredFields[] = [
  { id: 'txa-1-set-id', from: 'TXA-1', because: 'Counts segments.' },
  {
    id: 'txa-3-presentation',
    from: 'TXA-3',
    because: 'The form of the content as a whole; each attachment states the media type it has.',
  },
  {
    id: 'txa-obx-envelope',
    from: 'OBX-3, OBX-4, OBX-11, OBX-14',
    because: 'A line of a document, which has type, status and time of its own.',
    when: `TXA-2 valued and OBX-2 in ${TEXTS}`,
  },
];
