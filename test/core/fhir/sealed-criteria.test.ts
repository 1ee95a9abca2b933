import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { ParameterPair } from '../../../src/core/fhir/bundle.js';
import { openCriteria, sealCriteria } from '../../../src/core/fhir/sealed-criteria.js';

const search = { secret: 'secret', path: 'Patient' };
const pairs = fc.array(fc.tuple(fc.string(), fc.string()), { minLength: 1, maxLength: 10 });
const page: ParameterPair = ['_page', 'x'];

test('criteria come back from a link, before its other parameters', () => {
  fc.assert(
    fc.property(pairs, (criteria) => {
      const sealed = sealCriteria(search, criteria) ?? [];
      expect(sealed.length).toBeGreaterThan(0);
      expect(openCriteria(search, [page, ...sealed])).toEqual([...criteria, page]);
    }),
  );
});

test('criteria that were altered, or are those of another search or deployment, are not opened', () => {
  fc.assert(
    fc.property(pairs, fc.nat(), (criteria, at) => {
      const sealed = sealCriteria(search, criteria) ?? [];
      const text = sealed.map(([, piece]) => piece).join('');
      const place = at % text.length;
      const altered = `${text.slice(0, place)}${text[place] === 'A' ? 'B' : 'A'}${text.slice(place + 1)}`;
      expect(openCriteria(search, [['_criteria', altered]])).toBeUndefined();
      expect(openCriteria({ ...search, path: 'Encounter' }, sealed)).toBeUndefined();
      expect(openCriteria({ ...search, secret: 'other' }, sealed)).toBeUndefined();
    }),
  );
});

test('a search without criteria needs none', () => {
  expect(sealCriteria(search, [])).toEqual([]);
  expect(openCriteria(search, [page])).toEqual([page]);
});

test('what is no sealed text is not opened', () => {
  for (const text of ['', 'x', 'A'.repeat(5000)])
    expect(openCriteria(search, [['_criteria', text]])).toBeUndefined();
});
