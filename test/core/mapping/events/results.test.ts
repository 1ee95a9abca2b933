import { describe, expect, test } from '@jest/globals';
import type { DiagnosticReport, Observation } from 'fhir/r4.js';
import { sharedId } from '../../../../src/core/identity/tokens.js';
import type { Conversion } from '../../../../src/core/mapping/types.js';
import {
  convertText,
  hl7,
  PATIENT_KEY,
  patientRecordId,
  PID,
  recordOf,
  recordsOf,
  resourceOf,
  segment,
} from '../support.js';

const profile = (name: string) => ({
  profile: [`https://fhir.hl7.org.uk/StructureDefinition/UKCore-${name}`],
});
const id = patientRecordId;
const TYPES = 'http://terminology.hl7.org/CodeSystem/v2-0203';
const ORDER = 'https://rxx.nhs.uk/id/order';
const obx = (fields: Record<number, string>) => segment('OBX', { 1: '1', 2: 'NM', 11: 'F', ...fields });
const observations = (conversion: Conversion): Observation[] =>
  recordsOf(conversion, 'Observation').map(({ resource }) => resource as Observation);

const message = hl7(
  'ORU^R01',
  PID,
  segment('PV1', { 1: '1', 2: 'I', 3: 'WARD7', 19: 'V001' }),
  segment('ORC', { 1: 'RE', 2: 'P100', 3: 'F200' }),
  segment('OBR', {
    1: '1',
    2: 'P100',
    3: 'F200',
    4: 'FBC^Full blood count^L',
    7: '20240105081500',
    22: '20240105100000',
    24: 'HM',
    25: 'F',
  }),
  'NTE|1|L|Sample slightly haemolysed',
  obx({
    3: '718-7^Haemoglobin^LN',
    5: '131',
    6: 'g/L',
    7: '115-165',
    8: 'N',
    14: '20240105081500',
    16: 'jbloggs^Bloggs^Jo',
    23: 'Pathology^^RXX01',
    25: 'C7654321^Strange^Stephen',
  }),
  'NTE|1||Repeated',
  'NTE|2||Confirmed',
  obx({ 1: '2', 3: '6690-2^Leucocytes^LN', 5: '14.20', 6: '10^9/L', 7: '4-11', 8: 'H~A', 11: 'P' }),
  segment('OBX', { 1: '3', 2: 'ED', 3: 'PDF^Report', 5: '^application^pdf^Base64^SGVsbG8=', 11: 'F' }),
);
const conversion = convertText(message);

