/** ORC, OBR, OBX and NTE of results. */
import type { ResourceMap } from '../../engine/pack.js';
import { ORDER_MESSAGES } from './orders.js';
import { EMBEDDED, LINKED, OUTSIDE_DOCUMENT } from './documents.js';
import { OUTSIDE_VACCINATION } from './immunizations.js';

const NOT_DOCUMENT = 'OBX-2 not in ED, RP and OBX-5.4 not in Base64, BASE64, base64';
/** Of what stands under a document (TXA) or a vaccination (RXA), only what is no part of it. */
const NOT_PART = [
  'TXA-2 empty and RXA-5 empty',
  `TXA-2 valued and ${OUTSIDE_DOCUMENT}`,
  `RXA-5 valued and ${OUTSIDE_VACCINATION}`,
];
const RESULT = NOT_PART.map((part) => `OBX-11 not in O and ${NOT_DOCUMENT} and ${part}`).join(' or ');

/** Types that FHIR has no value for: their text as it was sent. */
const TEXT_TYPES =
  'OBX-2 in AD, CK, CN, CP, CX, DLN, EI, HD, ID, MA, MO, NA, NDL, PL, PN, PPN, SI, TN, VR, XAD, XCN, XON, XPN, XTN';

export const resultMaps: readonly ResourceMap[] = [
  {
    id: 'obr-report',
    segment: 'OBR',
    resource: 'DiagnosticReport',
    identity: 'report',
    mode: 'replace',
    // There OBR says what is asked for.
    when: `message not in ${ORDER_MESSAGES.join(', ')}, BAR, DFT, MDM, SIU`,
    rules: [
      { id: 'orc-2-placer', from: 'ORC-2[*]', to: 'identifier[+]', using: 'entityIdentifier(order, PLAC)' },
      { id: 'obr-2-placer', from: 'OBR-2[*]', to: 'identifier[+]', using: 'entityIdentifier(order, PLAC)' },
      { id: 'orc-3-filler', from: 'ORC-3[*]', to: 'identifier[+]', using: 'entityIdentifier(order, FILL)' },
      { id: 'obr-3-filler', from: 'OBR-3[*]', to: 'identifier[+]', using: 'entityIdentifier(order, FILL)' },
      {
        id: 'report-orc-28-security',
        from: 'ORC-28',
        to: 'meta.security[+]',
        using: 'codingBy(OrderConfidentiality)',
      },
      {
        id: 'report-group-security',
        from: 'OBR',
        to: 'meta.security[+]',
        using: 'labelOfGroup(OrderConfidentiality, 28)',
      },
      { id: 'report-order', from: 'OBR', to: 'basedOn[+]', using: 'reference(ServiceRequest)' },
      { id: 'obr-25-status', from: 'OBR-25', to: 'status', using: 'code(ReportStatus)' },
      { id: 'obr-status-unknown', to: 'status', using: 'constant(unknown)' },
      { id: 'obr-24-category', from: 'OBR-24', to: 'category[+]', using: 'conceptBy(DiagnosticSection)' },
      { id: 'obr-4-code', from: 'OBR-4', to: 'code', using: 'concept' },
      {
        id: 'obr-code-unknown',
        to: 'code.text',
        using: 'constant(Not stated)',
        when: 'OBR-4.1 empty and OBR-4.2 empty and OBR-4.4 empty and OBR-4.9 empty',
      },
      { id: 'obr-subject', from: 'PID', to: 'subject', using: 'reference(Patient)' },
      { id: 'obr-encounter', from: 'PV1', to: 'encounter', using: 'reference(Encounter)' },
      {
        id: 'obr-7-effective',
        from: 'OBR-7',
        to: 'effectiveDateTime',
        using: 'dateTime',
        when: 'OBR-8 empty',
      },
      {
        id: 'obr-7-start',
        from: 'OBR-7',
        to: 'effectivePeriod.start',
        using: 'dateTime',
        when: 'OBR-8 valued',
      },
      { id: 'obr-8-end', from: 'OBR-8', to: 'effectivePeriod.end', using: 'dateTime' },
      { id: 'obr-22-issued', from: 'OBR-22', to: 'issued', using: 'instant' },
      {
        id: 'obr-32-interpreter',
        from: 'OBR-32[*]',
        to: 'resultsInterpreter[+]',
        using: 'interpreter(NameUse)',
      },
      {
        id: 'obr-33-interpreter',
        from: 'OBR-33[*]',
        to: 'resultsInterpreter[+]',
        using: 'interpreter(NameUse)',
      },
      {
        id: 'obr-prt-5-interpreter',
        from: 'PRT(*)-5[*]',
        to: 'resultsInterpreter[+]',
        using: 'practitioner(NameUse)',
        when: 'PRT-4 in AI, PI and PRT-2 not in DE, UN',
      },
      { id: 'obr-34-performer', from: 'OBR-34[*]', to: 'performer[+]', using: 'interpreter(NameUse)' },
      { id: 'report-specimen', from: 'OBR', to: 'specimen', using: 'specimens' },
      { id: 'obr-results', from: 'OBR', to: 'result', using: 'results' },
      { id: 'spm-documents', from: 'OBR', to: 'presentedForm', using: 'specimenDocuments' },
      {
        id: 'obx-5-document',
        from: 'OBX(*)-5[*]',
        to: 'presentedForm[+]',
        using: 'attachment',
        when: EMBEDDED,
      },
      {
        id: 'obx-5-document-link',
        from: 'OBX(*)-5[*]',
        to: 'presentedForm[+]',
        using: 'documentLink',
        when: LINKED,
      },
      { id: 'obr-note', from: 'NTE(*)-3[*]', to: 'extension[+]', using: 'annotationExtension(ReportNote)' },
    ],
  },
  {
    id: 'obx-observation',
    segment: 'OBX',
    resource: 'Observation',
    identity: 'observation',
    mode: 'replace',
    // O only describes what was ordered; documents become part of the report.
    when: RESULT,
    rules: [
      // Who may not see the order may not see what came of it.
      {
        id: 'obx-orc-28-security',
        from: 'ORC-28',
        to: 'meta.security[+]',
        using: 'codingBy(OrderConfidentiality)',
      },
      {
        id: 'obx-group-security',
        from: 'OBR',
        to: 'meta.security[+]',
        using: 'labelOfGroup(OrderConfidentiality, 28)',
      },
      {
        id: 'obx-10-nature',
        from: 'OBX-10',
        to: 'extension(NatureOfAbnormal).valueCodeableConcept',
        using: 'conceptBy(NatureOfAbnormal)',
      },
      {
        id: 'obx-19-analysis',
        from: 'OBX-19',
        to: 'extension(AnalysisTime).valueDateTime',
        using: 'dateTime',
      },
      // What belongs together in an order: an organism and what it is sensitive to.
      { id: 'obx-4-group', from: 'OBX-4', to: 'extension[+]', using: 'subId(SubId)' },
      {
        id: 'obx-21-identifier',
        from: 'OBX-21',
        to: 'identifier[+]',
        using: 'entityIdentifier(order, FILL)',
      },
      // Nothing of a report that is cancelled stands, unless it is corrected or taken back itself.
      {
        id: 'obr-25-cancelled',
        from: 'OBR-25',
        to: 'status',
        using: 'constant(cancelled)',
        when: 'OBR-25 in X and OBX-11 valued and OBX-11 not in C, D, W, X',
      },
      { id: 'obx-11-status', from: 'OBX-11', to: 'status', using: 'code(ObservationStatus)' },
      // Final without the value, which another message states: the record layer puts the two together.
      {
        id: 'obx-11-released',
        from: 'OBX-11',
        to: '_status.extension(AlternateCodes).valueCodeableConcept',
        using: 'conceptIfKnown(ReleasedAsSent)',
        when: 'OBX-5 empty',
      },
      {
        id: 'obr-25-observation-status',
        from: 'OBR-25',
        to: 'status',
        using: 'codeIfKnown(ObservationStatusOfReport)',
        when: 'OBX-11 empty',
      },
      { id: 'obx-status-unknown', to: 'status', using: 'constant(unknown)' },
      {
        id: 'obr-24-observation-category',
        from: 'OBR-24',
        to: 'category[+]',
        using: 'conceptIfKnown(ObservationCategory)',
      },
      { id: 'obx-3-code', from: 'OBX-3', to: 'code', using: 'concept' },
      // Lines of a report's text often have no code of their own.
      {
        id: 'obr-4-observation-code',
        from: 'OBR-4',
        to: 'code',
        using: 'concept',
        when: 'OBX-3.1 empty and OBX-3.2 empty and OBX-3.4 empty and OBX-3.9 empty',
      },
      { id: 'obx-subject', from: 'PID', to: 'subject', using: 'reference(Patient)' },
      { id: 'obx-encounter', from: 'PV1', to: 'encounter', using: 'reference(Encounter)' },
      { id: 'obx-14-effective', from: 'OBX-14', to: 'effectiveDateTime', using: 'dateTime' },
      {
        id: 'obr-7-observation-effective',
        from: 'OBR-7',
        to: 'effectiveDateTime',
        using: 'dateTime',
        when: 'OBX-14 empty',
      },
      { id: 'obx-16-performer', from: 'OBX-16[*]', to: 'performer[+]', using: 'practitioner(NameUse)' },
      // Since version 2.7 who takes part stands in PRT, with a role of table 0912.
      {
        id: 'obx-prt-5-performer',
        from: 'PRT(*)-5[*]',
        to: 'performer[+]',
        using: 'practitioner(NameUse)',
        when: 'PRT-4 in MDIR, RO, TN, VP and PRT-2 not in DE, UN',
      },
      {
        id: 'obx-prt-8-performer',
        from: 'PRT(*)-8[*]',
        to: 'performer[+]',
        using: 'organisation',
        when: 'PRT-4 in PO and PRT-2 not in DE, UN',
      },
      {
        id: 'obx-15-producer',
        from: 'OBX-15',
        to: 'performer[+]',
        using: 'codedOrganisation',
        when: 'OBX-23 empty',
      },
      {
        id: 'obx-23-performer',
        from: 'OBX-23',
        to: 'performer[+]',
        using: 'organisation',
        when: 'OBX-25 empty',
      },
      {
        id: 'obx-25-performer',
        from: 'OBX-25',
        to: 'performer[+]',
        using: 'practitionerRole(NameUse, 23, MDIR)',
      },
      {
        id: 'obx-5-number',
        from: 'OBX-5',
        to: 'valueQuantity',
        using: 'quantity(Units)',
        when: 'OBX-2 in NM and OBX-5[2] empty',
      },
      {
        id: 'obx-5-untyped-number',
        from: 'OBX-5',
        to: 'valueQuantity',
        using: 'quantityIfNumber(Units)',
        when: 'OBX-2 empty and OBX-5[2] empty or OBX-2 in ST and OBX-6 valued and OBX-5[2] empty',
      },
      {
        id: 'obx-5-text',
        from: 'OBX-5[*]',
        to: 'valueString',
        using: 'textLines',
        when: 'OBX-2 in ST, TX, FT',
      },
      {
        id: 'obx-5-concept',
        from: 'OBX-5',
        to: 'valueCodeableConcept',
        using: 'concept',
        when: 'OBX-2 in CE, CWE, CNE, CF, IS and OBX-5[2] empty',
      },
      {
        id: 'obx-5-ratio',
        from: 'OBX-5',
        to: 'valueRatio',
        using: 'structuredRatio(Units)',
        when: 'OBX-2 in SN and OBX-5.3 in :, /',
      },
      {
        id: 'obx-5-range',
        from: 'OBX-5',
        to: 'valueRange',
        using: 'structuredRange(Units)',
        when: 'OBX-2 in SN and OBX-5.3 in -',
      },
      {
        id: 'obx-5-structured',
        from: 'OBX-5',
        to: 'valueQuantity',
        using: 'structuredQuantity(Units)',
        when: 'OBX-2 in SN and OBX-5.3 empty',
      },
      {
        id: 'obx-5-date',
        from: 'OBX-5',
        to: 'valueDateTime',
        using: 'dateTime',
        when: 'OBX-2 in DT, DTM, TS',
      },
      // A result of several values has them all as components: the first alone would hide the others.
      {
        id: 'obx-5-values',
        from: 'OBX-5[*]',
        to: 'component[+]',
        using: 'componentValue(Units)',
        when: 'OBX-2 in NM, CE, CWE, CNE, CF, IS and OBX-5[2] valued',
      },
      { id: 'obx-5-start', from: 'OBX-5.1', to: 'valuePeriod.start', using: 'dateTime', when: 'OBX-2 in DR' },
      { id: 'obx-5-end', from: 'OBX-5.2', to: 'valuePeriod.end', using: 'dateTime', when: 'OBX-2 in DR' },
      {
        id: 'obx-5-numeric-range',
        from: 'OBX-5',
        to: 'valueRange',
        using: 'numericRange(Units)',
        when: 'OBX-2 in NR',
      },
      { id: 'obx-5-parts', from: 'OBX-5[*]', to: 'valueString', using: 'lines', when: TEXT_TYPES },
      { id: 'obx-5-time', from: 'OBX-5', to: 'valueTime', using: 'time', when: 'OBX-2 in TM' },
      {
        id: 'obx-5-structured-text',
        from: 'OBX-5',
        to: 'valueString',
        using: 'structuredText',
        when: 'OBX-2 in SN',
      },
      { id: 'obx-5-other', from: 'OBX-5[*]', to: 'valueString', using: 'otherValue' },
      {
        id: 'obx-11-not-asked',
        from: 'OBX-11',
        to: 'dataAbsentReason',
        using: 'conceptIfKnown(NotAsked)',
        when: 'OBX-5 empty',
      },
      {
        id: 'obx-8-interpretation',
        from: 'OBX-8[*]',
        to: 'interpretation[+]',
        using: 'conceptBy(Interpretation)',
      },
      { id: 'obx-6-unit-note', from: 'OBX-6', to: 'note[+]', using: 'unitNote' },
      { id: 'obx-note', from: 'NTE(*)-3[*]', to: 'note[+]', using: 'annotation(NameUse)' },
      { id: 'obr-26-parent', from: 'OBR-26', to: 'derivedFrom[+]', using: 'parentResult' },
      { id: 'obx-18-device', from: 'OBX-18', to: 'device', using: 'deviceReference' },
      { id: 'prt-10-device', from: 'PRT(*)-10', to: 'device', using: 'deviceReference' },
      {
        id: 'prt-9-location',
        from: 'PRT(*)-9',
        to: 'extension(EventLocation).valueReference',
        using: 'locationReference',
      },
      { id: 'obx-33-specimen', from: 'OBX-33', to: 'specimen', using: 'pairedReference(order, Specimen)' },
      { id: 'obx-spm', from: 'SPM', to: 'specimen', using: 'reference(Specimen)' },
      { id: 'obx-obr-specimen', from: 'OBR', to: 'specimen', using: 'onlySpecimen' },
      { id: 'obx-20-body-site', from: 'OBX-20', to: 'bodySite', using: 'concept' },
      { id: 'obx-17-method', from: 'OBX-17', to: 'method', using: 'concept' },
      { id: 'obx-7-range', from: 'OBX-7', to: 'referenceRange[+]', using: 'referenceRange(Units)' },
    ],
  },
];
