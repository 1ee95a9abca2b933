import { describe, expect, test } from '@jest/globals';
import type {
  Immunization,
  MedicationAdministration,
  MedicationDispense,
  MedicationRequest,
  ServiceRequest,
} from 'fhir/r4.js';
import { completeRecord } from '../../../../src/core/mapping/complete-record.js';
import {
  after,
  convertText,
  hl7,
  patientRecordId,
  PID,
  recordOf,
  recordsOf,
  resourceOf,
  segment,
} from '../support.js';

const ORC = 'ORC|NW|P1|F1||||||20240104100000|||C7654321^Strange^Stephen';
const RXE = 'RXE||322236009^Paracetamol 500 mg tablet^SCT|1|2|tab^tablet||^Take with water|||32|tab^tablet|1';
const prescribe = (...segments: string[]) => convertText(hl7('RDE^O11', PID, ...segments));
const prescriptionOf = (...segments: string[]) =>
  resourceOf<MedicationRequest>(prescribe(...segments), 'MedicationRequest');

describe('RDE^O11, a prescription', () => {
  test('is recorded under the number of the prescriber', () => {
    expect(recordOf(prescribe(ORC, RXE), 'MedicationRequest')).toMatchObject({
      mode: 'merge',
      resource: { id: patientRecordId('MedicationRequest', 'P1') },
    });
  });

  test('states medicine, dose, route, timing and supply', () => {
    const request = prescriptionOf(ORC, RXE, 'TQ1|1||QDS|||5^d|||R', 'RXR|PO^Oral^HL70162');
    expect(request).toMatchObject({
      status: 'active',
      intent: 'order',
      priority: 'routine',
      medicationCodeableConcept: { coding: [{ system: 'http://snomed.info/sct', code: '322236009' }] },
      authoredOn: '2024-01-04T10:00:00+00:00',
      requester: { display: 'Stephen Strange' },
      dosageInstruction: [
        {
          text: 'Take with water',
          route: { coding: [{ code: 'PO', display: 'Oral' }] },
          doseAndRate: [
            { doseRange: { low: { value: 1, unit: 'tablet' }, high: { value: 2, unit: 'tablet' } } },
          ],
          timing: {
            code: { text: 'QDS' },
            repeat: { frequency: 4, period: 1, periodUnit: 'd', boundsDuration: { value: 5, code: 'd' } },
          },
        },
      ],
      dispenseRequest: { quantity: { value: 32, unit: 'tablet' }, numberOfRepeatsAllowed: 1 },
    });
  });

  test('makes no list of an instruction that is deleted', () => {
    const [dosage] =
      prescriptionOf(ORC, 'RXE||M^Morphine^L|5||mg|||""', 'TQ1|1|||||||||""').dosageInstruction ?? [];
    expect(dosage).not.toHaveProperty('additionalInstruction');
  });

  test('reads a rate, a daily total and a dose as needed', () => {
    const rxe = `RXE||M^Morphine^L|5||mg^mg|${'|'.repeat(13)}20^mg${'|'.repeat(4)}2.50|mL/hr^mL/hr`;
    const [dosage] = prescriptionOf(ORC, rxe, 'TQ1|1||Q4H PRN').dosageInstruction ?? [];
    expect(dosage).toMatchObject({
      asNeededBoolean: true,
      maxDosePerPeriod: { numerator: { value: 20, unit: 'mg' }, denominator: { value: 1, code: 'd' } },
      doseAndRate: [{ doseQuantity: { value: 5, unit: 'mg' }, rateQuantity: { value: 2.5, unit: 'mL/hr' } }],
      timing: { code: { text: 'Q4H PRN' }, repeat: { frequency: 1, period: 4, periodUnit: 'h' } },
    });
  });

  test('keeps a dose that is no number in words, with its unit, and reports it', () => {
    const conversion = prescribe(ORC, 'RXE||M^Morphine^L|5-10||mg');
    const request = resourceOf<MedicationRequest>(conversion, 'MedicationRequest');
    expect(request.dosageInstruction).toEqual([{ additionalInstruction: [{ text: 'Dose: 5-10 mg' }] }]);
    expect(conversion.issues).toMatchObject([{ location: 'RXE-3[1].1' }]);
    expect(conversion.ledger.filter(({ fate }) => fate === 'unmapped')).toEqual([]);
  });

  test('does not guess how often an unknown pattern is', () => {
    const [dosage] = prescriptionOf(ORC, RXE, 'TQ1|1||Q1M').dosageInstruction ?? [];
    expect(dosage?.timing).toEqual({ code: { text: 'Q1M' } });
  });

  test('makes a dosage of each timing, in order', () => {
    const dosages = prescriptionOf(ORC, RXE, 'TQ1|1||BD', 'TQ1|2||OD').dosageInstruction ?? [];
    expect(dosages.map(({ sequence, timing }) => [sequence, timing?.code?.text])).toEqual([
      [1, 'BD'],
      [2, 'OD'],
    ]);
  });

  test.each([
    ['A', [1, 1, 2]],
    ['S', [1, 2, 3]],
    ['', [1, 2, 3]],
  ])(
    'makes a timing that "%s" joins to the next one go on before it or beside it',
    (conjunction, expected) => {
      const first = `TQ1|1||BD|||||||||${conjunction}`;
      const conversion = prescribe(ORC, RXE, first, 'TQ1|2||OD|||||||||S', 'TQ1|3||QDS');
      const { dosageInstruction = [] } = resourceOf<MedicationRequest>(conversion, 'MedicationRequest');
      expect(dosageInstruction.map(({ sequence }) => sequence)).toEqual(expected);
      expect(conversion.ledger.filter(({ fate }) => fate === 'unmapped')).toEqual([]);
      const older = prescriptionOf(ORC, `RXE|1^BD^^^^^^^${conjunction}~1^OD~1^QDS|A^Aspirin^L|75||mg`);
      expect(older.dosageInstruction?.map(({ sequence }) => sequence)).toEqual(expected);
    },
  );

  test('reads the timing of older versions', () => {
    const [dosage] =
      prescriptionOf(ORC, 'RXE|^BID^^20240105^20240110|A^Aspirin^L|75||mg').dosageInstruction ?? [];
    expect(dosage?.timing).toMatchObject({
      code: { text: 'BID' },
      repeat: { frequency: 2, boundsPeriod: { start: '2024-01-05', end: '2024-01-10' } },
    });
  });

  test('offers a second route as an alternative and reports it', () => {
    const conversion = prescribe(ORC, RXE, 'RXR|PO^Oral^HL70162', 'RXR|PR^Rectal^HL70162');
    const [dosage] = resourceOf<MedicationRequest>(conversion, 'MedicationRequest').dosageInstruction ?? [];
    expect(dosage?.route?.coding?.[0]?.code).toBe('PO');
    expect(dosage?.additionalInstruction).toMatchObject([{ coding: [{ code: 'PR' }] }]);
    expect(conversion.issues).toMatchObject([{ location: 'RXR(2)-1[1]' }]);
  });

  test.each([
    ['CA', '', 'cancelled'],
    ['DC', '', 'stopped'],
    ['HD', '', 'on-hold'],
    ['RL', '', 'active'],
    ['UC', '', 'active'],
    ['DC', 'IP', 'stopped'],
    ['CA', 'A', 'cancelled'],
    ['OC', 'SC', 'cancelled'],
    ['DC', 'CM', 'completed'],
    ['XO', 'CM', 'completed'],
    ['SC', 'ER', 'entered-in-error'],
  ])('reads control %s and status "%s" as %s of the same record', (control, status, expected) => {
    const { id, status: read } = prescriptionOf(`ORC|${control}|P1|F1||${status}`, RXE);
    expect([id, read]).toEqual([patientRecordId('MedicationRequest', 'P1'), expected]);
  });

  test('keeps what was said of substitution where a later message says nothing', () => {
    const stated = recordOf(prescribe(ORC, RXE), 'MedicationRequest');
    const refused = recordOf(prescribe(ORC, 'RXE||A^Aspirin^L|75||mg||||N'), 'MedicationRequest');
    expect((after(refused, stated) as MedicationRequest).substitution).toMatchObject({
      allowedCodeableConcept: { coding: [{ code: 'N' }] },
    });
    expect(completeRecord(stated.resource)).toMatchObject({
      substitution: { allowedCodeableConcept: { text: 'Not stated' } },
    });
  });

  test('keeps the stored time of writing when an order is cancelled', () => {
    expect(prescriptionOf('ORC|CA|P1|||||||20240109', RXE).authoredOn).toBeUndefined();
  });

  test('is one record with what was asked for, which is noted where it is another medicine', () => {
    const conversion = prescribe(ORC, 'RXO|B^Brufen^L|200||mg', RXE);
    expect(recordsOf(conversion, 'MedicationRequest')).toHaveLength(1);
    expect(resourceOf<MedicationRequest>(conversion, 'MedicationRequest').note).toEqual([
      { text: 'Requested: Brufen' },
    ]);
  });

  test('describes a mixture by its components', () => {
    const request = prescriptionOf(
      ORC,
      'RXE||MIX^Saline with potassium^L|1||bag',
      'RXC|B|NS^Sodium chloride 0.9%^L|1000|mL^mL',
      'RXC|A|KCL^Potassium chloride^L|20|mmol^mmol',
    );
    expect(request.medicationCodeableConcept).toBeUndefined();
    expect(request.medicationReference?.reference).toBe('#medication');
    expect(request.contained).toMatchObject([
      {
        resourceType: 'Medication',
        code: { coding: [{ code: 'MIX' }] },
        ingredient: [
          {
            itemCodeableConcept: { coding: [{ code: 'NS' }] },
            strength: { numerator: { value: 1000, unit: 'mL' } },
          },
          {
            itemCodeableConcept: { coding: [{ code: 'KCL' }] },
            strength: { numerator: { value: 20, unit: 'mmol' } },
          },
        ],
      },
    ]);
  });

  test('reports an order that names neither medicine nor number', () => {
    const conversion = prescribe('ORC|NW', 'RXE||""|1||mg');
    expect(recordsOf(conversion, 'MedicationRequest')).toEqual([]);
    expect(conversion.issues).toMatchObject([{ code: 'HDE_HL7_REQUIRED', location: 'RXE-2' }]);
  });
});

