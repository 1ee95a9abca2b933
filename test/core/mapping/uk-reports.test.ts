/**
 * Reports, documents, orders and appointments as British senders write them (WinPath microbiology, CRIS, ICE, Epic,
 * Careflow). All people are synthetic.
 */
import { describe, expect, test } from '@jest/globals';
import type { Resource } from 'fhir/r4.js';
import type { Conversion } from '../../../src/core/mapping/types.js';
import { after, convertText, recordOf, recordsOf, resourcesOf, unmapped, warned } from './support.js';

const AMIRA = 'PID|1||A12345^^^RXX^MR~9990000018^^^NHS^NH||KHAN^AMIRA^^^MRS||19800229|F';
const sent = (sender: string, type: string, ...segments: string[]): Conversion =>
  convertText(
    [`MSH|^~\\&|${sender}|RXX|TIE|RXX|20240612101500||${type}|${sender}1|P|2.4`, AMIRA, ...segments].join(
      '\r',
    ),
  );
const only = (conversion: Conversion, type: string): Resource => recordOf(conversion, type).resource;

describe('microbiology of WinPath', () => {
  const OBR = (number: string, service: string, rest = '') =>
    `OBR|1||${number}^WINPATH|${service}|||20240612080000|||||||20240612090000|UR^Urine|||||||20240613100000||MB|F|${rest}`;
  const OBX = (type: string, code: string, subId: string, value: string, flag = '') =>
    `OBX|1|${type}|${code}^${code}^WINPATH|${subId}|${value}|||${flag}|||F`;

  test('leads sensitivities to the organism that they are of', () => {
    const conversion = sent(
      'WINPATH',
      'ORU^R01',
      OBR('M1', 'UC^Urine culture^WINPATH'),
      OBX('CE', 'ORG', '1', 'ECOLI^Escherichia coli^WINPATH'),
      OBX('CE', 'ORG', '2', 'KPNEU^Klebsiella pneumoniae^WINPATH'),
      OBR('M1A', 'SENS^Sensitivity^WINPATH', 'ORG&ORG&WINPATH^2|||^M1&WINPATH'),
      OBX('ST', 'AMOX', '', 'R', 'R'),
      OBX('ST', 'TRIM', '', 'S', 'S'),
    );
    const [coli, klebsiella, amoxicillin, trimethoprim] = resourcesOf(conversion, 'Observation');
    expect(coli).toMatchObject({ valueCodeableConcept: { coding: [{ code: 'ECOLI' }] } });
    expect(klebsiella).toMatchObject({ valueCodeableConcept: { coding: [{ code: 'KPNEU' }] } });
    const derived = [{ reference: `Observation/${klebsiella?.id ?? ''}` }];
    expect(amoxicillin).toMatchObject({
      derivedFrom: derived,
      interpretation: [{ coding: [{ code: 'R' }] }],
    });
    expect(trimethoprim).toMatchObject({
      derivedFrom: derived,
      interpretation: [{ coding: [{ code: 'S' }] }],
    });
    expect(resourcesOf(conversion, 'DiagnosticReport')).toHaveLength(2);
    expect(warned(conversion)).toEqual([]);
  });

  test('tells two organisms of one code apart without sub-ids', () => {
    const conversion = sent(
      'WINPATH',
      'ORU^R01',
      OBR('M2', 'BC^Blood culture^WINPATH'),
      OBX('CE', 'ORG', '', 'ECOLI^Escherichia coli^WINPATH'),
      OBX('CE', 'ORG', '', 'SAUR^Staphylococcus aureus^WINPATH'),
    );
    expect(new Set(resourcesOf(conversion, 'Observation').map(({ id }) => id)).size).toBe(2);
  });

  test('keeps the lines of a culture report as one text', () => {
    const conversion = sent(
      'WINPATH',
      'ORU^R01',
      OBR('M3', 'UC^Urine culture^WINPATH'),
      OBX('FT', 'REP', '', 'Mixed growth.'),
      OBX('FT', 'REP', '', 'Repeat if symptoms go on.'),
    );
    expect(only(conversion, 'Observation')).toMatchObject({
      valueString: 'Mixed growth.\nRepeat if symptoms go on.',
    });
  });
});

