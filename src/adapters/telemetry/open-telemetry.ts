/**
 * Spans and metrics by the SDK of OpenTelemetry. Metrics are summed up in the process, and both are sent in the background;
 * what cannot be sent is dropped, since nothing may wait for it.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import {
  ROOT_CONTEXT,
  SpanKind as OtelKind,
  SpanStatusCode,
  trace,
  type Context,
  type Meter,
  type Span as OtelSpan,
  type Tracer,
} from '@opentelemetry/api';
import { parseTraceParent } from '@opentelemetry/core';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';
import type {
  Attributes,
  MetricDefinition,
  Span,
  SpanKind,
  SpanOptions,
  TelemetrySink,
} from '../../ports/telemetry.js';
import { openExporters, type ExportTargets } from './exporters.js';

export interface OpenTelemetrySettings extends ExportTargets {
  readonly serviceName: string;
  readonly serviceVersion: string;
  /** Of this process among others of the service. */
  readonly instanceId: string;
  readonly meter: string;
  readonly metrics: Readonly<Record<string, MetricDefinition>>;
  /** Share of traces that is kept, 0 to 1: by the trace id, so that every process keeps the same ones. */
  readonly traceRatio: number;
  /** Between two exports of metrics, in milliseconds. */
  readonly metricIntervalMs: number;
}

const kinds: Readonly<Record<SpanKind, OtelKind>> = {
  server: OtelKind.SERVER,
  client: OtelKind.CLIENT,
  producer: OtelKind.PRODUCER,
  consumer: OtelKind.CONSUMER,
  internal: OtelKind.INTERNAL,
};

/** Opens a sink that sends to these targets. */
export function openTelemetry(settings: OpenTelemetrySettings): TelemetrySink {
  const resource = resourceFromAttributes({
    'service.name': settings.serviceName,
    'service.version': settings.serviceVersion,
    'service.instance.id': settings.instanceId,
  });
  const exporters = openExporters(settings);
  const tracers = new BasicTracerProvider({
    resource,
    sampler: new TraceIdRatioBasedSampler(settings.traceRatio),
    spanProcessors: exporters.spans.map((exporter) => new BatchSpanProcessor(exporter)),
  });
  const exportIntervalMillis = settings.metricIntervalMs;
  const meters = new MeterProvider({
    resource,
    readers: exporters.metrics.map((exporter) => {
      const exportTimeoutMillis = Math.min(exportIntervalMillis, 30_000);
      return new PeriodicExportingMetricReader({ exporter, exportIntervalMillis, exportTimeoutMillis });
    }),
  });
  return {
    ...spansOf(tracers.getTracer(settings.meter)),
    ...metricsOf(meters.getMeter(settings.meter), settings),
    flush: async () => {
      await Promise.allSettled([tracers.forceFlush(), meters.forceFlush()]);
    },
  };
}

class OpenSpan implements Span {
  constructor(readonly span: OtelSpan) {}

  get traceparent(): string {
    const { traceId, spanId, traceFlags } = this.span.spanContext();
    return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
  }

  set(attributes: Attributes): void {
    this.span.setAttributes(attributes);
  }

  end(failed = false): void {
    if (failed) this.span.setStatus({ code: SpanStatusCode.ERROR });
    this.span.end();
  }
}

function spansOf(tracer: Tracer): Pick<TelemetrySink, 'begin' | 'within'> {
  const current = new AsyncLocalStorage<Context>();
  const contextOf = (parent: string | undefined): Context => {
    const remote = parent === undefined ? null : parseTraceParent(parent);
    if (remote !== null) return trace.setSpanContext(ROOT_CONTEXT, { ...remote, isRemote: true });
    return current.getStore() ?? ROOT_CONTEXT;
  };
  return {
    begin: (name, { kind = 'internal', parent, attributes = {} }: SpanOptions) =>
      new OpenSpan(tracer.startSpan(name, { kind: kinds[kind], attributes }, contextOf(parent))),
    within: (span, work) =>
      span instanceof OpenSpan ? current.run(trace.setSpan(ROOT_CONTEXT, span.span), work) : work(),
  };
}

type Note = (value: number, attributes: Attributes) => void;

function metricsOf(
  meter: Meter,
  { metrics, metricIntervalMs }: OpenTelemetrySettings,
): Pick<TelemetrySink, 'record' | 'observe'> {
  const instruments = new Map<string, Note>();
  const noteOf = (name: string): Note => {
    const known = instruments.get(name);
    if (known !== undefined) return known;
    const definition = definitionOf(metrics, name);
    const made = createInstrument(meter, name, definition, 2 * metricIntervalMs);
    instruments.set(name, made);
    return made;
  };
  return {
    record: (name, value, attributes) => {
      noteOf(name)(value, attributes);
    },
    observe: (name, read) => {
      const { unit, description } = definitionOf(metrics, name);
      meter.createObservableCounter(name, { unit, description }).addCallback((result) => {
        for (const [value, attributes] of read()) result.observe(value, attributes);
      });
    },
  };
}

function definitionOf(metrics: OpenTelemetrySettings['metrics'], name: string): MetricDefinition {
  const definition = metrics[name];
  if (definition === undefined) throw new RangeError(`no metric is called ${name}`);
  return definition;
}

/** @param staleAfterMs a gauge that nobody has set for as long is silent: its last value says nothing of now */
function createInstrument(
  meter: Meter,
  name: string,
  { kind, unit, description, boundaries }: MetricDefinition,
  staleAfterMs: number,
): Note {
  const options = { unit, description };
  if (kind === 'counter') {
    const counter = meter.createCounter(name, options);
    return (value, attributes) => {
      counter.add(value, attributes);
    };
  }
  if (kind === 'histogram') {
    const advice = boundaries === undefined ? {} : { explicitBucketBoundaries: [...boundaries] };
    const histogram = meter.createHistogram(name, { ...options, advice });
    return (value, attributes) => {
      histogram.record(value, attributes);
    };
  }
  let latest: { readonly value: number; readonly attributes: Attributes; readonly at: number } | undefined;
  meter.createObservableGauge(name, options).addCallback((result) => {
    if (latest !== undefined && performance.now() - latest.at <= staleAfterMs)
      result.observe(latest.value, latest.attributes);
  });
  return (value, attributes) => {
    latest = { value, attributes, at: performance.now() };
  };
}
