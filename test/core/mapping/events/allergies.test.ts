/** AL1 and IAM. All people are synthetic. */
import { describe, expect, test } from '@jest/globals';
import type { AllergyIntolerance } from 'fhir/r4.js';
import { mergeResources } from '../../../../src/core/records/merge.js';
import type { MappedRecord } from '../../../../src/core/mapping/types.js';
import {
  PATIENT_KEY,
  PID,
  convertText,
  feed,
  hl7,
  patientRecordId,
  recordOf,
  recordsOf,
  segment,
} from '../support.js';

const A60 = (...segments: string[]) => convertText(hl7('ADT^A60', PID, ...segments));
const A08 = (...segments: string[]) => convertText(hl7('ADT^A08', PID, ...segments));
const allergyOf = (record: MappedRecord) => record.resource as AllergyIntolerance;
const codeOf = (concept: AllergyIntolerance['clinicalStatus']) => concept?.coding?.[0]?.code;

/** What is stored after one statement about a record and then another. */
function afterwards(first: MappedRecord, second: MappedRecord): AllergyIntolerance {
  expect(second.resource.id).toBe(first.resource.id);
  const { resource } = mergeResources(first.resource, second.resource, second.removed);
  return resource as AllergyIntolerance;
}

describe('an allergy', () => {
  test('in AL1 is active, with kind, criticality and every reaction', () => {
    const allergy = allergyOf(
      recordOf(A08('AL1|1|DA|373270004^Penicillin^SCT|SV|Rash~Swelling|201906'), 'AllergyIntolerance'),
    );
    expect(allergy).toEqual({
      resourceType: 'AllergyIntolerance',
      id: patientRecordId('AllergyIntolerance', '373270004|SCT'),
      meta: { profile: ['https://fhir.hl7.org.uk/StructureDefinition/UKCore-AllergyIntolerance'] },
      clinicalStatus: {
        coding: [
          { system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical', code: 'active' },
        ],
      },
      type: 'allergy',
      category: ['medication'],
      criticality: 'high',
      code: { coding: [{ system: 'http://snomed.info/sct', code: '373270004', display: 'Penicillin' }] },
      patient: { reference: `Patient/${PATIENT_KEY}` },
      reaction: [
        { manifestation: [{ text: 'Rash' }], severity: 'severe' },
        { manifestation: [{ text: 'Swelling' }], severity: 'severe' },
      ],
      onsetDateTime: '2019-06',
    });
  });

  test.each(['AL1|1|DA||SV', 'IAM|1|DA||SV'])(
    'that names neither allergen nor reaction is reported: %s',
    (row) => {
      const conversion = A08(row);
      expect(recordsOf(conversion, 'AllergyIntolerance')).toEqual([]);
      expect(conversion.issues.map(({ code }) => code)).toContain('HDE_HL7_REQUIRED');
    },
  );

  test('of which only the reaction is named is kept, and reported', () => {
    const conversion = A08('AL1|1|DA||SV|Rash');
    expect(allergyOf(recordOf(conversion, 'AllergyIntolerance'))).toMatchObject({
      id: patientRecordId('AllergyIntolerance', 'reaction Rash'),
      code: { text: 'Not stated' },
      reaction: [{ manifestation: [{ text: 'Rash' }] }],
    });
    expect(conversion.issues).toContainEqual({
      code: 'HDE_HL7_REQUIRED',
      severity: 'warning',
      location: 'AL1-3',
      detail: 'an allergen, without which only a reaction is recorded',
    });
  });

  test.each([
    ['Rash', { text: 'Rash' }],
    ['^Rash', { text: 'Rash' }],
    ['R1^Rash^L', { coding: [{ system: feed.localSystems.code, code: 'R1', display: 'Rash' }] }],
  ])('with the reaction %s reads as what happened', (written, manifestation) => {
    const allergy = allergyOf(recordOf(A08(`AL1|1|DA|PEN|SV|${written}`), 'AllergyIntolerance'));
    expect(allergy.reaction?.[0]?.manifestation).toEqual([manifestation]);
  });

  test('to something unknown is reported, and neither an allergy nor the lack of one', () => {
    const conversion = A08('AL1|1|DA|^Unknown', 'AL1|2|DA|UNK', 'AL1|3|DA|^Not on File');
    expect(recordsOf(conversion, 'AllergyIntolerance')).toEqual([]);
    expect(conversion.issues.map(({ location }) => location)).toEqual(['AL1-3', 'AL1(2)-3', 'AL1(3)-3']);
  });

  test('stated twice in AL1 keeps both statements', () => {
    const ids = recordsOf(
      A08('AL1|1|DA|X^Latex^L||Rash', 'AL1|2|DA|X^Latex^L||Wheeze'),
      'AllergyIntolerance',
    ).map(({ resource }) => resource.id);
    expect(ids).toEqual([
      patientRecordId('AllergyIntolerance', 'X|L'),
      patientRecordId('AllergyIntolerance', 'X|L|#2'),
    ]);
  });

  test('keeps the note below it', () => {
    const allergy = allergyOf(
      recordOf(A08('AL1|1|DA|X^Latex^L', 'NTE|1||Since childhood'), 'AllergyIntolerance'),
    );
    expect(allergy.note).toEqual([{ text: 'Since childhood' }]);
  });

  test('in IAM is the same record as in AL1 of another message', () => {
    expect(recordOf(A60('IAM|1|FA|P^Peanut^L|SV||A'), 'AllergyIntolerance').resource.id).toBe(
      recordOf(A08('AL1|1|FA|P^Peanut^L'), 'AllergyIntolerance').resource.id,
    );
  });

  test('in IAM says how sure the sender is, who reported it and who wrote it down', () => {
    const iam =
      'IAM|1|FA|P^Peanut^L|MO|Hives|A|77^PAS|Known|IN^Intolerance||20180501||20201005|Doe^Rosa^^^Mrs|SPO||C' +
      '||||||G7654321^Patel^Ravi^^^Dr^^^GMP|20201004|||91935009^Allergy to peanut^SCT';
    expect(allergyOf(recordOf(A60(iam), 'AllergyIntolerance'))).toMatchObject({
      identifier: [{ value: '77' }],
      verificationStatus: { coding: [{ code: 'confirmed' }] },
      type: 'intolerance',
      category: ['food'],
      code: { coding: [{ code: 'P' }, { system: 'http://snomed.info/sct', code: '91935009' }] },
      reaction: [{ manifestation: [{ text: 'Hives' }], severity: 'moderate' }],
      onsetDateTime: '2018-05-01',
      recordedDate: '2020-10-05',
      asserter: { display: 'Mrs Rosa Doe' },
      recorder: { display: 'Dr Ravi Patel' },
    });
  });

  test('that patients report themselves is asserted by them', () => {
    const allergy = allergyOf(
      recordOf(A60('IAM|1|FA|P^Peanut^L|||||||||||Khan^Amira|SEL^Self'), 'AllergyIntolerance'),
    );
    expect(allergy.asserter).toEqual({ reference: `Patient/${PATIENT_KEY}` });
  });
});

describe('several allergens in one segment, as some senders write them', () => {
  const textsOf = (row: string) =>
    recordsOf(A08(row), 'AllergyIntolerance')
      .map(allergyOf)
      .map(({ id, code }) => [id, code?.text ?? code?.coding?.[0]?.display]);
  const idOf = (allergen: string) => patientRecordId('AllergyIntolerance', allergen);

  test.each([
    ['AL1|1|DA|P^Penicillin^L~X^Latex^L|SV|Rash', 'Penicillin, Latex', 'P|L, X|L'],
    ['IAM|1|DA|P^Penicillin^L~X^Latex^L~N^Nuts^L|SV|Rash|A', 'Penicillin, Latex, Nuts', 'P|L, X|L, N|L'],
    ['AL1|1|DA|^Penicillin~^Latex', 'Penicillin, Latex', 'Penicillin, Latex'],
    ['AL1|1|DA|~X^Latex^L', 'Latex', 'X|L'],
    ['AL1|1|DA|P^Penicillin^L~', 'Penicillin', 'P|L'],
    ['AL1|1|DA|P^Penicillin^L~P^Penicillin^L', 'Penicillin', 'P|L'],
  ])('are allergies of their own, known as if each had a segment: %s', (row, names, identities) => {
    const ids = identities.split(', ').map(idOf);
    expect(textsOf(row)).toEqual(names.split(', ').map((name, index) => [ids[index], name]));
  });

  test('are active and have kind, criticality, reactions and notes of their segment', () => {
    const conversion = A08('AL1|1|DA|P^Penicillin^L~X^Latex^L|SV|Rash|2019', 'NTE|1||In childhood');
    const [penicillin, latex] = recordsOf(conversion, 'AllergyIntolerance').map(allergyOf);
    expect(latex).toEqual({ ...penicillin, id: latex?.id, code: latex?.code });
    expect(latex).toMatchObject({ criticality: 'high', note: [{ text: 'In childhood' }] });
    expect(codeOf(latex?.clinicalStatus)).toBe('active');
    expect(conversion.ledger.filter(({ fate }) => fate === 'unmapped')).toEqual([]);
  });

  test('are read where they stand', () => {
    const [, latex] = recordsOf(A08('AL1|1|DA|P^Penicillin^L~X^Latex^L'), 'AllergyIntolerance');
    expect(latex?.lineage.map(({ source }) => source)).toContain('AL1-3[2].2');
  });

  test('may say of one kind that there are none, and name one of another', () => {
    expect(textsOf('AL1|1|DA|NKDA~X^Latex^L')).toEqual([
      [idOf('X|L'), 'Latex'],
      [idOf('none 409137002'), 'NKDA'],
    ]);
  });

  test('each become inactive by IAM-6 D', () => {
    const records = recordsOf(A60('IAM|1|DA|P^Penicillin^L~X^Latex^L|||D'), 'AllergyIntolerance');
    expect(records.map(allergyOf).map(({ clinicalStatus }) => codeOf(clinicalStatus))).toEqual([
      'inactive',
      'inactive',
    ]);
  });

  test('have the code of the clinician that stands in the same place', () => {
    const row = segment('IAM', { 3: 'P^Penicillin^L~X^Latex^L', 27: '91936005^Allergy to penicillin^SCT' });
    const codings = recordsOf(A60(row), 'AllergyIntolerance').map((record) => allergyOf(record).code?.coding);
    expect(codings.map((each) => each?.map(({ code }) => code))).toEqual([['P', '91936005'], ['X']]);
  });
});

describe('the severity of an allergy', () => {
  const sent = (severity: string, reaction = '') =>
    allergyOf(recordOf(A08(`AL1|1|DA|X^Latex^L|${severity}|${reaction}`), 'AllergyIntolerance'));

  test.each([
    ['24484000^Severe^SCT', 'high', 'severe'],
    ['3^Severe^L', 'high', 'severe'],
    ['^Life threatening', 'high', 'severe'],
    ['371924009^^SCT', 'high', 'severe'],
    ['H1^^L^24484000^Severe^SCT', 'high', 'severe'],
    ['6736007^Moderate^SCT', undefined, 'moderate'],
    ['255604002^Mild^SCT', 'low', 'mild'],
    ['High', 'high', undefined],
  ])('written as %s is the criticality %s and a reaction that is %s', (severity, criticality, reaction) => {
    const allergy = sent(severity, 'Rash');
    expect([allergy.criticality, allergy.reaction?.[0]?.severity]).toEqual([criticality, reaction]);
    expect(allergy.note).toBeUndefined();
  });

  test.each([
    ['MO', 'Severity: moderate'],
    ['9^Anaphylaxis in theatre^L', 'Severity: Anaphylaxis in theatre'],
    ['9', 'Severity: 9'],
    ['SV', undefined],
    ['U', undefined],
    ['U^Unknown^HL70128', undefined],
  ])('written as %s without a reaction is noted as %s', (severity, note) => {
    expect(sent(severity).note?.[0]?.text).toBe(note);
  });
});

describe('an allergen in words', () => {
  const iam = (allergen: string, clinician = '') =>
    allergyOf(
      recordOf(
        A60(segment('IAM', { 1: '1', 2: 'DA', 3: allergen, 5: 'Rash', 27: clinician })),
        'AllergyIntolerance',
      ),
    );

  test.each(['^Nuts', '^^^^Nuts', '^^^^^^^^Nuts'])('is read where it stands, as in %s', (allergen) => {
    expect(iam(allergen).code).toEqual({ text: 'Nuts' });
    expect(iam('', allergen).code).toEqual({ text: 'Nuts' });
  });

  test('is not lost beside the words of the patient, or a code of another name', () => {
    expect(iam('^Penicillin^^^^^^^makes me ill').code).toEqual({
      coding: [{ display: 'Penicillin' }],
      text: 'makes me ill',
    });
    expect(iam('^Penicillin^^373270004^^SCT').code).toEqual({
      coding: [{ system: 'http://snomed.info/sct', code: '373270004' }],
      text: 'Penicillin',
    });
    expect(iam('PEN^^L^^Penicillin').code?.text).toBe('Penicillin');
  });

  test('is none where they say that there is none, wherever they stand', () => {
    const none = recordsOf(A08('AL1|1|DA|^^^^^^^^NKDA'), 'AllergyIntolerance').map(allergyOf);
    expect(none.map(({ code }) => code?.coding?.[0]?.code)).toEqual(['409137002']);
  });
});

describe('a change of an allergy', () => {
  const stated = recordOf(A08('AL1|1|DA|X^Latex^L|SV|Rash'), 'AllergyIntolerance');

  test('by IAM-6 D leaves it to be seen as inactive', () => {
    const stored = afterwards(stated, recordOf(A60('IAM|1|DA|X^Latex^L|||D'), 'AllergyIntolerance'));
    expect(codeOf(stored.clinicalStatus)).toBe('inactive');
    expect(stored.reaction).toHaveLength(1);
  });

  test('by IAM-17 E says that it was never so, without a clinical status', () => {
    const stored = afterwards(
      stated,
      recordOf(A60('IAM|1|DA|X^Latex^L|||D|||||||||||E'), 'AllergyIntolerance'),
    );
    expect(codeOf(stored.verificationStatus)).toBe('entered-in-error');
    expect(stored.clinicalStatus).toBeUndefined();
  });

  test('by IAM-17 I is confirmed and inactive', () => {
    const allergy = allergyOf(recordOf(A60('IAM|1|DA|X^Latex^L|||U|||||||||||I'), 'AllergyIntolerance'));
    expect(codeOf(allergy.clinicalStatus)).toBe('inactive');
    expect(codeOf(allergy.verificationStatus)).toBe('confirmed');
  });

  test('that states it again takes an error back', () => {
    const error = recordOf(A60('IAM|1|DA|X^Latex^L|||D|||||||||||E'), 'AllergyIntolerance');
    const stored = afterwards(error, stated);
    expect(codeOf(stored.clinicalStatus)).toBe('active');
    expect(stored.verificationStatus).toBeUndefined();
  });

  test('that only repeats it keeps how sure somebody was', () => {
    const confirmed = recordOf(A60('IAM|1|DA|X^Latex^L|||A|||||||||||C'), 'AllergyIntolerance');
    expect(codeOf(afterwards(confirmed, stated).verificationStatus)).toBe('confirmed');
  });
});

describe('no known allergies', () => {
  test.each([
    ['NKA', '716186003'],
    ['^No Known Allergies', '716186003'],
    ['716186003^No known allergy^SCT', '716186003'],
    ['716186003^No known allergy (situation)^SCT', '716186003'],
    ['160244002^^SCT', '716186003'],
    ['NKDA^NKDA^L', '409137002'],
    ['^No known drug allergies (NKDA)', '409137002'],
    ['LOC1^No known drug allergies.^L', '409137002'],
    ['^No known food allergy', '429625007'],
  ])('written as %s is the statement %s and no allergy to anything', (written, code) => {
    const record = recordOf(A08(`AL1|1|DA|${written}|SV|Rash`), 'AllergyIntolerance');
    const allergy = allergyOf(record);
    expect(allergy.code?.coding).toEqual([
      { system: 'http://snomed.info/sct', code, display: expect.any(String) as unknown },
    ]);
    expect(codeOf(allergy.clinicalStatus)).toBe('active');
    expect(codeOf(allergy.verificationStatus)).toBe('confirmed');
    expect([allergy.type, allergy.criticality, allergy.reaction]).toEqual([undefined, undefined, undefined]);
    expect(record.resource.id).toBe(patientRecordId('AllergyIntolerance', `none ${code}`));
  });

  test('keeps the words of the sender', () => {
    const allergy = allergyOf(recordOf(A08('AL1|1||NKA^Nil known'), 'AllergyIntolerance'));
    expect(allergy.code?.text).toBe('Nil known');
  });

  test('is not what a local code for none beside an allergen says', () => {
    const allergy = allergyOf(recordOf(A08('AL1|1|DA|NONE^Penicillin^L'), 'AllergyIntolerance'));
    expect(allergy.code?.coding?.[0]?.display).toBe('Penicillin');
    expect(allergy.type).toBe('allergy');
  });

  test.each([
    'NKA^No known allergies (except penicillin)',
    '^NKDA (apart from latex)',
    '^Unknown (? aspirin)',
  ])('is not what is said with an exception, as in %s', (written) => {
    const record = recordOf(A08(`AL1|1|DA|${written}`), 'AllergyIntolerance');
    expect(JSON.stringify(allergyOf(record).code)).toContain(written.split('^')[1]);
    expect(JSON.stringify(allergyOf(record).code)).not.toContain('snomed');
  });

  test('can be taken back', () => {
    const none = recordOf(A60('IAM|1||NKA|||A'), 'AllergyIntolerance');
    const stored = afterwards(none, recordOf(A60('IAM|1||NKA|||D'), 'AllergyIntolerance'));
    expect(codeOf(stored.verificationStatus)).toBe('entered-in-error');
    expect(stored.clinicalStatus).toBeUndefined();
  });
});
