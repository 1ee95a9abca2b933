/** The exporters of OTLP over HTTP. Apart, so that they load when they are needed. */
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import type { PushMetricExporter } from '@opentelemetry/sdk-metrics';
import type { SpanExporter } from '@opentelemetry/sdk-trace-base';

/** @param base address of the collector, without a slash at its end */
export const otlpSpans = (base: string): SpanExporter => new OTLPTraceExporter({ url: `${base}/v1/traces` });

/** @param base address of the collector, without a slash at its end */
export const otlpMetrics = (base: string): PushMetricExporter =>
  new OTLPMetricExporter({ url: `${base}/v1/metrics` });
