import { describe, expect, test } from '@jest/globals';
import type { DiagnosticReport, Observation, ServiceRequest } from 'fhir/r4.js';
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

const ORDER = 'https://rxx.nhs.uk/id/order';
const orderId = (identity: string) => patientRecordId('ServiceRequest', identity);
const orc = (fields: Record<number, string>) => segment('ORC', fields);
const obr = (fields: Record<number, string>) =>
  segment('OBR', { 1: '1', 4: 'FBC^Full blood count^L', ...fields });
const orders = (conversion: Conversion): ServiceRequest[] =>
  recordsOf(conversion, 'ServiceRequest').map(({ resource }) => resource as ServiceRequest);

describe('ORM^O01, an order', () => {
  const conversion = convertText(
    hl7(
      'ORM^O01',
      PID,
      segment('PV1', { 1: '1', 2: 'I', 19: 'V001' }),
      orc({
        1: 'NW',
        2: 'P100',
        4: 'G7',
        9: '202401050830',
        12: 'C7654321^Strange^Stephen',
        16: 'R1^Screening^L',
      }),
      obr({
        2: 'P100',
        5: 'S',
        6: '202401060900',
        13: 'On warfarin',
        17: '^WPN^PH^^^0113^4960000',
        31: 'D64.9^Anaemia^I10',
      }),
      'NTE|1||Please ring the ward',
      'DG1|1||D64.9^Anaemia^I10',
      segment('OBX', { 1: '1', 2: 'NM', 3: 'WT^Weight^L', 5: '70', 6: 'kg', 11: 'F' }),
    ),
  );
  const order = resourceOf<ServiceRequest>(conversion, 'ServiceRequest');

  test('is a request and no report', () => {
    expect(recordsOf(conversion, 'DiagnosticReport')).toEqual([]);
    expect(recordOf(conversion, 'ServiceRequest').mode).toBe('merge');
    expect(order).toMatchObject({
      id: orderId('P100'),
      status: 'active',
      intent: 'order',
      priority: 'stat',
      authoredOn: '2024-01-05T08:30:00+00:00',
      occurrenceDateTime: '2024-01-06T09:00:00+00:00',
      subject: { reference: `Patient/${PATIENT_KEY}` },
      encounter: { reference: `Encounter/${patientRecordId('Encounter', 'V001')}` },
      code: { coding: [{ code: 'FBC' }] },
      requester: { display: 'Stephen Strange' },
      reasonCode: [{ coding: [{ code: 'D64.9' }] }],
      requisition: { value: 'G7' },
      note: [{ text: 'Please ring the ward' }, { text: 'On warfarin' }],
    });
    expect(order.identifier).toEqual([expect.objectContaining({ system: ORDER, value: 'P100' })]);
  });

  test('names why, what is known already, and whom to ring', () => {
    expect(order.reasonReference).toHaveLength(1);
    expect(order.supportingInfo).toEqual([
      { reference: `Observation/${resourceOf<Observation>(conversion, 'Observation').id ?? ''}` },
    ]);
    expect(order.extension?.map(({ url }) => url)).toEqual([
      'http://hl7.org/fhir/StructureDefinition/request-statusReason',
      'http://hl7.org/fhir/StructureDefinition/servicerequest-order-callback-phone-number',
    ]);
  });
});

