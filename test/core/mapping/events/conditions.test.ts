/** DG1, PR1, DB1 and what PD1 says of living wills. All people are synthetic. */
import { describe, expect, test } from '@jest/globals';
import type { Condition, Observation, Procedure } from 'fhir/r4.js';
import { completeRecord } from '../../../../src/core/mapping/complete-record.js';
import { mergeResources } from '../../../../src/core/records/merge.js';
import {
  PID,
  after,
  convertText,
  hl7,
  patientRecordId,
  recordOf,
  recordsOf,
  resourceOf,
  segment,
} from '../support.js';

const PV1 = segment('PV1', { 1: '1', 2: 'I', 19: 'V1^^^RXX' });
const A08 = (...segments: string[]) => convertText(hl7('ADT^A08', PID, PV1, ...segments));

describe('a diagnosis', () => {
  test('takes the coding system from DG1-2 where the code names none', () => {
    const { code } = resourceOf<Condition>(A08('DG1|1|I10|K63.3|Ulcer of intestine'), 'Condition');
    expect(code).toEqual({
      coding: [{ system: 'http://hl7.org/fhir/sid/icd-10', code: 'K63.3' }],
      text: 'Ulcer of intestine',
    });
  });

  test('that names a coding system keeps it, whatever DG1-2 says', () => {
    const { code } = resourceOf<Condition>(A08('DG1|1|I9|22298006^Infarct^SCT'), 'Condition');
    expect(code?.coding?.[0]?.system).toBe('http://snomed.info/sct');
  });

  test('of version 2.2 with a text alone is what it says', () => {
    const { code } = resourceOf<Condition>(A08('DG1|1|||Chest pain'), 'Condition');
    expect(code).toEqual({ text: 'Chest pain' });
  });

  test('states its class, its cause, when it was asserted and that it is confidential', () => {
    const dg1 = segment('DG1', {
      3: 'K63.3^Ulcer^I10',
      17: 'D',
      18: 'Y',
      19: '20200501',
      20: 'D2^PAS',
      22: 'D1^PAS',
    });
    expect(resourceOf<Condition>(A08(dg1), 'Condition')).toMatchObject({
      meta: { security: [{ code: 'R' }] },
      category: [
        { coding: [{ code: 'encounter-diagnosis' }] },
        { coding: [{ code: 'D', display: 'Diagnosis' }] },
      ],
      recordedDate: '2020-05-01',
      extension: [
        {
          url: 'http://hl7.org/fhir/StructureDefinition/condition-assertedDate',
          valueDateTime: '2020-05-01',
        },
        {
          url: 'http://hl7.org/fhir/StructureDefinition/condition-dueTo',
          valueReference: { type: 'Condition', identifier: { value: 'D1' } },
        },
      ],
    });
  });

  test('that was deleted and is stated again is one again', () => {
    const deleted = recordOf(A08(segment('DG1', { 3: 'K63.3^Ulcer^I10', 21: 'D' })), 'Condition');
    const stated = recordOf(A08(segment('DG1', { 3: 'K63.3^Ulcer^I10', 21: 'A' })), 'Condition');
    expect((deleted.resource as Condition).verificationStatus?.coding?.[0]?.code).toBe('entered-in-error');
    const { resource } = mergeResources(deleted.resource, stated.resource, stated.removed);
    expect((resource as Condition).verificationStatus).toBeUndefined();
  });
});

