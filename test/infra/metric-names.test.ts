import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import topology from '../../infra/topology/metrics.json' with { type: 'json' };

const read = (path: string): string => readFileSync(join(import.meta.dirname, '../../infra', path), 'utf8');

interface LogAlert {
  readonly metric?: string;
  readonly events?: readonly string[];
  readonly table?: string;
}

const { alerts } = JSON.parse(read('alerts/log-alerts.json')) as { alerts: readonly LogAlert[] };

test('each alert and chart over a metric names one that the exchange emits', () => {
  const charts = [...read('workbooks/exchange.json').matchAll(/Name == \\"([^"\\]+)\\"/g)].map(
    ([, name]) => name,
  );
  const watched = alerts.flatMap(({ metric }) => (metric === undefined ? [] : [metric]));

  expect(Object.keys(topology.metrics)).toEqual(expect.arrayContaining([...charts, ...watched]));
  expect(charts.length).toBeGreaterThan(0);
  expect(watched.length).toBeGreaterThan(0);
});

test('each alert over logs is about events, a metric or a table, and one of them only', () => {
  const sources = alerts.map(({ metric, events, table }) => [metric, events, table].filter(Boolean).length);

  expect(new Set(sources)).toEqual(new Set([1]));
});
