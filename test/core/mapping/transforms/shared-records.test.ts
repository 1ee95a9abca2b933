import { describe, expect, test } from '@jest/globals';
import type { Location, Organization, Practitioner } from 'fhir/r4.js';
import { sharedId } from '../../../../src/core/identity/tokens.js';
import { odsSystemOf } from '../../../../src/core/mapping/transforms/organisations.js';
import { recordsOf, transformed } from '../support.js';

const ODS = 'https://fhir.nhs.uk/Id/ods-organization-code';
const SITE = 'https://fhir.nhs.uk/Id/ods-site-code';
const GMC = 'https://fhir.hl7.org.uk/Id/gmc-number';
const STAFF = 'https://rxx.nhs.uk/id/staff';
const NPI = 'http://hl7.org/fhir/sid/us-npi';

describe('practitioner', () => {
  test.each([
    ['C1234567^Patel^Ravi^^^Mr', GMC, '1234567', 'Mr Ravi Patel'],
    ['1234567^Patel^Ravi^^^Mr^^^GMC', GMC, '1234567', 'Mr Ravi Patel'],
    ['G5612908^Jones^Ann', 'https://fhir.hl7.org.uk/Id/gmp-number', 'G5612908', 'Ann Jones'],
    ['G5612908^Jones^Ann^^^^^^GMP', 'https://fhir.hl7.org.uk/Id/gmp-number', 'G5612908', 'Ann Jones'],
    ['98Z0001E^Nurse^Nora^^^^^^NMC', 'https://fhir.hl7.org.uk/Id/nmc-number', '98Z0001E', 'Nora Nurse'],
    ['jbloggs^Bloggs^Jo', STAFF, 'jbloggs', 'Jo Bloggs'],
    ['jbloggs^Bloggs^Jo^^^^^^PAS', `${STAFF}/pas`, 'jbloggs', 'Jo Bloggs'],
    ['100^Lee^Kim^^^^^^&1.2.3&ISO', `${STAFF}/1.2.3`, '100', 'Kim Lee'],
    ['100^Lee^Kim^^^^^^&2.16.840.1.113883.4.6&ISO', NPI, '100', 'Kim Lee'],
    ['100^Lee^Kim^^^^^^GHH^L^^^NPI', NPI, '100', 'Kim Lee'],
  ])('makes of "%s" someone known as %s|%s', (field, system, value, display) => {
    const { value: reference, conversion } = transformed('practitioner(NameUse)', field);
    const id = sharedId('Practitioner', system, value);
    expect(reference).toEqual({ reference: `Practitioner/${id}`, display });
    const [record] = recordsOf(conversion, 'Practitioner');
    expect(record).toMatchObject({
      partition: id,
      mode: 'create',
      resource: { id, identifier: [{ system, value }] },
    });
  });

  test('fills the name and traces it', () => {
    const { conversion } = transformed('practitioner(NameUse)', '1234567^Patel^Ravi^^^Mr^^^GMC^L');
    const [record] = recordsOf(conversion, 'Practitioner');
    expect((record?.resource as Practitioner).name).toEqual([
      { family: 'Patel', given: ['Ravi'], prefix: ['Mr'], use: 'official' },
    ]);
    expect(record?.lineage.map(({ element, source }) => `${element} < ${source ?? ''}`)).toEqual([
      'Practitioner.identifier[0].value < ZZT-1[1].1',
      'Practitioner.name[0].family < ZZT-1[1].2.1',
      'Practitioner.name[0].given[0] < ZZT-1[1].3',
      'Practitioner.name[0].prefix[0] < ZZT-1[1].6',
      'Practitioner.name[0].use < ZZT-1[1].10',
    ]);
  });

  test('without a number stays a name', () => {
    const { value, conversion } = transformed('practitioner(NameUse)', '^Patel^Ravi');
    expect(value).toEqual({ display: 'Ravi Patel' });
    expect(recordsOf(conversion, 'Practitioner')).toEqual([]);
  });

  test('is one record however often the message names them', () => {
    const { conversion } = transformed(
      'practitioner(NameUse)',
      'C1234567^Patel',
      'PV1|1|I|||||C1234567^Patel|||||||||||V1',
    );
    expect(recordsOf(conversion, 'Practitioner')).toHaveLength(1);
  });
});

describe('participant', () => {
  test('is a practitioner in a role', () => {
    expect(transformed('participant(NameUse, ATND, attender)', '^Patel').value).toEqual({
      type: [
        {
          coding: [
            {
              system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType',
              code: 'ATND',
              display: 'attender',
            },
          ],
        },
      ],
      individual: { display: 'Patel' },
    });
  });
});

