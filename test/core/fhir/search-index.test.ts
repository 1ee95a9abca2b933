import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  indexEntryOf,
  indexResource,
  matchesIdentifier,
  type IdentifierToken,
} from '../../../src/core/fhir/search-index.js';

const withIdentifier = (...identifier: { system?: string; value?: string }[]) => ({
  resourceType: 'Patient',
  identifier,
});

describe('indexResource', () => {
  test('holds every identifier with and without its system, once', () => {
    const resource = withIdentifier(
      { system: 'urn:a', value: '1' },
      { system: 'urn:b', value: '1' },
      { value: '2' },
      { system: 'urn:c' },
    );
    expect(indexResource(resource).identifier).toEqual(['|1', 'urn:a|1', 'urn:b|1', '|2']);
  });

  test('reads the single identifier of types that have one', () => {
    const bundle = { resourceType: 'Bundle', identifier: { system: 'urn:a', value: '1' } };
    expect(indexResource(bundle)).toEqual({ identifier: ['|1', 'urn:a|1'] });
  });

  test.each<[string, unknown]>([
    ['null', null],
    ['a text', 'urn:a|1'],
    ['a list of anything', [null, 1, 'x', [{ value: '3' }], { value: 4 }, { system: 5, value: '' }]],
  ])('finds no identifier in %s', (_, identifier) => {
    const resource = { resourceType: 'Patient', identifier };
    expect(indexResource(resource as never).identifier).toEqual([]);
  });

  test('is empty without identifiers', () => {
    expect(indexResource({ resourceType: 'Patient' }).identifier).toEqual([]);
  });
});

describe('matchesIdentifier', () => {
  const resource = withIdentifier({ system: 'urn:a', value: '1' }, { value: '2' }, { system: 'urn:c' });

  test.each<[string, IdentifierToken, boolean]>([
    ['its system and value', { system: 'urn:a', value: '1' }, true],
    ['its value in any system', { system: undefined, value: '1' }, true],
    ['its value without a system, when it has one', { system: '', value: '1' }, false],
    ['its value without a system, when it has none', { system: '', value: '2' }, true],
    ['its value in a system, when it has none', { system: 'urn:a', value: '2' }, false],
    ['a part of its value', { system: undefined, value: '' }, false],
  ])('matches %s: %#', (_, token, expected) => {
    expect(matchesIdentifier(resource, token)).toBe(expected);
  });
});

test('every match carries the entry that a search looks up', () => {
  const text = fc.constantFrom('urn:a', 'urn:b', 'x', '|', 'urn:a|x');
  const identifier = fc.record({ system: text, value: text }, { requiredKeys: [] });
  const token = fc.record({ system: fc.option(text, { nil: undefined }), value: text });
  fc.assert(
    fc.property(fc.array(identifier), token, (identifiers, wanted) => {
      const resource = withIdentifier(...identifiers);
      if (!matchesIdentifier(resource, wanted)) return;
      expect(indexResource(resource).identifier).toContain(indexEntryOf(wanted));
    }),
  );
});
