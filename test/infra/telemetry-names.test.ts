/** Alerts and the workbook go by names: one that the code does not tell of would be silent for ever. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import logAlerts from '../../infra/alerts/log-alerts.json' with { type: 'json' };
import table from '../../infra/topology/metrics.json' with { type: 'json' };

interface MetricRow {
  readonly kind: string;
  readonly attributes: readonly string[];
}
const metrics: Readonly<Record<string, MetricRow>> = table.metrics;

/** Queries of the workbook over metrics. */
const queries = [
  ...readFileSync('infra/workbooks/exchange.json', 'utf8').matchAll(/"query": ("(?:[^"\\]|\\.)*")/g),
]
  .map(([, text = '""']) => JSON.parse(text) as string)
  .filter((query) => query.startsWith('AppMetrics'));

const namesOf = (query: string): string[] =>
  [...query.matchAll(/"([A-Z][A-Za-z]+\.[A-Z][A-Za-z]+)"/g)].map(([, name = '']) => name);

describe('the workbook', () => {
  test.each(queries)('asks for what the code tells of: %s', (query) => {
    const names = namesOf(query);
    expect(names).not.toEqual([]);
    const asked = [...query.matchAll(/Properties\.(\w+)/g)].map(([, key = '']) => key);
    for (const name of names) {
      expect(Object.keys(metrics)).toContain(name);
      expect(metrics[name]?.attributes).toEqual(expect.arrayContaining(asked));
    }
  });

  test('asks for metrics at all', () => {
    expect(queries.length).toBeGreaterThan(3);
  });
});

describe('alerts over metrics', () => {
  const rows = (logAlerts.alerts as readonly { name: string; metric?: string }[]).filter(
    ({ metric }) => metric !== undefined,
  );

  test.each(rows.map(({ name, metric = '' }) => [name, metric]))(
    '%s goes by %s, which is told',
    (_, metric) => {
      expect(Object.keys(metrics)).toContain(metric);
    },
  );

  test('are there', () => {
    expect(rows).not.toEqual([]);
  });
});

test('each alert over logs is about events, a metric or a table, and one of them only', () => {
  const sources = (logAlerts.alerts as readonly Readonly<Record<string, unknown>>[]).map(
    ({ metric, events, table: ofTable }) => [metric, events, ofTable].filter(Boolean).length,
  );
  expect(new Set(sources)).toEqual(new Set([1]));
});