describe('organisation', () => {
  test.each([
    ['The Surgery^^A81001', ODS, 'A81001', 'The Surgery'],
    ['The Surgery^^^^^^^^^A81001', ODS, 'A81001', 'The Surgery'],
    ['^^A81001', ODS, 'A81001', undefined],
    ['The Surgery^^12345', 'https://rxx.nhs.uk/id/location/organisation', '12345', 'The Surgery'],
  ])('makes of "%s" the organisation %s|%s', (field, system, value, name) => {
    const { value: reference, conversion } = transformed('organisation', field);
    const id = sharedId('Organization', system, value);
    expect(reference).toEqual({
      reference: `Organization/${id}`,
      ...(name === undefined ? {} : { display: name }),
    });
    const [record] = recordsOf(conversion, 'Organization');
    expect(record?.resource).toEqual({
      resourceType: 'Organization',
      id,
      meta: { profile: ['https://fhir.hl7.org.uk/StructureDefinition/UKCore-Organization'] },
      identifier: [{ system, value }],
      ...(name === undefined ? {} : { name }),
    });
  });

  test('without a code is known by its name in the feed', () => {
    const { conversion } = transformed('organisation', 'The Surgery');
    const [record] = recordsOf(conversion, 'Organization');
    expect((record?.resource as Organization).identifier).toBeUndefined();
    expect((record?.resource as Organization).name).toBe('The Surgery');
  });

  test.each([
    ['RXX', ODS],
    ['RXX01', SITE],
    ['A81001', ODS],
    ['Y00001', ODS],
    ['X26', ODS],
    ['12345', undefined],
    ['WARD1', undefined],
    ['', undefined],
  ])('%s is a code of %s', (code, system) => {
    expect(odsSystemOf(code)).toBe(system);
  });
});

describe('encounterLocation', () => {
  const located = (field: string) => {
    const { value, conversion } = transformed('encounterLocation(active)', field);
    const locations = recordsOf(conversion, 'Location').map(({ resource }) => resource as Location);
    return {
      value: value as { location: { reference: string; display: string }; status: string },
      locations,
      conversion,
    };
  };

  test('makes of a bed a Location within its ward', () => {
    const { value, locations } = located('WARD7^BAY2^BED3^RXX01^^^MAIN^2');
    expect(value.status).toBe('active');
    expect(value.location.display).toBe('BED3, BAY2, WARD7');
    const [ward, bed] = locations;
    expect(value.location.reference).toBe(`Location/${bed?.id ?? ''}`);
    expect(bed).toEqual({
      resourceType: 'Location',
      id: sharedId('Location', 'https://rxx.nhs.uk/id/location', 'RXX01/MAIN/2/WARD7/BAY2/BED3'),
      meta: { profile: ['https://fhir.hl7.org.uk/StructureDefinition/UKCore-Location'] },
      identifier: [{ system: 'https://rxx.nhs.uk/id/location', value: 'RXX01/MAIN/2/WARD7/BAY2/BED3' }],
      name: 'BED3, BAY2, WARD7',
      mode: 'instance',
      physicalType: {
        coding: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/location-physical-type',
            code: 'bd',
            display: 'Bed',
          },
        ],
      },
      managingOrganization: { reference: `Organization/${sharedId('Organization', SITE, 'RXX01')}` },
      partOf: { reference: `Location/${ward?.id ?? ''}` },
    });
    expect(ward?.name).toBe('WARD7');
    expect(ward?.physicalType?.coding?.[0]?.code).toBe('wa');
    expect(ward?.partOf).toBeUndefined();
  });

  test.each([
    ['WARD7', ['WARD7'], 'wa'],
    ['WARD7^BAY2', ['WARD7', 'BAY2, WARD7'], 'ro'],
    ['^^^Main Hospital', ['Main Hospital'], 'si'],
    ['^^^^^^Annex', ['Annex'], 'si'],
  ])('makes of "%s" the places %j', (field, names, innermost) => {
    const { locations } = located(field);
    expect(locations.map(({ name }) => name)).toEqual(names);
    expect(locations.at(-1)?.physicalType?.coding?.[0]?.code).toBe(innermost);
  });

  test('manages a place of an unknown facility by the owner of the feed', () => {
    const [ward] = located('WARD7^^^Main').locations;
    expect(ward?.managingOrganization?.reference).toBe(
      `Organization/${sharedId('Organization', ODS, 'RXX')}`,
    );
  });

  test('says nothing for a field without a place', () => {
    expect(located('^^^^N').value).toBeUndefined();
  });
});
