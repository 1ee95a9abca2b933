import { describe, expect, test } from '@jest/globals';
import { searchsetBundle } from '../../../src/core/fhir/bundle.js';

const baseUrl = 'https://hde.example/fhir';

describe('searchsetBundle', () => {
  test('holds matches, what they refer to and an outcome, each with its mode', () => {
    const patient = { resourceType: 'Patient', id: 'p' };
    const organization = { resourceType: 'Organization', id: 'o' };
    const bundle = searchsetBundle({
      baseUrl,
      path: 'Patient',
      parameters: [['_id', 'p']],
      total: 1,
      matches: [patient],
      included: [organization],
      issues: [{ code: 'HDE_SEARCH_PARAMETER', severity: 'warning', location: 'name' }],
    });
    expect(bundle).toMatchObject({
      resourceType: 'Bundle',
      type: 'searchset',
      total: 1,
      link: [{ relation: 'self', url: `${baseUrl}/Patient?_id=p` }],
      entry: [
        { fullUrl: `${baseUrl}/Patient/p`, resource: patient, search: { mode: 'match' } },
        { fullUrl: `${baseUrl}/Organization/o`, resource: organization, search: { mode: 'include' } },
        { resource: { resourceType: 'OperationOutcome' }, search: { mode: 'outcome' } },
      ],
    });
    expect(bundle.entry).toHaveLength(3);
  });

  test('has no entry, total or next link when there is none', () => {
    const bundle = searchsetBundle({ baseUrl, path: 'Patient/p/$everything', parameters: [], matches: [] });
    expect(bundle).toEqual({
      resourceType: 'Bundle',
      type: 'searchset',
      link: [{ relation: 'self', url: `${baseUrl}/Patient/p/$everything` }],
    });
  });

  test('keeps a total of zero', () => {
    expect(searchsetBundle({ baseUrl, path: 'Patient', parameters: [], matches: [], total: 0 }).total).toBe(
      0,
    );
  });

  test('writes links that read back to the same parameters', () => {
    const parameters = [
      ['identifier', 'https://a.example/x?y=1&z|a b\\,+é%'],
      ['identifier', 'second'],
    ] as const;
    const bundle = searchsetBundle({
      baseUrl,
      path: 'Patient',
      parameters,
      nextParameters: [...parameters, ['_page', 't']],
      matches: [],
    });
    const [self, next] = bundle.link ?? [];
    expect([...new URL(self!.url).searchParams]).toEqual(parameters);
    expect(next?.relation).toBe('next');
    expect([...new URL(next!.url).searchParams]).toEqual([...parameters, ['_page', 't']]);
  });
});
