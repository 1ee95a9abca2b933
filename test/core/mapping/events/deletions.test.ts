import { describe, expect, test } from '@jest/globals';
import type { Encounter, Patient } from 'fhir/r4.js';
import { mergeResources } from '../../../../src/core/records/merge.js';
import { after, convertText, hl7, PID, recordOf, segment } from '../support.js';

/** What an update deletes and says of the patient, and the fate of a field. */
function update(pid: Record<number, string>, pd1: Record<number, string> = { 1: '' }) {
  const conversion = convertText(
    hl7('ADT^A31', segment('PID', { 3: 'A1^^^RXX^MR', ...pid }), segment('PD1', pd1)),
  );
  const record = recordOf(conversion, 'Patient');
  const { removed, resource } = record;
  return {
    record,
    removed,
    patient: resource as Patient,
    fateOf: (source: string) => conversion.ledger.find((entry) => entry.source === source)?.fate,
  };
}

describe('"" in one of several fields of a list', () => {
  test.each([
    [13, ['telecom[rule=pid-13-telecom]', 'telecom[rule=pid-13-number]']],
    [14, ['telecom[rule=pid-14-telecom]', 'telecom[rule=pid-14-number]']],
    [40, ['telecom[rule=pid-40-telecom]']],
    [5, ['name[use=official]', 'name[rule=pid-5-called-by]']],
    [9, ['name[use=nickname]']],
  ])('of PID-%i deletes %j only', (field, selectors) => {
    const { removed, fateOf } = update({ [field]: '""' });
    expect(removed).toEqual(selectors);
    expect(fateOf(`PID-${field}[1]`)).toBe('mapped');
  });

  test.each([
    [3, 'Organization', '""', 'G5612908^Jones^Ann', 'Practitioner'],
    [4, 'Practitioner', 'SURGERY^^A81001', '""', 'Organization'],
  ])('of PD1-%i deletes the %s only', (field, deleted, practice, doctor, kept) => {
    const { removed, patient, fateOf } = update({}, { 3: practice, 4: doctor });
    expect(removed).toEqual([`generalPractitioner[type=${deleted}]`]);
    expect(patient.generalPractitioner?.map(({ type }) => type)).toEqual([kept]);
    expect(fateOf(`PD1-${field}[1]`)).toBe('mapped');
  });

  test('leaves what another field states in the same message', () => {
    const { removed, patient } = update({ 13: '01134960000', 14: '""' });
    expect(removed).toEqual(['telecom[rule=pid-14-telecom]', 'telecom[rule=pid-14-number]']);
    expect(patient.telecom).toEqual([{ value: '01134960000', system: 'phone', use: 'home' }]);
  });

  test('takes effect on what is stored', () => {
    const stored = update(
      { 5: 'Khan^Amira', 9: 'Kay^Mimi^^^^^N', 13: '01134960000', 14: '01134960001' },
      { 3: 'SURGERY^^A81001', 4: 'G5612908^Jones^Ann' },
    );
    const change = update({ 5: 'Khan^Amira', 9: '""', 14: '""' }, { 4: '""' });
    const merged = after(stored.record, change.record) as Patient;
    expect(merged.name?.map(({ use }) => use)).toEqual(['official']);
    expect(merged.telecom?.map(({ use }) => use)).toEqual(['home']);
    expect(merged.generalPractitioner?.map(({ type }) => type)).toEqual(['Organization']);
  });

  test('of a field without a use of its own deletes what that field had stated', () => {
    const stored = update({ 13: '01134960000', 40: '07700900001^PRN^CP~^NET^Internet^a@example.org' });
    const merged = after(stored.record, update({ 40: '""' }).record) as Patient;
    expect(merged.telecom?.map(({ value }) => value)).toEqual(['01134960000']);
    const { telecom } = after(stored.record, update({ 13: '""' }).record) as Patient;
    expect(telecom?.map(({ value }) => value)).toEqual(['07700900001', 'a@example.org']);
  });
});