describe('radiology of CRIS', () => {
  const OBR = (status: string) =>
    `OBR|1|R77^CRIS|R77^CRIS|XCHES^XR Chest^CRIS|||20240612083000|||||||||^JONES^ANN||||||20240612120000||RAD|${status}|||||||C123^BROWN^BEN`;
  const PDF = (status: string, data = 'JVBERi0xLjQK', encoding = 'Base64') =>
    `OBX|9|ED|PDF^Report^CRIS||^application^pdf^${encoding}^${data}||||||${status}`;
  const LINE = (text: string, status = 'F') => `OBX|1|TX|XCHES^XR Chest^CRIS||${text}||||||${status}`;

  test('is a report with its text and its document', () => {
    const conversion = sent(
      'CRIS',
      'ORU^R01',
      OBR('F'),
      LINE('Clear lungs.'),
      LINE('No effusion.'),
      PDF('F'),
    );
    expect(only(conversion, 'Observation')).toMatchObject({
      status: 'final',
      valueString: 'Clear lungs.\nNo effusion.',
    });
    expect(only(conversion, 'DiagnosticReport')).toMatchObject({
      status: 'final',
      presentedForm: [{ contentType: 'application/pdf', data: 'JVBERi0xLjQK' }],
      effectiveDateTime: '2024-06-12T08:30:00+01:00',
      resultsInterpreter: [{ display: 'BEN BROWN' }],
    });
    expect(unmapped(conversion)).toEqual([]);
  });

  test('with an addendum meets the same report and text', () => {
    const final = sent('CRIS', 'ORU^R01', OBR('F'), LINE('Clear lungs.'));
    const corrected = sent('CRIS', 'ORU^R01', OBR('C'), LINE('Nodule in the left apex.', 'C'));
    expect(only(corrected, 'DiagnosticReport')).toMatchObject({
      id: only(final, 'DiagnosticReport').id,
      status: 'corrected',
    });
    expect(only(corrected, 'Observation')).toMatchObject({
      id: only(final, 'Observation').id,
      status: 'corrected',
      valueString: 'Nodule in the left apex.',
    });
  });

  test('shows a document that names no encoding as what it is', () => {
    expect(
      only(sent('CRIS', 'ORU^R01', OBR('F'), PDF('F', undefined, '')), 'DiagnosticReport'),
    ).toMatchObject({
      presentedForm: [{ contentType: 'application/pdf', data: 'JVBERi0xLjQK' }],
    });
  });

  test('that is cancelled leaves no result that stands', () => {
    const conversion = sent('CRIS', 'ORU^R01', 'ORC|SC|R77^CRIS|||CM', OBR('X'), LINE('Clear lungs.'));
    expect(only(conversion, 'DiagnosticReport')).toMatchObject({ status: 'cancelled' });
    expect(only(conversion, 'Observation')).toMatchObject({ status: 'cancelled' });
    expect(only(conversion, 'ServiceRequest')).toMatchObject({ status: 'revoked' });
  });
});

describe('letters of ICE', () => {
  const TXA = (completion: string, availability = 'AV') =>
    `TXA|1|DIS^Discharge summary^ICE|AP|20240612093000|C123^BROWN^BEN|20240612100000||||||D55^^ICE|||||${completion}||${availability}`;
  const PDF = (status: string) =>
    `OBX|1|ED|DIS^Discharge summary^ICE||^application^pdf^Base64^JVBERi0xLjQK||||||${status}`;

  test('are documents with their author and their state', () => {
    expect(only(sent('ICE', 'MDM^T02', TXA('LA'), PDF('F')), 'DocumentReference')).toMatchObject({
      status: 'current',
      docStatus: 'final',
      masterIdentifier: { value: 'D55' },
      type: { coding: [{ code: 'DIS' }] },
      date: '2024-06-12T10:00:00+01:00',
      author: [{ display: 'BEN BROWN' }],
      content: [{ attachment: { contentType: 'application/pdf', data: 'JVBERi0xLjQK' } }],
    });
  });

  test.each([
    ['T11', TXA('LA'), PDF('F')],
    ['T08', TXA('LA'), PDF('D')],
    ['T08', TXA('LA'), PDF('W')],
    ['T02', TXA('LA', 'CA'), PDF('F')],
  ])('that %s takes back do not stand', (event, txa, obx) => {
    const [record] = recordsOf(sent('ICE', `MDM^${event}`, txa, obx), 'DocumentReference');
    const [stored] = recordsOf(sent('ICE', 'MDM^T02', TXA('LA'), PDF('F')), 'DocumentReference');
    expect(after(stored!, record!)).toMatchObject({ status: 'entered-in-error' });
  });

  test('that are dictated only are no final ones', () => {
    expect(only(sent('ICE', 'MDM^T02', TXA('DI'), PDF('F')), 'DocumentReference')).toMatchObject({
      docStatus: 'preliminary',
    });
  });
});

