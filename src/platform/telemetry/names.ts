/**
 * The closed tables of what may be told (infra/topology/metrics.json): names of metrics and spans, and the attributes of
 * each. An attribute passes only as one of the values that its row allows, so that no id, address or patient gets out.
 */
import table from '../../../infra/topology/metrics.json' with { type: 'json' };
import type { Attributes, MetricDefinition } from '../../ports/telemetry.js';

export type MetricName = keyof typeof table.metrics;
export type SpanName = keyof typeof table.spans;
export type AttributeKey = keyof typeof table.attributes;
export type NamedAttributes = Readonly<Partial<Record<AttributeKey, string | number | undefined>>>;

export const meterName = table.meter;
export const metricDefinitions: Readonly<Record<MetricName, MetricDefinition>> = table.metrics;

/** Values that only the running process knows: rows that say `from`. */
export type KnownValues = Readonly<
  Record<'containers' | 'errors' | 'feeds' | 'reasons' | 'routes', ReadonlySet<string>>
>;

interface AttributeRow {
  readonly description: string;
  readonly values?: readonly string[];
  readonly pattern?: string;
  readonly from?: string;
  /** Stands for any other value; absent where none is expected. */
  readonly otherwise?: string;
}

/** The value that may be told; undefined when none may. */
type Rule = (value: string | number) => string | number | undefined;

/** Leaves out what the tables do not allow. */
export interface Allowance {
  ofMetric(name: MetricName, attributes: NamedAttributes): Attributes;
  ofSpan(name: SpanName, attributes: NamedAttributes): Attributes;
}

/** @param onRejected called for each attribute that is left out */
export function createAllowance(known: KnownValues, onRejected: () => void): Allowance {
  const rules = new Map(
    Object.entries<AttributeRow>(table.attributes).map(([key, row]) => [key, ruleOf(row, known)]),
  );
  const allow = (keys: readonly string[], attributes: NamedAttributes): Attributes => {
    const kept: Record<string, string | number> = {};
    for (const [key, value] of Object.entries(attributes)) {
      if (value === undefined) continue;
      const told = keys.includes(key) ? rules.get(key)?.(value) : undefined;
      if (told === undefined) onRejected();
      else kept[key] = told;
    }
    return kept;
  };
  return {
    ofMetric: (name, attributes) => allow(table.metrics[name].attributes, attributes),
    ofSpan: (name, attributes) => allow(table.spans[name].attributes, attributes),
  };
}

function ruleOf(row: AttributeRow, known: KnownValues): Rule {
  const isAllowed = testOf(row, known);
  return (value) => (isAllowed(String(value)) ? value : row.otherwise);
}

function testOf({ values, pattern, from }: AttributeRow, known: KnownValues): (value: string) => boolean {
  if (values !== undefined) return (value) => values.includes(value);
  if (pattern !== undefined) {
    const expression = new RegExp(pattern);
    return (value) => expression.test(value);
  }
  const set = Object.entries(known).find(([name]) => name === from)?.[1];
  if (set === undefined) throw new RangeError(`an attribute is from ${from ?? 'nowhere'}`);
  return (value) => set.has(value);
}