describe('ORU^R01, a result', () => {
  test('names patient and visit only to be created', () => {
    expect(recordOf(conversion, 'Patient').mode).toBe('create');
    const { mode, resource } = recordOf(conversion, 'Encounter');
    expect(mode).toBe('create');
    // A result knows no state of the visit; a new one still needs a status.
    expect(resource).toMatchObject({ status: 'unknown', class: { code: 'IMP' } });
  });

  test('states the report', () => {
    const { mode, resource } = recordOf(conversion, 'DiagnosticReport');
    expect(mode).toBe('replace');
    expect(resource).toEqual({
      resourceType: 'DiagnosticReport',
      id: id('DiagnosticReport', 'F200|FBC|L'),
      meta: profile('DiagnosticReport'),
      identifier: [
        { type: { coding: [{ system: TYPES, code: 'PLAC' }] }, system: ORDER, value: 'P100' },
        { type: { coding: [{ system: TYPES, code: 'FILL' }] }, system: ORDER, value: 'F200' },
      ],
      basedOn: [{ reference: `ServiceRequest/${id('ServiceRequest', 'P100')}` }],
      status: 'final',
      category: [
        {
          coding: [
            { system: 'http://terminology.hl7.org/CodeSystem/v2-0074', code: 'HM', display: 'Hematology' },
          ],
        },
      ],
      code: { coding: [{ system: 'https://rxx.nhs.uk/id/code', code: 'FBC', display: 'Full blood count' }] },
      subject: { reference: `Patient/${PATIENT_KEY}` },
      encounter: { reference: `Encounter/${id('Encounter', 'V001')}` },
      effectiveDateTime: '2024-01-05T08:15:00+00:00',
      issued: '2024-01-05T10:00:00+00:00',
      result: [
        { reference: `Observation/${id('Observation', 'F200|FBC|L|718-7|LN|')}` },
        { reference: `Observation/${id('Observation', 'F200|FBC|L|6690-2|LN|')}` },
      ],
      presentedForm: [{ contentType: 'application/pdf', data: 'SGVsbG8=' }],
      extension: [
        {
          url: 'http://hl7.org/fhir/5.0/StructureDefinition/extension-DiagnosticReport.note',
          valueAnnotation: { text: 'Sample slightly haemolysed' },
        },
      ],
    });
  });

  test('states each observation', () => {
    const [haemoglobin, leucocytes] = observations(conversion);
    const common = {
      resourceType: 'Observation',
      meta: profile('Observation'),
      category: [
        {
          coding: [
            {
              system: 'http://terminology.hl7.org/CodeSystem/observation-category',
              code: 'laboratory',
              display: 'Laboratory',
            },
          ],
        },
      ],
      subject: { reference: `Patient/${PATIENT_KEY}` },
      encounter: { reference: `Encounter/${id('Encounter', 'V001')}` },
      effectiveDateTime: '2024-01-05T08:15:00+00:00',
    };
    const unit = (code: string, sent = code) => ({ unit: sent, system: 'http://unitsofmeasure.org', code });
    const interpretation = (code: string, display: string) => ({
      coding: [
        { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation', code, display },
      ],
    });
    expect(haemoglobin).toEqual({
      ...common,
      id: id('Observation', 'F200|FBC|L|718-7|LN|'),
      status: 'final',
      code: { coding: [{ system: 'http://loinc.org', code: '718-7', display: 'Haemoglobin' }] },
      valueQuantity: { value: 131, ...unit('g/L') },
      referenceRange: [
        { low: { value: 115, ...unit('g/L') }, high: { value: 165, ...unit('g/L') }, text: '115-165' },
      ],
      interpretation: [interpretation('N', 'Normal')],
      performer: [
        {
          reference: `Practitioner/${sharedId('Practitioner', 'https://rxx.nhs.uk/id/staff', 'jbloggs')}`,
          display: 'Jo Bloggs',
        },
        {
          reference: `PractitionerRole/${recordOf(conversion, 'PractitionerRole').resource.id}`,
          display: 'Stephen Strange',
        },
      ],
      note: [{ text: 'Repeated' }, { text: 'Confirmed' }],
    });
    expect(leucocytes).toEqual({
      ...common,
      id: id('Observation', 'F200|FBC|L|6690-2|LN|'),
      status: 'preliminary',
      code: { coding: [{ system: 'http://loinc.org', code: '6690-2', display: 'Leucocytes' }] },
      valueQuantity: {
        value: 14.2,
        _value: {
          extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/quantity-precision', valueInteger: 2 }],
        },
        ...unit('10*9/L', '10^9/L'),
      },
      referenceRange: [
        {
          low: { value: 4, ...unit('10*9/L', '10^9/L') },
          high: { value: 11, ...unit('10*9/L', '10^9/L') },
          text: '4-11',
        },
      ],
      interpretation: [interpretation('H', 'High'), interpretation('A', 'Abnormal')],
    });
  });

  test('states the director of the laboratory in that role', () => {
    const role = recordOf(conversion, 'PractitionerRole');
    expect(role.mode).toBe('create');
    expect(role.resource).toEqual({
      resourceType: 'PractitionerRole',
      id: role.partition,
      meta: profile('PractitionerRole'),
      practitioner: {
        reference: `Practitioner/${sharedId('Practitioner', 'https://fhir.hl7.org.uk/Id/gmc-number', '7654321')}`,
        display: 'Stephen Strange',
      },
      organization: {
        reference: `Organization/${sharedId('Organization', 'https://fhir.nhs.uk/Id/ods-site-code', 'RXX01')}`,
        display: 'Pathology',
      },
      code: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0912', code: 'MDIR' }] }],
    });
  });

  test('accounts for every field', () => {
    expect(conversion.issues).toEqual([]);
    expect(conversion.ledger.filter(({ fate }) => fate === 'unmapped')).toEqual([]);
  });
});

describe('the status of a result', () => {
  const statusOf = (obx11: string, obr25 = 'F') => {
    const text = hl7(
      'ORU^R01',
      PID,
      segment('OBR', { 3: 'F1', 4: 'T', 25: obr25 }),
      obx({ 3: 'NA', 5: '1', 11: obx11 }),
    );
    const converted = convertText(text);
    return {
      status: observations(converted)[0]?.status,
      issues: converted.issues.map(({ location }) => location),
    };
  };

  test.each([
    ['F', 'final'],
    ['P', 'preliminary'],
    ['C', 'corrected'],
    ['A', 'amended'],
    ['D', 'entered-in-error'],
    ['W', 'entered-in-error'],
    ['X', 'cancelled'],
    ['R', 'preliminary'],
    ['I', 'registered'],
    ['S', 'preliminary'],
    ['N', 'registered'],
    ['U', 'final'],
    ['V', 'final'],
    ['B', 'final'],
  ])('of OBX-11 %s is %s', (code, status) => {
    expect(statusOf(code)).toEqual({ status, issues: [] });
  });

  test('that nobody knows is unknown and reported', () => {
    expect(statusOf('Q')).toEqual({ status: 'unknown', issues: ['OBX-11[1]'] });
  });

  test.each([
    ['F', 'final'],
    ['R', 'preliminary'],
    ['Z', 'unknown'],
  ])('that OBX-11 leaves out follows OBR-25 %s', (code, status) => {
    expect(statusOf('', code).status).toBe(status);
  });

  test.each([
    ['O', 'registered', []],
    ['I', 'registered', []],
    ['S', 'registered', []],
    ['P', 'preliminary', []],
    ['C', 'corrected', []],
    ['R', 'partial', []],
    ['A', 'partial', []],
    ['M', 'preliminary', []],
    ['N', 'registered', []],
    ['X', 'cancelled', []],
    ['F', 'final', []],
    ['Y', 'unknown', ['OBR-25[1]']],
    ['', 'unknown', []],
  ])('of a report with OBR-25 "%s" is %s', (code, status, issues) => {
    const converted = convertText(hl7('ORU^R01', PID, segment('OBR', { 3: 'F1', 4: 'T', 25: code })));
    expect(resourceOf<DiagnosticReport>(converted, 'DiagnosticReport').status).toBe(status);
    expect(converted.issues.map(({ location }) => location)).toEqual(issues);
  });

  test('N without a value says that it was not asked for', () => {
    const converted = convertText(hl7('ORU^R01', PID, 'OBR|1||F1|T', obx({ 3: 'NA', 11: 'N' })));
    expect(observations(converted)[0]?.dataAbsentReason?.coding?.[0]?.code).toBe('not-asked');
  });

  test('O makes no observation: it only describes what was ordered', () => {
    const converted = convertText(hl7('ORU^R01', PID, 'OBR|1||F1|T', obx({ 3: 'NA', 5: '1', 11: 'O' })));
    expect(observations(converted)).toEqual([]);
    expect(converted.ledger).toContainEqual({
      source: 'OBX-5[1]',
      fate: 'ignored',
      rule: 'obx-11-order-detail',
    });
  });
});

describe('a report', () => {
  test('lasts from OBR-7 to OBR-8 where both are given', () => {
    const converted = convertText(
      hl7('ORU^R01', PID, segment('OBR', { 3: 'F1', 4: 'T', 7: '202401050800', 8: '202401050900', 25: 'F' })),
    );
    expect(resourceOf<DiagnosticReport>(converted, 'DiagnosticReport').effectivePeriod).toEqual({
      start: '2024-01-05T08:00:00+00:00',
      end: '2024-01-05T09:00:00+00:00',
    });
  });

  test('leaves out an impossible time, says so, and keeps the rest', () => {
    const converted = convertText(
      hl7(
        'ORU^R01',
        PID,
        segment('OBR', { 3: 'F1', 4: 'T', 7: '20240230', 25: 'F' }),
        obx({ 3: 'NA', 5: '1', 14: '2024023' }),
      ),
    );
    expect(resourceOf(converted, 'DiagnosticReport')).not.toHaveProperty('effectiveDateTime');
    expect(resourceOf(converted, 'Observation')).not.toHaveProperty('effectiveDateTime');
    expect(converted.issues.map(({ code, location }) => `${code} ${location ?? ''}`)).toEqual([
      'HDE_HL7_DATA_TYPE OBR-7[1].1',
      'HDE_HL7_DATA_TYPE OBX-14[1].1',
    ]);
    expect(converted.ledger).toContainEqual({ source: 'OBX-14[1]', fate: 'unmapped' });
  });

  test.each([
    ['under another type', 'CE', '^IGene^application/pdf^Base64^SGVsbG8='],
    ['as ED', 'ED', '^IM^PDF^Base64^SGVsbG8='],
  ])('holds a document that comes %s', (_case, type, value) => {
    const converted = convertText(
      hl7('ORU^R01', PID, 'OBR|1||F1|T', segment('OBX', { 2: type, 3: 'PDF', 5: value, 11: 'F' })),
    );
    expect(resourceOf<DiagnosticReport>(converted, 'DiagnosticReport').presentedForm).toEqual([
      { contentType: 'application/pdf', data: 'SGVsbG8=' },
    ]);
    expect(observations(converted)).toEqual([]);
  });

  test('links to a document that stays with the sender', () => {
    const value = 'https://docs.rxx.nhs.uk/1^PACS^application^pdf';
    const converted = convertText(
      hl7('ORU^R01', PID, 'OBR|1||F1|T', segment('OBX', { 2: 'RP', 3: 'PDF', 5: value, 11: 'F' })),
    );
    expect(resourceOf<DiagnosticReport>(converted, 'DiagnosticReport').presentedForm).toEqual([
      { contentType: 'application/pdf', url: 'https://docs.rxx.nhs.uk/1' },
    ]);
  });
});

describe('the media type of a document', () => {
  test.each<[string, string, string]>([
    ['ED', '^IM^PDF^Base64^SGVsbG8=', 'application/pdf'],
    ['ED', 'APP^PDF^^Base64^SGVsbG8=', 'application/pdf'],
    ['ED', '^TEXT^^A^Hello', 'text/plain'],
    ['ED', '^TEXT^x-hl7-cda-level-one^Base64^SGVsbG8=', 'text/x-hl7-cda-level-one'],
    ['RP', '//server/x.pdf^APP^application^pdf', 'application/pdf'],
    ['RP', '//server/x.pdf^APP^^pdf', 'application/pdf'],
  ])('of %s %s is %s', (type, value, expected) => {
    const conversion = convertText(
      hl7('ORU^R01', PID, 'OBR|1|P1|F1|A^A^L', `OBX|1|${type}|D^D^L||${value}||||||F`),
    );
    const report = resourceOf<DiagnosticReport>(conversion, 'DiagnosticReport');
    expect(report.presentedForm?.map(({ contentType }) => contentType)).toEqual([expected]);
  });
});

describe('what stands beside what is usual', () => {
  const conversion = convertText(
    hl7(
      'ORU^R01',
      PID,
      'ORC|RE|P1|F1~F2',
      'OBR|1|P1|F1~F3|A^A^L',
      'OBX|1|ST|A^A^L||x||||||F',
      'NTE|1|L|text|RE^Remark',
      'NTE|2|L||GR^General reason',
    ),
  );

  test('every number of an order is kept', () => {
    const { identifier = [] } = resourceOf<DiagnosticReport>(conversion, 'DiagnosticReport');
    expect(identifier.map(({ value }) => value)).toEqual(['P1', 'F1', 'F2', 'F3']);
  });

  test('the kind of a note that says nothing else is told as unmapped', () => {
    const fates = conversion.ledger.flatMap(({ source, fate }) =>
      source.startsWith('NTE') && source.includes('-4') ? [[source, fate]] : [],
    );
    expect(fates).toEqual([
      ['NTE-4[1]', 'ignored'],
      ['NTE(2)-4[1]', 'unmapped'],
    ]);
  });
});
