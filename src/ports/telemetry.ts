/** What the exchange tells of its own work to whoever runs it: how long, how much and what became of it, never about whom. */

/** A span or metric has what its row of infra/topology/metrics.json lists; undefined is left out. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** Which side of a request a piece of work is; `internal` is none. */
export type SpanKind = 'server' | 'client' | 'producer' | 'consumer' | 'internal';

export interface SpanOptions {
  readonly kind?: SpanKind;
  /** W3C traceparent of what caused the work; default: the span that it happens in. */
  readonly parent?: string | undefined;
  readonly attributes?: Attributes;
}

/** A piece of work that has begun. */
export interface Span {
  /** For whoever goes on with the work elsewhere (W3C Trace Context, section 3.2); undefined where nobody listens. */
  readonly traceparent: string | undefined;
  set(attributes: Attributes): void;
  /** @param failed whether the work failed: what with stands in `errorCode` */
  end(failed?: boolean): void;
}

/** Where spans and metrics go. */
export interface TelemetrySink {
  /** Begins a span; whoever begins it ends it. */
  begin(name: string, options: SpanOptions): Span;
  /** Does work whose spans are children of this one. */
  within<T>(span: Span, work: () => T): T;
  /** Adds to a counter, or notes the value of a histogram or gauge. */
  record(metric: string, value: number, attributes: Attributes): void;
  /** A counter whose sums are asked for when they are sent. */
  observe(metric: string, read: () => Iterable<readonly [value: number, attributes: Attributes]>): void;
  /** Sends what is held. */
  flush(): Promise<void>;
}

/** One row of the table of metrics. */
export interface MetricDefinition {
  readonly kind: string;
  /** Of UCUM; what is counted in braces. */
  readonly unit: string;
  readonly description: string;
  readonly attributes: readonly string[];
  /** Upper bounds of the buckets of a histogram. */
  readonly boundaries?: readonly number[];
}
