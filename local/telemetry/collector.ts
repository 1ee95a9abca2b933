/**
 * A collector of OpenTelemetry for one machine: takes what the exchange sends (OTLP over HTTP as JSON, version 1) and writes
 * a line for each span and each point of a metric. It keeps nothing in memory.
 */
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { join } from 'node:path';

/** One line of `spans.jsonl`. */
export interface SpanLine {
  readonly traceId: string;
  readonly spanId: string;
  /** Absent at the beginning of a trace. */
  readonly parentSpanId?: string;
  readonly name: string;
  /** Of OTLP: 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number;
  readonly startMs: number;
  readonly durationMs: number;
  readonly isError: boolean;
  readonly attributes: Readonly<Record<string, string | number>>;
}

/** One line of `metrics.jsonl`. */
export interface MetricLine {
  readonly name: string;
  readonly unit: string;
  readonly attributes: Readonly<Record<string, string | number>>;
  /** Of a counter or gauge the value, of a histogram the sum: since the process began. */
  readonly value: number;
  /** How many values a histogram has; absent otherwise. */
  readonly count?: number;
  /** Of the process that sent it. */
  readonly instance: string;
}

export interface Collector {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly url: string;
  close(): Promise<void>;
}

/** @param port 0 for any that is free @param folder where `spans.jsonl` and `metrics.jsonl` are written */
export async function startCollector(port: number, folder: string): Promise<Collector> {
  await mkdir(folder, { recursive: true });
  const fileOf = (name: string) => createWriteStream(join(folder, name), { flags: 'a' });
  const [spans, metrics] = [fileOf('spans.jsonl'), fileOf('metrics.jsonl')];
  const server = createServer((request, response) => {
    const answer = (status: number) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
    };
    bodyOf(request).then(
      (body) => {
        if (request.url === '/v1/traces') spans.write(toText(spanLines(body as OtlpTraces)));
        else if (request.url === '/v1/metrics') metrics.write(toText(metricLines(body as OtlpMetrics)));
        answer(200);
      },
      () => {
        answer(400);
      },
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? port) : port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await Promise.all([spans, metrics].map((file) => new Promise((resolve) => file.end(resolve))));
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

const toText = (lines: readonly unknown[]): string =>
  lines.map((line) => `${JSON.stringify(line)}\n`).join('');

interface OtlpAttribute {
  readonly key: string;
  readonly value: {
    readonly stringValue?: string;
    readonly intValue?: number | string;
    readonly doubleValue?: number;
  };
}

interface OtlpResource {
  readonly resource?: { readonly attributes?: readonly OtlpAttribute[] };
}

interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes?: readonly OtlpAttribute[];
  readonly status?: { readonly code?: number };
}

interface OtlpTraces {
  readonly resourceSpans?: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[];
  }[];
}

interface OtlpPoint {
  readonly attributes?: readonly OtlpAttribute[];
  readonly asInt?: number | string;
  readonly asDouble?: number;
  readonly sum?: number;
  readonly count?: number | string;
}

interface OtlpMetric {
  readonly name: string;
  readonly unit?: string;
  readonly sum?: { readonly dataPoints: readonly OtlpPoint[] };
  readonly gauge?: { readonly dataPoints: readonly OtlpPoint[] };
  readonly histogram?: { readonly dataPoints: readonly OtlpPoint[] };
}

interface OtlpMetrics {
  readonly resourceMetrics?: readonly (OtlpResource & {
    readonly scopeMetrics: readonly { readonly metrics: readonly OtlpMetric[] }[];
  })[];
}

const attributesOf = (attributes: readonly OtlpAttribute[] = []): Record<string, string | number> =>
  Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      value.stringValue ?? Number(value.intValue ?? value.doubleValue),
    ]),
  );

const millisecondsOf = (nanoseconds: string): number => Number(BigInt(nanoseconds) / 1000n) / 1000;

/** OTLP, status codes: 2 is an error. */
const errorStatus = 2;

function spanLines({ resourceSpans = [] }: OtlpTraces): SpanLine[] {
  const spans = resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
  return spans.map((span) => {
    const startMs = millisecondsOf(span.startTimeUnixNano);
    const { traceId, spanId, parentSpanId, name, kind } = span;
    return {
      ...{ traceId, spanId, name, kind, startMs },
      ...(parentSpanId === undefined ? {} : { parentSpanId }),
      durationMs: millisecondsOf(span.endTimeUnixNano) - startMs,
      isError: span.status?.code === errorStatus,
      attributes: attributesOf(span.attributes),
    };
  });
}

function metricLines({ resourceMetrics = [] }: OtlpMetrics): MetricLine[] {
  return resourceMetrics.flatMap(({ resource, scopeMetrics }) => {
    const instance = String(attributesOf(resource?.attributes)['service.instance.id']);
    return scopeMetrics
      .flatMap(({ metrics }) => metrics)
      .flatMap((metric) => pointsOf(metric).map((point) => lineOf(metric, point, instance)));
  });
}

const pointsOf = ({ sum, gauge, histogram }: OtlpMetric): readonly OtlpPoint[] =>
  (sum ?? gauge ?? histogram)?.dataPoints ?? [];

const lineOf = ({ name, unit = '' }: OtlpMetric, point: OtlpPoint, instance: string): MetricLine => ({
  ...{ name, unit, instance },
  attributes: attributesOf(point.attributes),
  value: Number(point.asInt ?? point.asDouble ?? point.sum ?? 0),
  ...(point.count === undefined ? {} : { count: Number(point.count) }),
});
