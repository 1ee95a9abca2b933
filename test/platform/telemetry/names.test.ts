/** The tables of what may be told, and that nothing else is. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fhirRoutes } from '../../../src/core/fhir/interactions.js';
import { actionsOfInteraction } from '../../../src/core/governance/access-vocabulary.js';
import table from '../../../infra/topology/metrics.json' with { type: 'json' };
import {
  createAllowance,
  type AttributeKey,
  type MetricName,
  type SpanName,
} from '../../../src/platform/telemetry/names.js';
import { knownValues } from '../../../src/platform/telemetry/open.js';

const metrics = Object.keys(table.metrics) as MetricName[];
const spans = Object.keys(table.spans) as SpanName[];
const keys = Object.keys(table.attributes) as AttributeKey[];
const known = knownValues(['rzz-tie']);

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));

describe('the table of metrics', () => {
  test('has attributes of the table of attributes only', () => {
    const rows = [...Object.values(table.metrics), ...Object.values(table.spans)];
    const used = new Set(rows.flatMap(({ attributes }): string[] => attributes));
    expect([...used].sort()).toEqual([...keys].sort());
  });

  test('takes every interaction that is decided and audited', () => {
    const taken = new RegExp(table.attributes.interaction.pattern);
    const interactions = [
      ...Object.keys(actionsOfInteraction),
      ...fhirRoutes.map(({ interaction }) => interaction),
    ];
    // What is open to all is not audited, and what a search includes is a part of it.
    expect([...new Set(interactions.filter((interaction) => !taken.test(interaction)))]).toEqual([
      'include',
      'capabilities',
    ]);
  });

  test('names an area and a measurement, says what it is in one sentence, and has units of UCUM', () => {
    for (const [name, { unit, description }] of Object.entries(table.metrics)) {
      expect(name).toMatch(/^[A-Z][A-Za-z]+\.[A-Z][A-Za-z]+$/);
      expect(unit).toMatch(/^(ms|s|By|\{[a-z_]+\})$/);
      expect(description).toMatch(/^[A-Z][^.]+$/);
    }
  });

  test('gives histograms, and nothing else, ascending boundaries', () => {
    for (const metric of Object.values<{ kind: string; boundaries?: number[] }>(table.metrics)) {
      const { kind, boundaries } = metric;
      expect(['counter', 'histogram', 'gauge']).toContain(kind);
      expect(boundaries).toEqual(
        kind === 'histogram' ? [...(boundaries ?? [])].sort((a, b) => a - b) : undefined,
      );
    }
  });

  test('has no attribute that tells messages apart', () => {
    const ofMetrics = Object.values(table.metrics).flatMap(({ attributes }) => attributes as string[]);
    expect(ofMetrics).not.toContain('messageId');
  });

  const sources = filesBelow('src').join('\n');
  const tests = filesBelow('test').join('\n');

  test.each([...metrics, ...spans])('has %s, which the code tells of and a test sees', (name) => {
    expect(sources.includes(`'${name}'`)).toBe(true);
    expect(tests.includes(`'${name}'`)).toBe(true);
  });
});

describe('an attribute', () => {
  const rejected: number[] = [];
  const allowance = createAllowance(known, () => rejected.push(1));
  const markers = [
    '9990000018',
    'MARKERFAMILY',
    'Ada Okoro',
    'p1',
    'Patient/p1',
    '/fhir/Patient?identifier=x',
    '1980-01-02',
    'SW1A 1AA',
    'marker@example.nhs.uk',
    'rzz-tie\nrzz-tie',
  ];

  test.each(markers)('never says %s', (marker) => {
    const everywhere = Object.fromEntries(keys.map((key) => [key, marker]));
    const told = [
      ...metrics.map((name) => allowance.ofMetric(name, everywhere)),
      ...spans.map((name) => allowance.ofSpan(name, everywhere)),
    ];
    const values = told.flatMap((attributes) => Object.values(attributes));
    expect(values.filter((value) => value !== 'other')).toEqual([]);
  });

  test('is left out, and counted, where the row of the metric does not name it', () => {
    rejected.length = 0;
    expect(allowance.ofMetric('Message.Size', { feed: 'rzz-tie', outcome: 'done' })).toEqual({
      feed: 'rzz-tie',
    });
    expect(rejected).toHaveLength(1);
  });

  test('that is undefined is left out and no fault', () => {
    rejected.length = 0;
    expect(allowance.ofSpan('normalise', { feed: 'rzz-tie', errorCode: undefined })).toEqual({
      feed: 'rzz-tie',
    });
    expect(rejected).toEqual([]);
  });

  test('of a type of message that HL7 v2 does not have is told as other', () => {
    const { messageType } = allowance.ofMetric('Message.Size', { messageType: 'ZZZ^Z01' });
    expect(messageType).toBe('other');
  });

  test('is one of few values, whatever comes', () => {
    const anything = fc.dictionary(fc.constantFrom(...keys), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(fc.constantFrom(...metrics), anything, (name, attributes) => {
        const texts = Object.entries(allowance.ofMetric(name, attributes)).map(([, value]) => String(value));
        for (const text of texts) expect(text).toMatch(/^[\w ^/{}*$-]{1,40}$/);
      }),
    );
  });
});
