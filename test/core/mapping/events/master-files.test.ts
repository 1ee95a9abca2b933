/** MFN: staff and places. */
import { describe, expect, test } from '@jest/globals';
import type { Location, Practitioner, PractitionerRole } from 'fhir/r4.js';
import { convertText, feed, hl7, PID, recordOf, recordsOf, resourceOf, segment } from '../support.js';

const STF = segment('STF', {
  1: 'S100',
  2: 'S100~1234567^^^GMC',
  3: 'Ode^Ann^^^Dr',
  5: 'F',
  7: 'A',
  10: '^WPN^PH^^^020^79460000',
  12: '20200101',
});
const PRA = segment('PRA', { 1: 'S100', 3: 'CON^Consultant^L', 5: '320', 9: 'Trust^^RXX' });
const mfe = (event: string): string => `MFE|${event}|1|20240105|S100`;

describe('a master file of staff', () => {
  test('states the practitioner whom messages mention, under the same id', () => {
    const master = recordOf(
      convertText(hl7('MFN^M02', 'MFI|PRA||UPD', mfe('MAD'), STF, PRA)),
      'Practitioner',
    );
    const mentioned = convertText(
      hl7('ADT^A01', PID, segment('PV1', { 2: 'I', 7: 'C1234567^Ode^Ann', 19: 'V1' })),
    );
    expect(master.resource.id).toBe(recordOf(mentioned, 'Practitioner').resource.id);
    expect(master.mode).toBe('merge');
    expect(master.partition).toBe(master.resource.id);
  });

  test('gives numbers, name, telephone and that they are active', () => {
    const conversion = convertText(hl7('MFN^M02', 'MFI|PRA||UPD', mfe('MUP'), STF, PRA));
    expect(resourceOf<Practitioner>(conversion, 'Practitioner')).toMatchObject({
      identifier: [
        { system: feed.localSystems.staff, value: 'S100' },
        { system: 'https://fhir.hl7.org.uk/Id/gmc-number', value: '1234567' },
      ],
      active: true,
      name: [{ family: 'Ode', given: ['Ann'], prefix: ['Dr'] }],
      telecom: [{ system: 'phone', use: 'work' }],
    });
    expect(resourceOf<PractitionerRole>(conversion, 'PractitionerRole')).toMatchObject({
      active: true,
      code: [{ coding: [{ code: 'CON' }] }],
      specialty: [{ coding: [{ code: '320' }] }],
      period: { start: '2020-01-01' },
    });
  });

  test.each(['MDC', 'MDL'])('by %s ends the use of a record and deletes nothing', (event) => {
    const conversion = convertText(hl7('MFN^M02', 'MFI|PRA||UPD', mfe(event), STF, PRA));
    expect(recordOf(conversion, 'Practitioner').resource).toHaveProperty('active', false);
    expect(recordOf(conversion, 'PractitionerRole').resource).toHaveProperty('active', false);
    expect(recordOf(conversion, 'Practitioner').removed).toEqual([]);
  });

  test('by MAC brings a record back', () => {
    const conversion = convertText(hl7('MFN^M02', mfe('MAC'), STF.replace('|A|', '||')));
    expect(recordOf(conversion, 'Practitioner').resource).toHaveProperty('active', true);
  });

  test('names the units of a person', () => {
    const conversion = convertText(hl7('MFN^M02', mfe('MAD'), STF, 'ORG|1|CARD^Cardiology'));
    const role = recordsOf(conversion, 'PractitionerRole')[0]?.resource as PractitionerRole;
    expect(role.organization?.display).toBe('Cardiology');
  });

  test('without a number records nobody, and says so', () => {
    const conversion = convertText(hl7('MFN^M02', mfe('MAD'), 'STF||| Ode^Ann'));
    expect(recordsOf(conversion, 'Practitioner')).toEqual([]);
    expect(conversion.issues).toContainEqual(expect.objectContaining({ location: 'STF-1' }));
  });
});

describe('a master file of places', () => {
  const LOC = segment('LOC', { 1: 'W1^R1^B2^RXX01', 2: 'By the window', 4: 'Trust^^RXX' });

  test('states the bed that messages mention, under the same id', () => {
    const [master] = recordsOf(convertText(hl7('MFN^M05', 'MFI|LOC||UPD', mfe('MAD'), LOC)), 'Location');
    const visit = segment('PV1', { 2: 'I', 3: 'W1^R1^B2^RXX01', 19: 'V1' });
    const mentioned = recordsOf(convertText(hl7('ADT^A01', PID, visit)), 'Location');
    expect(master?.mode).toBe('merge');
    expect(mentioned.map(({ resource }) => resource.id)).toContain(master?.resource.id);
  });

  test('gives its ward, description and that it is in use', () => {
    const conversion = convertText(hl7('MFN^M05', mfe('MAD'), LOC, mfe('MAD'), 'LOC|W1^^^RXX01|Ward one'));
    const [bed, ward] = recordsOf(conversion, 'Location').map(({ resource }) => resource as Location);
    expect(recordsOf(conversion, 'Location')).toHaveLength(2);
    expect(bed).toMatchObject({
      status: 'active',
      description: 'By the window',
      physicalType: { coding: [{ code: 'bd' }] },
      partOf: { reference: `Location/${ward?.id ?? ''}` },
    });
  });

  test('is described by PL-9 where LOC-2 says nothing', () => {
    const described = (loc: string) =>
      resourceOf<Location>(convertText(hl7('MFN^M05', 'MFI|LOC||UPD', mfe('MAD'), loc)), 'Location')
        .description;
    expect(described('LOC|CLIN1^^^^^^^^Morning clinic||C')).toBe('Morning clinic');
    expect(described('LOC|CLIN1^^^^^^^^Morning clinic|Fracture clinic|C')).toBe('Fracture clinic');
  });

  test('that is closed is inactive', () => {
    const conversion = convertText(hl7('MFN^M05', mfe('MDC'), 'LOC|W1^^^RXX01'));
    expect(resourceOf<Location>(conversion, 'Location').status).toBe('inactive');
  });
});

test('a master file that nobody knows is not refused, and its fields are unmapped', () => {
  const { records, ledger } = convertText(hl7('MFN^M99', 'MFI|XYZ||UPD', mfe('MAD'), 'ZZZ|1'));
  expect(records).toEqual([]);
  expect(ledger).toContainEqual(expect.objectContaining({ source: 'ZZZ-1[1]', fate: 'unmapped' }));
});