describe('an ORC over several OBR, until the next ORC', () => {
  const statesOf = (...segments: string[]) =>
    orders(convertText(hl7('ORM^O01', PID, ...segments))).map(({ id, status }) => [id, status]);
  const rows = [
    obr({ 2: 'P1' }),
    obr({ 1: '2', 2: 'P2', 4: 'UE^Urea^L' }),
    obr({ 1: '3', 3: 'F3', 4: 'LFT^Liver^L' }),
  ];

  test.each([
    ['CA', '', 'revoked'],
    ['OC', '', 'revoked'],
    ['CR', '', 'revoked'],
    ['DC', 'IP', 'revoked'],
    ['HD', '', 'on-hold'],
    ['NW', '', 'active'],
    ['SC', 'CM', 'completed'],
  ])('by ORC-1 %s and ORC-5 "%s" makes each of them %s', (control, state, status) => {
    const others = [orc({ 1: 'NW', 2: 'P9' }), obr({ 2: 'P9', 4: 'CRP^C-reactive protein^L' })];
    expect(statesOf(orc({ 1: control, 2: 'P1', 5: state }), ...rows, ...others)).toEqual([
      [orderId('P1'), status],
      [orderId('P2'), status],
      [orderId('F3'), status],
      [orderId('P9'), 'active'],
    ]);
  });

  test('gives its number to those that have none: they are known by number and service', () => {
    const unnumbered = [orc({ 1: 'CA', 2: 'P1', 3: 'F1' }), obr({}), obr({ 4: 'UE^Urea^L' })];
    expect(statesOf(...unnumbered)).toEqual([
      [orderId('P1'), 'revoked'],
      [orderId('P1|UE|L'), 'revoked'],
    ]);
    const [, second] = orders(convertText(hl7('ORM^O01', PID, ...unnumbered)));
    expect(second?.identifier?.map(({ value }) => value)).toEqual(['P1', 'F1']);
  });

  test('leaves those completed that have results', () => {
    expect(statesOf(orc({ 1: 'NW', 2: 'P1' }), obr({ 2: 'P1' }), obr({ 3: 'F0', 25: 'F' }))).toEqual([
      [orderId('P1'), 'active'],
      [orderId('F0'), 'completed'],
    ]);
  });

  test('keeps its number from those that have one', () => {
    const [, second] = orders(convertText(hl7('ORM^O01', PID, orc({ 1: 'NW', 2: 'P1' }), ...rows)));
    expect(second?.identifier?.map(({ value }) => value)).toEqual(['P2']);
  });

  test('restricts all of them', () => {
    const restricted = orders(convertText(hl7('ORM^O01', PID, orc({ 1: 'NW', 2: 'P1', 28: 'R' }), ...rows)));
    expect(restricted.map(({ meta }) => meta?.security?.map(({ code }) => code))).toEqual([
      ['R'],
      ['R'],
      ['R'],
    ]);
  });

  test('is none of another patient', () => {
    const conversion = convertText(
      hl7('ORM^O01', PID, orc({ 1: 'CA', 2: 'P1' }), obr({ 2: 'P1' }), PID, obr({ 2: 'P2' })),
    );
    expect(orders(conversion).map(({ status }) => status)).toEqual(['revoked', 'unknown']);
  });
});

describe('the state of an order', () => {
  const statusOf = (fields: Record<number, string>, type = 'ORM^O01') =>
    orders(convertText(hl7(type, PID, orc({ 2: 'P100', ...fields }), obr({ 2: 'P100' }))))[0]?.status;

  test.each([
    ['NW', '', 'active'],
    ['CA', '', 'revoked'],
    ['OC', '', 'revoked'],
    ['CR', '', 'revoked'],
    ['DC', '', 'revoked'],
    ['RP', '', 'revoked'],
    ['HD', '', 'on-hold'],
    ['RL', '', 'active'],
    ['XO', '', undefined],
    ['XX', '', undefined],
    ['XO', 'IP', 'active'],
    ['SC', 'CM', 'completed'],
    ['SC', 'IP', 'active'],
    ['SC', 'HD', 'on-hold'],
    ['SC', 'ER', 'entered-in-error'],
    // A cancellation holds, whatever the state before it.
    ['CA', 'IP', 'revoked'],
    ['ZZ', '', 'unknown'],
  ])('after ORC-1 %s and ORC-5 "%s" is %s', (control, state, status) => {
    expect(statusOf({ 1: control, 5: state })).toBe(status);
  });

  test('that nobody knows is unknown and reported', () => {
    const conversion = convertText(hl7('ORM^O01', PID, orc({ 1: 'SC', 2: 'P1', 5: 'QQ' }), obr({ 2: 'P1' })));
    expect(conversion.issues.map(({ location }) => location)).toContain('ORC-5[1]');
  });

  test.each([
    ['CM', 'X', 'revoked'],
    ['IP', 'X', 'revoked'],
    ['HD', 'X', 'revoked'],
    ['ER', 'X', 'entered-in-error'],
    ['CM', 'F', 'completed'],
    ['', 'X', 'revoked'],
  ])('with ORC-5 "%s" and OBR-25 "%s" is %s', (state, result, status) => {
    const order = orders(
      convertText(hl7('ORM^O01', PID, orc({ 1: 'SC', 2: 'P1', 5: state }), obr({ 2: 'P1', 25: result }))),
    )[0];
    expect(order?.status).toBe(status);
  });

  test('that a change of state leaves out stays what it was', () => {
    expect(statusOf({ 1: 'SC' })).toBeUndefined();
  });

  test('of a cancellation without details meets the same record and wipes nothing', () => {
    const record = recordOf(convertText(hl7('ORM^O01', PID, orc({ 1: 'CA', 2: 'P100' }))), 'ServiceRequest');
    expect(record.mode).toBe('merge');
    expect(record.removed).toEqual([]);
    expect(record.resource).toEqual({
      resourceType: 'ServiceRequest',
      id: orderId('P100'),
      meta: expect.anything(),
      identifier: [expect.objectContaining({ value: 'P100' })],
      status: 'revoked',
      intent: 'order',
      subject: { reference: `Patient/${PATIENT_KEY}` },
    });
  });

  test('comes with the response of the laboratory', () => {
    const conversion = convertText(hl7('ORL^O22', PID, orc({ 1: 'UA', 2: 'P100', 3: 'F1' })));
    expect(orders(conversion)).toEqual([expect.objectContaining({ id: orderId('P100'), status: 'revoked' })]);
  });
});

