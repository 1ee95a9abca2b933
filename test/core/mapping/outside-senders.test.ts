/**
 * Messages as senders outside the samples write them (LAW analysers, IHE, versions 2.7 and 2.8, point of care), each
 * with what a reader must find. All people are synthetic.
 */
import { describe, expect, test } from '@jest/globals';
import type {
  Appointment,
  DiagnosticReport,
  MedicationRequest,
  Observation,
  ServiceRequest,
  Specimen,
} from 'fhir/r4.js';
import type { Conversion } from '../../../src/core/mapping/types.js';
import { convertText, PID, resourceOf, resourcesOf, unmapped, warned } from './support.js';

const message = (type: string, version: string, ...segments: string[]): Conversion =>
  convertText(
    [`MSH|^~\\&|LAB|RXX|TIE|RXX|20240612101500||${type}|M1|P|${version}`, PID, ...segments].join('\r'),
  );
const result = (obx: string, ...after: string[]): Conversion =>
  message('ORU^R01', '2.8', 'OBR|1|P1|F1|FBC^Full blood count^L', obx, ...after);
const observationOf = (conversion: Conversion) => resourceOf<Observation>(conversion, 'Observation');

describe('who takes part in a result (PRT, HL7 v2.7 section 7.4.4)', () => {
  const OBX = 'OBX|1|NM|HB^Haemoglobin^L||132|g/L|||||F';
  const WELBY = 'C1234567^Welby^Marcus^^^Dr^^^GMC';

  test('is who observed it and where', () => {
    const conversion = result(
      OBX,
      'PRT|1|UC||RO^Responsible Observer^HL70912|N777^Nightingale^Flo',
      'PRT|2|UC||PO^Performing Organization^HL70912||||Blood Sciences^D^^^^ODS^XX^^^RXX01',
      'PRT|3|UC||RCT^Results Copies To^HL70912|N888^Copy^Carl',
    );
    expect(observationOf(conversion).performer?.map(({ display }) => display)).toEqual([
      'Flo Nightingale',
      'Blood Sciences',
    ]);
    expect(unmapped(conversion)).toContain('PRT(3)-5[1]');
  });

  test('is not whom the sender takes out', () => {
    const conversion = result(OBX, 'PRT|1|DE||RO^Responsible Observer^HL70912|N777^Nightingale^Flo');
    expect(observationOf(conversion)).not.toHaveProperty('performer');
  });

  test('is who asked for it and who reads it', () => {
    const conversion = message(
      'ORU^R01',
      '2.8',
      'OBR|1|P1|F1|CT^CT head^L',
      `PRT|1|UC||OP^Ordering Provider^HL70912|${WELBY}`,
      'PRT|2|UC||PI^Primary Interpreter^HL70912|N777^Nightingale^Flo',
      OBX,
    );
    expect(resourceOf<ServiceRequest>(conversion, 'ServiceRequest').requester).toMatchObject({
      display: 'Dr Marcus Welby',
    });
    expect(resourceOf<DiagnosticReport>(conversion, 'DiagnosticReport').resultsInterpreter).toMatchObject([
      { display: 'Flo Nightingale' },
    ]);
    expect(observationOf(conversion)).not.toHaveProperty('performer');
  });
});

test('an analyser states how urgent an order was in the TQ1 after its ORC (OUL^R22)', () => {
  const conversion = message(
    'OUL^R22^OUL_R22',
    '2.5.1',
    'SPM|1|SAMP1||SER^Serum^HL70487',
    'OBR|1|AWOS1||2345-7^Glucose^LN',
    'ORC|OK||||CM',
    'TQ1|1||||||||S^Stat^HL70485',
    'OBX|1|NM|2345-7^Glucose^LN||5.5|mmol/L|||||F',
    'OBR|2|AWOS2||2951-2^Sodium^LN',
    'ORC|OK||||CM',
    'OBX|1|NM|2951-2^Sodium^LN||140|mmol/L|||||F',
  );
  expect(resourcesOf(conversion, 'ServiceRequest').map((each) => (each as ServiceRequest).priority)).toEqual([
    'stat',
    undefined,
  ]);
  expect(unmapped(conversion)).not.toContain('TQ1-9[1]');
});

test('each container of a specimen is one (OML^O35)', () => {
  const conversion = message(
    'OML^O35^OML_O35',
    '2.5.1',
    'SPM|1|S57&ICE||BLD^Blood^HL70487|||||||||||||||||||||||EDTA^EDTA tube',
    'SAC|||S57A^ICE',
    'ORC|NW|O3^ICE',
    'OBR|1|O3^ICE||HBA1C^HbA1c^L',
    'SAC|||S57B^ICE',
    'ORC|NW|O4^ICE',
    'OBR|2|O4^ICE||GLU^Glucose^L',
  );
  expect(resourceOf<Specimen>(conversion, 'Specimen').container).toMatchObject([
    { type: { coding: [{ code: 'EDTA' }] }, identifier: [{ value: 'S57A' }] },
    { identifier: [{ value: 'S57B' }] },
  ]);
  expect(unmapped(conversion)).not.toContain('SAC(2)-3[1]');
});