describe('a medicine without a code', () => {
  test.each(['^Aspirin 75mg', '^^^^Aspirin 75mg', '^^^^^^^^Aspirin 75mg', '^^^^^^^^^^Aspirin 75mg'])(
    'is what the words of %s say',
    (medicine) => {
      const { medicationCodeableConcept } = resourceOf<MedicationRequest>(
        convertText(hl7('RDE^O11', PID, ORC, `RXE|^BD|${medicine}|1||mg`)),
        'MedicationRequest',
      );
      expect(medicationCodeableConcept).toEqual({ text: 'Aspirin 75mg' });
    },
  );
});

describe('RDS^O13, what was dispensed', () => {
  const dispensed = convertText(
    hl7(
      'RDS^O13',
      PID,
      ORC,
      'RXD|1|322236009^Paracetamol 500 mg tablet^SCT|20240104|32|tab^tablet|||||C7654321^Strange^Stephen',
    ),
  );

  test('is a dispense of the prescription that the number names', () => {
    expect(resourceOf<MedicationDispense>(dispensed, 'MedicationDispense')).toMatchObject({
      id: patientRecordId('MedicationDispense', 'P1|322236009|SCT|dispense 1'),
      status: 'completed',
      quantity: { value: 32, unit: 'tablet' },
      whenHandedOver: '2024-01-04',
      authorizingPrescription: [{ identifier: { value: 'P1' } }],
    });
  });

  test('is another one of another medicine, whatever the number and the count', () => {
    const idOf = (medicine: string) =>
      resourceOf(convertText(hl7('RDS^O13', PID, ORC, `RXD|1|${medicine}|20240104|32`)), 'MedicationDispense')
        .id;
    expect(idOf('^Aspirin')).not.toBe(idOf('^Paracetamol'));
    expect(idOf('^Aspirin')).toBe(idOf('^Aspirin'));
  });

  test('names a prescription only in passing', () => {
    expect(recordOf(convertText(hl7('RDS^O13', PID, ORC, RXE)), 'MedicationRequest').mode).toBe('create');
  });
});

