import { describe, expect, test } from '@jest/globals';
import { systemOf, uriSegment } from '../../../src/core/identity/assigning-authority.js';
import { feed } from '../mapping/support.js';

const NHS = 'https://fhir.nhs.uk/Id/nhs-number';
const LOCAL = 'https://rxx.nhs.uk/id/patient';
const system = (namespace: string, universal = '', type = '') =>
  systemOf({ namespace, universal, type }, feed, LOCAL);

describe('the identifier system of an assigning authority', () => {
  test.each([
    ['a configured namespace', 'RXX', '', 'MR', 'https://rxx.nhs.uk/id/mrn'],
    [
      'a configured namespace with the type of a national number',
      'CHI',
      '',
      'NH',
      'https://fhir.nhs.scot/Id/chi-number',
    ],
    ['the NHS by name', 'NHS', '', '', NHS],
    ['the NHS by a name in use', 'NHSNBR', '', 'NHSNMBR', NHS],
    ['the NHS by its object identifier', '', '2.16.840.1.113883.2.1.4.1', '', NHS],
    ['the NHS by type, where no authority is named', '', '', 'NH', NHS],
    ['a stated URL', 'https://other.nhs.uk/id', '', '', 'https://other.nhs.uk/id'],
    ['a stated object identifier', 'ODS', '2.16.840.1.113883.2.1.3', '', 'urn:oid:2.16.840.1.113883.2.1.3'],
    ['a name that is not configured', 'HOSP A', '', 'MR', `${LOCAL}/hosp%20a`],
    ['no authority', '', '', 'MR', LOCAL],
    ['a name that objects inherit', 'constructor', '', '', `${LOCAL}/constructor`],
  ])('is told by %s', (_case, namespace, universal, type, expected) => {
    expect(system(namespace, universal, type)).toBe(expected);
  });

  test('keeps two hospitals apart that are not configured', () => {
    expect(system('HOSP A')).not.toBe(system('HOSP B'));
  });

  test('has a form even for half a character', () => {
    expect(uriSegment('a\ud800b')).toBe('a%EF%BF%BDb');
  });
});
