/** What a collector wrote down, and a sink that keeps what it is told. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MetricLine, SpanLine } from '../../local/telemetry/collector.js';
import type { Attributes, TelemetrySink } from '../../src/ports/telemetry.js';

async function linesOf<T>(file: string): Promise<T[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}

export const readSpans = (folder: string): Promise<SpanLine[]> => linesOf(join(folder, 'spans.jsonl'));

export const readMetrics = (folder: string): Promise<MetricLine[]> => linesOf(join(folder, 'metrics.jsonl'));

export interface Told {
  readonly spans: { name: string; parent: string | undefined; attributes: Attributes; failed: boolean }[];
  readonly metrics: { name: string; value: number; attributes: Attributes }[];
}

/** A sink that keeps all it is told; the spans of a trace have the numbers in which they began. */
export function recordingSink(): { readonly sink: TelemetrySink; readonly told: Told } {
  const told: Told = { spans: [], metrics: [] };
  const sink: TelemetrySink = {
    begin: (name, { parent, attributes = {} }) => {
      const span = { name, parent, attributes, failed: false };
      told.spans.push(span);
      const number = told.spans.length.toString(16).padStart(16, '0');
      return {
        traceparent: `00-${parent?.split('-')[1] ?? 'f'.repeat(32)}-${number}-01`,
        set: (more) => {
          span.attributes = { ...span.attributes, ...more };
        },
        end: (failed = false) => {
          span.failed = failed;
        },
      };
    },
    within: (_span, work) => work(),
    record: (name, value, attributes) => {
      told.metrics.push({ name, value, attributes });
    },
    observe: (name, read) => {
      for (const [value, attributes] of read()) told.metrics.push({ name, value, attributes });
    },
    flush: () => Promise.resolve(),
  };
  return { sink, told };
}
