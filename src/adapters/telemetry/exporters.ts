/** Where spans and metrics are sent to. An exporter is loaded when it has something to send: cold starts do not wait for it. */
import { ExportResultCode, type ExportResult } from '@opentelemetry/core';
import { AggregationTemporality, type PushMetricExporter } from '@opentelemetry/sdk-metrics';
import type { SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { ApplicationInsights } from './azure-exporters.js';

export interface ExportTargets {
  /** Base address of a collector that speaks OTLP over HTTP. */
  readonly otlpEndpoint?: string | undefined;
  /** Application Insights. */
  readonly applicationInsights?: ApplicationInsights | undefined;
}

export interface Exporters {
  readonly spans: readonly SpanExporter[];
  readonly metrics: readonly PushMetricExporter[];
}

export function openExporters({ otlpEndpoint, applicationInsights }: ExportTargets): Exporters {
  const spans: SpanExporter[] = [];
  const metrics: PushMetricExporter[] = [];
  if (otlpEndpoint !== undefined) {
    const base = otlpEndpoint.replace(/\/+$/, '');
    const load = () => import('./otlp-exporters.js');
    spans.push(lateSpanExporter(async () => (await load()).otlpSpans(base)));
    // As collectors expect it: sums since the process began.
    const ofProcess = AggregationTemporality.CUMULATIVE;
    metrics.push(lateMetricExporter(async () => (await load()).otlpMetrics(base), ofProcess));
  }
  if (applicationInsights !== undefined) {
    const load = () => import('./azure-exporters.js');
    spans.push(lateSpanExporter(async () => (await load()).azureSpans(applicationInsights)));
    const sinceLast = AggregationTemporality.DELTA;
    metrics.push(lateMetricExporter(async () => (await load()).azureMetrics(applicationInsights), sinceLast));
  }
  return { spans, metrics };
}

/** Remembers what is being loaded; a failure is not remembered. */
function late<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined;
  return () =>
    (loaded ??= load().catch((error: unknown) => {
      loaded = undefined;
      throw error;
    }));
}

type Done = (result: ExportResult) => void;

const tellFailure =
  (done: Done) =>
  (error: unknown): void => {
    done({ code: ExportResultCode.FAILED, ...(error instanceof Error ? { error } : {}) });
  };

function lateSpanExporter(load: () => Promise<SpanExporter>): SpanExporter {
  const exporter = late(load);
  return {
    export: (spans, done) => {
      exporter().then((loaded) => {
        loaded.export(spans, done);
      }, tellFailure(done));
    },
    shutdown: async () => (await exporter()).shutdown(),
    forceFlush: async () => (await exporter()).forceFlush?.(),
  };
}

function lateMetricExporter(
  load: () => Promise<PushMetricExporter>,
  temporality: AggregationTemporality,
): PushMetricExporter {
  const exporter = late(load);
  return {
    export: (metrics, done) => {
      exporter().then((loaded) => {
        loaded.export(metrics, done);
      }, tellFailure(done));
    },
    selectAggregationTemporality: () => temporality,
    shutdown: async () => (await exporter()).shutdown(),
    forceFlush: async () => (await exporter()).forceFlush(),
  };
}