describe('RAS^O17, what was given', () => {
  const given = (rxa: string) =>
    resourceOf<MedicationAdministration>(
      convertText(hl7('RAS^O17', PID, ORC, rxa, 'RXR|PO^Oral^HL70162')),
      'MedicationAdministration',
    );

  test('states medicine, amount, route and time', () => {
    expect(given('RXA|0|1|202401041000||322236009^Paracetamol^SCT|1000|mg^mg||||||||||||||CP')).toMatchObject(
      {
        status: 'completed',
        effectiveDateTime: '2024-01-04T10:00:00+00:00',
        dosage: { dose: { value: 1000, unit: 'mg' }, route: { coding: [{ code: 'PO' }] } },
        request: { identifier: { value: 'P1' } },
      },
    );
  });

  test('is not done when the patient refused it', () => {
    expect(given('RXA|0|1|202401041000||A^Aspirin^L|999||||||||||||R^Refused^L||RE')).toMatchObject({
      status: 'not-done',
      statusReason: [{ coding: [{ code: 'R' }] }],
      dosage: { text: 'Amount not stated' },
    });
  });

  test('is not done when a reason of refusal stands beside another status', () => {
    const refused = (status: string) =>
      given(`RXA|0|1|202401041000||A^Aspirin^L|75|mg|||||||||||R^Refused^L||${status}`).status;
    expect(['CP', 'RE', 'PA'].map(refused)).toEqual(['not-done', 'not-done', 'completed']);
  });

  test.each([
    ['CA', 'not-done'],
    ['OC', 'not-done'],
    ['CR', 'not-done'],
    ['UA', 'not-done'],
    ['DC', 'stopped'],
    ['OD', 'stopped'],
    ['DR', 'stopped'],
    ['HD', 'on-hold'],
    ['RE', 'completed'],
  ])('under ORC-1 %s without a status of its own is %s', (control, status) => {
    const conversion = convertText(
      hl7('RAS^O17', PID, `ORC|${control}|P1`, 'RXA|0|1|202401041000||A^Aspirin^L|75|mg'),
    );
    expect(resourceOf<MedicationAdministration>(conversion, 'MedicationAdministration').status).toBe(status);
  });

  test('of nothing is not done where its order was discontinued', () => {
    const conversion = convertText(
      hl7('RAS^O17', PID, 'ORC|DC|P1', 'RXA|0|1|202401041000||A^Aspirin^L|0|mg'),
    );
    expect(resourceOf<MedicationAdministration>(conversion, 'MedicationAdministration').status).toBe(
      'not-done',
    );
  });

  test('was given as the sender says, whatever became of the order', () => {
    const conversion = convertText(
      hl7('RAS^O17', PID, 'ORC|CA|P1', 'RXA|0|1|202401041000||A^Aspirin^L|75|mg|||||||||||||CP'),
    );
    expect(resourceOf<MedicationAdministration>(conversion, 'MedicationAdministration').status).toBe(
      'completed',
    );
  });

  test('is of the order above it where that has several', () => {
    const conversion = convertText(
      hl7(
        'RAS^O17',
        PID,
        segment('ORC', { 1: 'CA', 2: 'P1', 28: 'R' }),
        'RXA|0|1|202401041000||A^Aspirin^L|75|mg',
        'RXR|PO',
        'RXA|0|2|202401042200||A^Aspirin^L|75|mg',
        'RXR|PO',
      ),
    );
    const given = recordsOf(conversion, 'MedicationAdministration').map(
      ({ resource }) => resource as MedicationAdministration,
    );
    expect(
      given.map(({ status, request, meta }) => [
        status,
        request?.identifier?.value,
        meta?.security?.[0]?.code,
      ]),
    ).toEqual([
      ['not-done', 'P1', 'R'],
      ['not-done', 'P1', 'R'],
    ]);
  });

  test('is of unknown status when nobody understands the status', () => {
    expect(given('RXA|0|1|202401041000||A^Aspirin^L|75|mg|||||||||||||ZZ').status).toBe('unknown');
  });
});

