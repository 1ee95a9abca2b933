import { describe, expect, test } from '@jest/globals';
import type { ParameterPair } from '../../../../src/core/fhir/bundle.js';
import { exportedTypes, readExport, type ExportLevel } from '../../../../src/core/fhir/export/read-export.js';

const read = (
  parameters: readonly ParameterPair[],
  {
    level = 'system',
    prefer = 'respond-async',
    accept = '',
  }: { level?: ExportLevel; prefer?: string; accept?: string } = {},
) => readExport({ level, parameters, prefer, accept });

const lenient = { prefer: 'respond-async, handling=lenient' };
const since = '2026-03-29T08:30:00+01:00';

describe('an export', () => {
  test('of everything names no type', () => {
    expect(read([])).toEqual({ ok: true, value: { types: undefined, since: undefined, ignored: [] } });
  });

  test('names its types once, in the order of the API, however they are given', () => {
    const parameters: ParameterPair[] = [
      ['_type', 'Observation,Patient'],
      ['_type', 'Patient'],
    ];
    expect(read(parameters)).toMatchObject({ ok: true, value: { types: ['Patient', 'Observation'] } });
  });

  test.each(['application/fhir+ndjson', 'application/fhir ndjson', 'application/ndjson', 'ndjson'])(
    'is written as %s',
    (format) => {
      expect(read([['_outputFormat', format]])).toMatchObject({ ok: true });
    },
  );

  test.each([since, since.replace('+', ' ')])('begins at an instant: %s', (text) => {
    expect(read([['_since', text]])).toMatchObject({
      ok: true,
      value: { since: '2026-03-29T07:30:00.000Z' },
    });
  });

  test('of patients has nothing of the directory', () => {
    expect(exportedTypes('patient')).toContain('Observation');
    expect(exportedTypes('patient')).not.toContain('Organization');
    expect(exportedTypes('system')).toContain('Organization');
  });
});

describe('is refused', () => {
  test.each<[string, readonly ParameterPair[], object, string, string]>([
    ['what wants to be answered at once', [], { prefer: '' }, 'HDE_REQUEST_INVALID', 'Prefer'],
    ['another preference', [], { prefer: 'respond-asynchronously' }, 'HDE_REQUEST_INVALID', 'Prefer'],
    ['an answer that is no JSON', [], { accept: 'application/fhir+xml' }, 'HDE_NOT_ACCEPTABLE', 'Accept'],
    ['another format', [['_outputFormat', 'text/csv']], {}, 'HDE_NOT_ACCEPTABLE', '_outputFormat'],
    ['a day', [['_since', '2026-03-29']], {}, 'HDE_SEARCH_PARAMETER', '_since'],
    ['no time', [['_since', '2026-13-29T08:30:00Z']], {}, 'HDE_SEARCH_PARAMETER', '_since'],
    [
      'two times',
      [...Array(2).fill(['_since', since])] as ParameterPair[],
      {},
      'HDE_SEARCH_PARAMETER',
      '_since',
    ],
    ['a type that is not served', [['_type', 'Patient,Basic']], {}, 'HDE_SEARCH_PARAMETER', '_type'],
    [
      'the directory of patients',
      [['_type', 'Location']],
      { level: 'patient' },
      'HDE_SEARCH_PARAMETER',
      '_type',
    ],
    ['an empty type', [['_type', '']], {}, 'HDE_SEARCH_PARAMETER', '_type'],
    ['an unknown parameter', [['_typeFilter', 'x']], {}, 'HDE_SEARCH_PARAMETER', '_typeFilter'],
    [
      'only types that are not served, of a lenient client',
      [['_type', 'Basic']],
      lenient,
      'HDE_SEARCH_PARAMETER',
      '_type',
    ],
  ])('%s', (_, parameters, options, code, location) => {
    expect(read(parameters, options)).toMatchObject({ ok: false, error: { code, location } });
  });

  test('without telling what was written', () => {
    const secret = read([
      ['9990000018', 'x'],
      ['_type', 'Okoro 9990000018'],
    ]);
    expect(JSON.stringify(secret)).not.toMatch(/9990000018|Okoro/);
  });
});

test('of a lenient client what is not known is passed over, and named', () => {
  const asked = read(
    [
      ['_type', 'Patient,Basic'],
      ['_elements', 'id'],
      ['9990000018', 'x'],
    ],
    lenient,
  );
  expect(asked).toMatchObject({ ok: true, value: { types: ['Patient'] } });
  const { ignored } = (asked as Extract<typeof asked, { ok: true }>).value;
  expect(ignored.map(({ severity, location }) => `${severity} ${location ?? ''}`)).toEqual([
    ...['warning _type', 'warning _elements', 'warning parameters'],
  ]);
});