describe('"" in PID-30', () => {
  test('takes back the death, however it was stated', () => {
    const { removed, fateOf } = update({ 30: '""' });
    expect(removed).toEqual([
      'deceasedBoolean',
      'deceasedDateTime',
      'extension[url=https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-DeathNotificationStatus]',
    ]);
    expect(fateOf('PID-30[1]')).toBe('mapped');
  });

  test('deletes no time of death that the message states', () => {
    const dated = update({ 29: '20240104', 30: '""' });
    expect(dated.removed).toEqual(['deceasedBoolean']);
    const merged = after(update({ 30: 'Y' }).record, dated.record) as Patient;
    expect(merged.deceasedDateTime).toBe('2024-01-04');
    expect(merged.deceasedBoolean).toBeUndefined();
  });

  test('takes back the death that was stated beside a date that is none', () => {
    const stored = update({ 29: '00000000', 30: 'Y' }).record;
    const merged = after(stored, update({ 29: '00000000', 30: '""' }).record) as Patient;
    expect((stored.resource as Patient).deceasedBoolean).toBe(true);
    expect(merged.deceasedBoolean).toBeUndefined();
  });
});

describe('"" in PID-11', () => {
  const stored = update({ 11: '1 Mill Lane^^Leeds^West Yorkshire^LS1 1AA^GBR^H' }).patient;
  const addressAfter = (pid: Record<number, string>) => {
    const { patient, removed } = update(pid);
    return (mergeResources(stored, patient, removed).resource as Patient).address;
  };

  test('deletes the address', () => {
    expect(addressAfter({ 11: '""' })).toBeUndefined();
  });

  test('deletes the address beside a county of its own', () => {
    expect(addressAfter({ 11: '""', 12: 'Kent' })).toEqual([{ district: 'Kent' }]);
  });

  test('and "" in PID-12 deletes the county only', () => {
    const [address] = addressAfter({ 12: '""' }) ?? [];
    expect(stored.address?.[0]?.district).toBe('West Yorkshire');
    expect(address).toMatchObject({ line: ['1 Mill Lane'], city: 'Leeds', postalCode: 'LS1 1AA' });
    expect(address).not.toHaveProperty('district');
  });
});

describe('"" in PV1-16', () => {
  test('lifts no protection of the person', () => {
    const { removed } = recordOf(
      convertText(hl7('ADT^A08', PID, segment('PV1', { 2: 'I', 16: '""', 19: 'V1' }))),
      'Patient',
    );
    expect(removed).toEqual([]);
  });
});

describe('"" in a field of the visit', () => {
  const visit = (pv1: Record<number, string>) => {
    const text = hl7('ADT^A08', PID, segment('PV1', { 2: 'I', 19: 'V1', ...pv1 }));
    const conversion = convertText(text);
    return {
      ...recordOf(conversion, 'Encounter'),
      fateOf: (source: string) => conversion.ledger.find((entry) => entry.source === source)?.fate,
    };
  };

  test('deletes who has its role, and nobody else', () => {
    const stored = visit({ 7: 'C1234567^Khan^Amira', 9: 'C7654321^Jones^Ann' });
    const change = visit({ 7: '""' });
    const merged = mergeResources(stored.resource, change.resource, change.removed).resource as Encounter;
    expect(merged.participant?.map(({ type }) => type?.[0]?.coding?.[0]?.code)).toEqual(['CON']);
    expect(change.fateOf('PV1-7[1]')).toBe('mapped');
  });

  test('deletes the place where the patient is, and not where they were', () => {
    const stored = visit({ 3: 'W1^R1^B1^RXX', 6: 'W2^R1^B1^RXX' });
    const change = visit({ 3: '""' });
    const merged = mergeResources(stored.resource, change.resource, change.removed).resource as Encounter;
    expect(merged.location?.map(({ status }) => status)).toEqual(['completed']);
    expect(change.fateOf('PV1-3[1]')).toBe('mapped');
  });
});