test.each([
  ['RAS^O17', 'ORC|RE|P1', 'MedicationAdministration', ['Route: Rectal', 'Site: Thigh', 'Method: Push']],
  ['VXU^V04', 'ORC|RE|P1|F1', 'Immunization', ['Route: Rectal', 'Site: Thigh']],
] as const)(
  'what %s says of a second route is noted beside the first',
  (type, order, resourceType, notes) => {
    const conversion = convertText(
      hl7(
        type,
        PID,
        order,
        'RXA|0|1|20240104||M^Medicine^L|1',
        'RXR|PO^Oral^HL70162|LA^Left arm^HL70163',
        'RXR|PR^Rectal^HL70162|TH^Thigh^HL70163||IP^Push^HL70165',
      ),
    );
    const given = resourceOf<MedicationAdministration | Immunization>(conversion, resourceType);
    expect(given.note?.map(({ text }) => text)).toEqual(notes);
    const { route } = given.resourceType === 'Immunization' ? given : (given.dosage ?? {});
    expect(route?.coding?.[0]?.code).toBe('PO');
    const lost = conversion.ledger.filter(
      ({ source, fate }) => /^RXR\(2\)-[12]/.test(source) && fate === 'unmapped',
    );
    expect(lost).toEqual([]);
  },
);

test('the condition under which a test is ordered is noted', () => {
  const conversion = convertText(
    hl7('OML^O21', PID, 'ORC|NW|P1', 'TQ1|1|||||||||if febrile', 'OBR|1|P1||CULT^Blood culture^L'),
  );
  const { note } = resourceOf<ServiceRequest>(conversion, 'ServiceRequest');
  expect(note).toEqual([{ text: 'if febrile' }]);
});