describe('a procedure', () => {
  const PR1 = segment('PR1', {
    1: '1',
    3: 'H33.5^Rectosigmoidectomy^OPCS4',
    4: 'Bowel resection',
    5: '20240104093000',
    6: 'P',
    7: '90',
    8: 'C2345678^Ane^Ann^^^Dr',
    11: 'C1234567^Sur^Sam^^^Mr',
    15: 'K63.3^Ulcer^I10',
    19: 'P1^PAS',
    23: 'THEATRE^2',
    25: 'P0^PAS',
  });

  test('states what was done, when, for how long, by whom, where and why', () => {
    const conversion = A08(PR1, 'NTE|1||Without event');
    const procedure = resourceOf<Procedure>(conversion, 'Procedure');
    expect(procedure).toMatchObject({
      id: patientRecordId('Procedure', 'id P1|PAS||'),
      meta: { profile: ['https://fhir.hl7.org.uk/StructureDefinition/UKCore-Procedure'] },
      identifier: [{ value: 'P1' }],
      status: 'completed',
      category: { coding: [{ code: 'P' }] },
      code: {
        coding: [{ system: 'https://fhir.hl7.org.uk/Id/opcs-4', code: 'H33.5' }],
        text: 'Bowel resection',
      },
      encounter: { reference: `Encounter/${recordOf(conversion, 'Encounter').resource.id}` },
      performedPeriod: { start: '2024-01-04T09:30:00+00:00', end: '2024-01-04T11:00:00+00:00' },
      performer: [
        { function: { coding: [{ code: '304292004' }] }, actor: { display: 'Mr Sam Sur' } },
        { function: { coding: [{ code: '88189002' }] }, actor: { display: 'Dr Ann Ane' } },
      ],
      location: { display: '2, THEATRE' },
      reasonCode: [{ coding: [{ code: 'K63.3' }] }],
      partOf: [{ type: 'Procedure', identifier: { value: 'P0' } }],
      note: [{ text: 'Without event' }],
    });
    const unmapped = conversion.ledger.filter(
      ({ source, fate }) => source.startsWith('PR1') && fate === 'unmapped',
    );
    expect(unmapped).toEqual([]);
  });

  test.each([
    ['A08', { 5: '20240104' }, 'completed'],
    ['A08', { 5: '20240201' }, 'preparation'],
    ['A08', { 5: '202401051430' }, 'preparation'],
    ['A08', { 5: '20240105083000' }, 'completed'],
    ['A08', { 5: '20240105' }, 'completed'],
    ['A08', { 5: '2024' }, 'completed'],
    ['A05', { 5: '20240104' }, 'preparation'],
    ['A08', {}, undefined],
    ['A08', { 5: '20240104', 20: 'D' }, 'entered-in-error'],
  ])('in %s with %j is %s', (event, fields, status) => {
    const pr1 = segment('PR1', { 3: 'H33.5^^OPCS4', ...fields });
    const conversion = convertText(hl7(`ADT^${event}`, PID, PV1, pr1));
    expect(resourceOf<Procedure>(conversion, 'Procedure').status).toBe(status);
  });

  test('keeps its state where a message states no time, and has an unknown one where none is stored', () => {
    const [done, mentioned] = [{ 5: '20240104' }, {}].map((fields) =>
      recordOf(A08(segment('PR1', { 3: 'H33.5^^OPCS4', 19: 'P1', ...fields })), 'Procedure'),
    );
    if (done === undefined || mentioned === undefined) throw new Error('two procedures');
    expect((after(done, mentioned) as Procedure).status).toBe('completed');
    expect(completeRecord(mentioned.resource)).toMatchObject({ status: 'unknown' });
  });

  test('without a number is known by what, when and in which visit', () => {
    expect(recordOf(A08('PR1|1||H33.5^^OPCS4||20240104'), 'Procedure').resource.id).toBe(
      patientRecordId('Procedure', 'V1|RXX|H33.5|OPCS4|at 20240104'),
    );
  });

  test('names those whom ROL says took part, in their roles', () => {
    const { performer } = resourceOf<Procedure>(
      A08('PR1|1||H33.5^^OPCS4||20240104', 'ROL|1|AD|ASST^Assistant^L|C3456789^Ass^Ida^^^Ms'),
      'Procedure',
    );
    expect(performer).toMatchObject([
      { function: { coding: [{ code: 'ASST' }] }, actor: { display: 'Ms Ida Ass' } },
    ]);
  });
});

describe('a disability (DB1)', () => {
  test.each([
    ['Y', true],
    ['N', false],
  ])('answered %s is an observation of %s', (answer, valueBoolean) => {
    expect(
      resourceOf<Observation>(A08(`DB1|1|PT|77|${answer}|20210830|20210930`), 'Observation'),
    ).toMatchObject({
      status: 'final',
      code: { coding: [{ system: 'http://snomed.info/sct', code: '21134002' }] },
      effectivePeriod: { start: '2021-08-30', end: '2021-09-30' },
      valueBoolean,
    });
  });

  test('of a guarantor is nothing about the patient', () => {
    expect(recordsOf(A08('DB1|1|GT|77|Y|20210830'), 'Observation')).toEqual([]);
  });
});

test('a living will and an order not to resuscitate are observations of their own', () => {
  const conversion = convertText(hl7('ADT^A31', PID, segment('PD1', { 7: 'Y', 15: 'DNR' })));
  const values = recordsOf(conversion, 'Observation').map(({ resource }) => {
    const { code, valueCodeableConcept } = resource as Observation;
    return [code.coding?.[0]?.code, valueCodeableConcept?.coding?.[0]?.code];
  });
  expect(values).toEqual([
    ['75320-2', 'Y'],
    ['75320-2', 'DNR'],
  ]);
});

describe('a directive of the patient', () => {
  const directive = (pd1: string) => recordOf(convertText(hl7('ADT^A31', PID, pd1)), 'Observation');
  const stored = directive(segment('PD1', { 15: 'DNR' }));

  test.each([7, 15])('that is taken back (PD1-%d "") holds no more', (field) => {
    const held = directive(segment('PD1', { [field]: 'Y' }));
    const withdrawn = directive(segment('PD1', { [field]: '""' }));
    expect(withdrawn.resource.id).toBe(held.resource.id);
    const known = after(held, withdrawn) as Observation;
    expect(known.status).toBe('entered-in-error');
    expect(known).not.toHaveProperty('valueCodeableConcept');
    expect((after(withdrawn, held) as Observation).status).toBe('final');
  });

  test('is not taken back by a result that mentions the patient', () => {
    const conversion = convertText(hl7('ORU^R01', PID, segment('PD1', { 15: '""' })));
    expect(recordsOf(conversion, 'Observation')).toEqual([]);
  });

  test('does not hide another one', () => {
    const several = directive(segment('PD1', { 15: 'LW^Living will^L~DNR' }));
    const { component, valueCodeableConcept } = after(stored, several) as Observation;
    expect(valueCodeableConcept).toBeUndefined();
    expect(component?.map((each) => each.valueCodeableConcept?.coding?.[0]?.code)).toEqual(['LW', 'DNR']);
    expect(after(several, stored)).not.toHaveProperty('component');
  });
});