describe('a note', () => {
  const notes = (conversion: Conversion, type: 'ServiceRequest' | 'MedicationRequest') =>
    resourceOf<ServiceRequest | MedicationRequest>(conversion, type).note?.map(({ text }) => text);

  test('after ORC (HL7 v2.7) or TQ1 is of the order, before those after OBR', () => {
    const conversion = message(
      'OMG^O19^OMG_O19',
      '2.8',
      'ORC|NW|O5^ICE',
      'NTE|1||Hoist needed',
      'PRT|1|UC||OP^Ordering Provider^HL70912|N777^Nightingale^Flo',
      'TQ1|1||||||20240701',
      'NTE|1||Morning only',
      'OBR|1|O5^ICE||ECG^ECG^L',
      'NTE|1||Pacemaker',
    );
    expect(notes(conversion, 'ServiceRequest')).toEqual(['Hoist needed', 'Morning only', 'Pacemaker']);
    expect(resourceOf<ServiceRequest>(conversion, 'ServiceRequest').requester).toMatchObject({
      display: 'Flo Nightingale',
    });
  });

  test('after the route, the times or a component of a medicine is of its prescription', () => {
    const conversion = message(
      'RDE^O11^RDE_O11',
      '2.8',
      'ORC|NW|RX5^EPMA',
      'NTE|1||one',
      'RXE||PARA^Paracetamol^L|500||mg',
      'NTE|1||two',
      'TQ1|1||QID',
      'NTE|1||three',
      'RXR|PO^Oral',
      'NTE|1||four',
    );
    expect(notes(conversion, 'MedicationRequest')).toEqual(['one', 'two', 'three', 'four']);
    expect(unmapped(conversion)).toEqual([]);
  });

  test('after the ORC that follows its OBR (OUL^R22) is of the report', () => {
    const conversion = message(
      'OUL^R22^OUL_R22',
      '2.5.1',
      'SPM|1|SAMP1||SER^Serum^HL70487',
      'OBR|1|AWOS1||2345-7^Glucose^LN',
      'ORC|OK||||CM',
      'NTE|1||Haemolysed',
      'OBX|1|NM|2345-7^Glucose^LN||5.5|mmol/L|||||F',
    );
    expect(resourceOf<DiagnosticReport>(conversion, 'DiagnosticReport').extension).toMatchObject([
      { valueAnnotation: { text: 'Haemolysed' } },
    ]);
  });

  test('of one order is not of the next', () => {
    const conversion = message(
      'OML^O21^OML_O21',
      '2.8',
      'ORC|NW|O1^ICE',
      'NTE|1||first',
      'OBR|1|O1^ICE||FBC^FBC^L',
      'ORC|NW|O2^ICE',
      'OBR|2|O2^ICE||ESR^ESR^L',
    );
    expect(resourcesOf(conversion, 'ServiceRequest').map((each) => 'note' in each)).toEqual([true, false]);
  });
});

describe('an appointment', () => {
  const booked = (...segments: string[]) =>
    message('SIU^S12', '2.4', 'SCH|A1|F1||||||||||^^^20240701080000^20240701093000', ...segments);

  test('whose specialty is that of the visit accounts for it', () => {
    const conversion = booked('PV1|1|O|OPD|||||||110');
    expect(resourceOf<Appointment>(conversion, 'Appointment').specialty).toHaveLength(1);
    expect(unmapped(conversion)).not.toContain('PV1-10[1]');
  });

  test('that a room declined says so', () => {
    const conversion = booked('RGS|1', 'AIL|1|A|TH^2^^RXX|T^Theatre||||||||Declined');
    expect(resourceOf<Appointment>(conversion, 'Appointment').participant.at(-1)?.status).toBe('declined');
  });
});

describe('codes of systems that have a URI', () => {
  test.each([
    ['SNOMED CT', 'http://snomed.info/sct'],
    ['ICD-10-CM', 'http://hl7.org/fhir/sid/icd-10-cm'],
    ['dm+d', 'https://dmd.nhs.uk'],
    ['MDC', 'urn:iso:std:iso:11073:10101'],
    ['CDCREC', 'urn:oid:2.16.840.1.113883.6.238'],
    ['2.16.840.1.113883.6.1', 'http://loinc.org'],
    ['urn:oid:2.16.840.1.113883.6.96', 'http://snomed.info/sct'],
  ])('%s are of %s', (name, system) => {
    expect(observationOf(result(`OBX|1|NM|150021^Name^${name}||120||||||F`)).code.coding).toEqual([
      { system, code: '150021', display: 'Name' },
    ]);
  });
});

test.each([
  ['L/min', 'L/min'],
  ['\u00b5mol/l', 'umol/L'],
  ['mU/l', 'mU/L'],
  ['mmol/24h', 'mmol/(24.h)'],
  ['weeks', 'wk'],
  ['ug/g', 'ug/g'],
  ['Gpt/l', '10*9/L'],
])('the unit %s is %s', (unit, code) => {
  expect(observationOf(result(`OBX|1|NM|HB^Hb^L||132|${unit}|||||F`)).valueQuantity).toMatchObject({
    unit,
    code,
  });
});

test('limits of a reference range may have a sign, as those of a base excess', () => {
  const conversion = result('OBX|1|NM|BE^Base excess^L||-2.5|mmol/L|-2 - +2|L|||F');
  expect(observationOf(conversion).referenceRange).toMatchObject([
    { low: { value: -2 }, high: { value: 2 } },
  ]);
});

test.each([
  ['ADD', 'ADD|second half||||||F'],
  ['DSC', 'DSC|1|F'],
])('a message that goes on elsewhere (%s) is not taken for a whole one', (name, segment) => {
  expect(warned(result('OBX|1|FT|R^Report||first half', segment))).toContain(`HDE_HL7_DATA_TYPE ${name}`);
  expect(warned(result('OBX|1|FT|R^Report||all of it||||||F'))).toEqual([]);
});