describe('orders of Epic and ICE', () => {
  const panel = ['OBR|1|||FBC^Full blood count^L', 'OBR|2|||UE^Urea and electrolytes^L', 'OBR|3|||CRP^CRP^L'];
  const orders = (control: string) => sent('EPIC', 'ORM^O01', `ORC|${control}|E9^EPC`, ...panel);

  test('that are cancelled under one control code meet those that were placed, each of them', () => {
    const placed = resourcesOf(orders('NW'), 'ServiceRequest');
    const cancelled = resourcesOf(orders('CA'), 'ServiceRequest');
    expect(placed).toMatchObject([{ status: 'active' }, { status: 'active' }, { status: 'active' }]);
    expect(cancelled).toMatchObject(placed.map(({ id }) => ({ id, status: 'revoked' })));
    expect(
      placed.map((each) => (each as { identifier?: { value?: string }[] }).identifier?.[0]?.value),
    ).toEqual(['E9', 'E9', 'E9']);
  });

  test('meet their results', () => {
    const [order] = resourcesOf(orders('NW'), 'ServiceRequest');
    const result = sent(
      'WINPATH',
      'ORU^R01',
      'ORC|RE|E9^EPC|F9^WINPATH',
      'OBR|1|E9^EPC|F9^WINPATH|FBC^Full blood count^L|||||||||||||||||||||F',
    );
    expect(only(result, 'ServiceRequest')).toMatchObject({ id: order?.id, status: 'completed' });
    expect(only(result, 'DiagnosticReport')).toMatchObject({
      status: 'final',
      basedOn: [{ reference: `ServiceRequest/${order?.id ?? ''}` }],
    });
  });
});

describe('medicines', () => {
  const given = (control: string, rxa: string) =>
    resourcesOf(sent('EPMA', 'RAS^O17', `ORC|${control}|M4^EPMA`, rxa, 'RXR|PO'), 'MedicationAdministration');

  test('that were given are given', () => {
    expect(
      given(
        'RE',
        'RXA|0|1|20240612080000|20240612080000|322236009^Paracetamol 500 mg^SCT|1|TAB|||N1^DAY^SUE||||||||||CP',
      ),
    ).toMatchObject([
      {
        status: 'completed',
        effectivePeriod: { start: '2024-06-12T08:00:00+01:00' },
        medicationCodeableConcept: { coding: [{ code: '322236009' }] },
        dosage: { dose: { value: 1, unit: 'TAB' } },
      },
    ]);
  });

  test('whose order was cancelled were not', () => {
    expect(given('CA', 'RXA|0|1|20240612080000||322236009^Paracetamol 500 mg^SCT|1|TAB')).toMatchObject([
      { status: 'not-done' },
    ]);
  });
});

describe('appointments of Careflow', () => {
  const SCH = (status: string) =>
    `SCH|AP1^CF|AP1^CF|||||FU^Follow up^L|F2F|30|MIN|^^30^20240701093000^20240701100000|||||C123^BROWN^BEN|||||||||${status}`;
  const appointment = (event: string, status: string) =>
    only(sent('CAREFLOW', `SIU^${event}`, SCH(status), 'PV1|1|O|OPD^^^RXX'), 'Appointment');

  test.each([
    ['S12', 'Booked', 'booked'],
    ['S14', 'Confirmed', 'booked'],
    ['S14', 'Checked In', 'checked-in'],
    ['S15', 'Booked', 'cancelled'],
    ['S15', 'Cancelled by Patient', 'cancelled'],
    ['S26', 'DNA', 'noshow'],
  ])('in %s with %s are %s, in British summer time', (event, code, status) => {
    expect(appointment(event, code)).toMatchObject({
      status,
      start: '2024-07-01T09:30:00+01:00',
      end: '2024-07-01T10:00:00+01:00',
    });
  });
});

describe('what is restricted', () => {
  const labels = (conversion: Conversion, ...types: string[]) =>
    types.map((type) =>
      resourcesOf(conversion, type).map(({ meta }) => meta?.security?.map(({ code }) => code)),
    );

  test('with its order is so in reports, results and dispensed medicines', () => {
    const orc = `ORC|RE|P1|F1${'|'.repeat(25)}R`;
    const obr = (number: string) => `OBR|1|P${number}|F${number}|HIV^HIV^L`;
    const obx = 'OBX|1|ST|HIV^HIV^L||Detected||||||F';
    const results = sent(
      'WINPATH',
      'ORU^R01',
      orc,
      obr('1'),
      obx,
      obr('2'),
      obx,
      'ORC|RE|P3|F3',
      obr('3'),
      obx,
    );
    const eachOfThree = [['R'], ['R'], undefined];
    expect(labels(results, 'ServiceRequest', 'DiagnosticReport', 'Observation')).toEqual([
      eachOfThree,
      eachOfThree,
      eachOfThree,
    ]);
    expect(
      labels(sent('EPMA', 'RDS^O13', orc, 'RXD|1|A^Aspirin^L|20240612|1'), 'MedicationDispense'),
    ).toEqual([[['R']]]);
  });

  test.each([
    ['R', ['R']],
    ['V', ['V']],
    ['U', undefined],
    ['', undefined],
  ])('in TXA-18 by %s is so for whoever may read', (confidentiality, expected) => {
    const txa = `TXA|1|L^Letter^L|AP|||||||||D1||||||${confidentiality}|AV`;
    expect(labels(sent('ICE', 'MDM^T02', txa), 'DocumentReference')).toEqual([[expected]]);
  });
});