describe('the record of an order', () => {
  const ids = (...segments: string[]) =>
    orders(convertText(hl7('ORM^O01', PID, ...segments))).map(({ id }) => id);

  test.each([
    ['ORC-2', [orc({ 1: 'NW', 2: 'P1', 3: 'F1' }), obr({})], 'P1'],
    ['OBR-2', [orc({ 1: 'NW' }), obr({ 2: 'P2', 3: 'F2' })], 'P2'],
    ['ORC-3', [orc({ 1: 'NW', 3: 'F3' }), obr({})], 'F3'],
    ['OBR-3', [obr({ 3: 'F4' })], 'F4'],
  ])('is told by %s', (_source, segments, identity) => {
    expect(ids(...segments)).toEqual([orderId(identity)]);
  });

  test('is met by its result, which only mentions it', () => {
    const conversion = convertText(hl7('ORU^R01', PID, orc({ 1: 'RE', 2: 'P1', 3: 'F1' }), obr({ 25: 'F' })));
    expect(recordOf(conversion, 'ServiceRequest')).toMatchObject({
      mode: 'create',
      resource: { id: orderId('P1'), status: 'completed' },
    });
    expect(resourceOf<DiagnosticReport>(conversion, 'DiagnosticReport').basedOn).toEqual([
      { reference: `ServiceRequest/${orderId('P1')}` },
    ]);
  });

  test('is one of its own for each service under one number', () => {
    expect(ids(obr({ 2: 'P1', 4: 'A' }), obr({ 2: 'P1', 4: 'B' }))).toEqual([orderId('P1'), orderId('P1|B')]);
  });

  test('belongs to the order it goes on from', () => {
    const [order] = orders(convertText(hl7('ORM^O01', PID, obr({ 2: 'P2', 29: 'P1^F1' }))));
    expect(order?.basedOn?.map(({ identifier }) => identifier?.value)).toEqual(['P1', 'F1']);
  });
});

describe('the timing of an order', () => {
  test('is that of TQ1', () => {
    const tq1 = segment('TQ1', {
      1: '1',
      3: 'BID',
      4: '0800~2000',
      7: '202401060800',
      8: '202401080800',
      9: 'R',
    });
    const [order] = orders(convertText(hl7('OMG^O19', PID, orc({ 1: 'NW', 2: 'P1' }), tq1, obr({}))));
    expect(order).toMatchObject({
      priority: 'routine',
      occurrenceTiming: {
        code: { text: 'BID' },
        repeat: {
          boundsPeriod: { start: '2024-01-06T08:00:00+00:00', end: '2024-01-08T08:00:00+00:00' },
          timeOfDay: ['08:00:00', '20:00:00'],
        },
      },
    });
  });

  test.each([
    [
      '3&TAB^^D10',
      { value: 3, unit: 'TAB' },
      { value: 10, unit: 'days', system: 'http://unitsofmeasure.org', code: 'd' },
      [],
    ],
    ['1^^W2', undefined, { value: 2, unit: 'weeks', system: 'http://unitsofmeasure.org', code: 'wk' }, []],
    ['2^^D10^202401060800', { value: 2 }, undefined, ['For 10 days']],
    ['^^X3', undefined, undefined, ['3 times']],
    ['^^INDEF', undefined, undefined, ['Duration: INDEF']],
    ['1^^^^^R', undefined, undefined, undefined],
  ])('is that of ORC-7 %s where there is no TQ1', (timing, quantity, duration, notes) => {
    const [order] = orders(convertText(hl7('ORM^O01', PID, orc({ 1: 'NW', 2: 'P1', 7: timing }), obr({}))));
    expect(order?.quantityQuantity).toEqual(quantity);
    expect(order?.occurrenceTiming?.repeat?.boundsDuration).toEqual(duration);
    expect(order?.note?.map(({ text }) => text) ?? []).toEqual(notes ?? []);
  });
});

test.each([
  [{}, { occurrenceDateTime: '2024-01-09' }],
  [{ 3: 'BID' }, { occurrenceTiming: { code: { text: 'BID' }, event: ['2024-01-09'] } }],
  [{ 4: '0800' }, { occurrenceTiming: { repeat: { timeOfDay: ['08:00:00'] }, event: ['2024-01-09'] } }],
])('when an order is scheduled (OBR-36) stands beside TQ1 %j in one element', (tq1, expected) => {
  const message = hl7(
    'OMG^O19',
    PID,
    orc({ 1: 'NW', 2: 'P1' }),
    segment('TQ1', { 1: '1', ...tq1 }),
    obr({ 36: '20240109' }),
  );
  const [{ occurrenceDateTime, occurrenceTiming } = {}] = orders(convertText(message));
  expect({ occurrenceDateTime, occurrenceTiming }).toEqual({
    occurrenceDateTime: undefined,
    occurrenceTiming: undefined,
    ...expected,
  });
});
