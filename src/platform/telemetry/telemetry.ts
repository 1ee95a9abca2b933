/** Spans and metrics as the rest of the platform writes them: by the names of the tables, at no cost where nobody listens. */
import { ExchangeError } from '../../core/errors.js';
import type { Span, SpanOptions, TelemetrySink } from '../../ports/telemetry.js';
import type { Allowance, MetricName, NamedAttributes, SpanName } from './names.js';

export interface NamedSpanOptions extends SpanOptions {
  readonly attributes?: NamedAttributes;
}

/** A piece of work that has begun. */
export interface NamedSpan extends Pick<Span, 'traceparent' | 'end'> {
  set(attributes: NamedAttributes): void;
  /** Does work whose spans are children of this one. */
  run<T>(work: () => T): T;
}

export interface Telemetry {
  /** Whether anybody listens: what is only done to be told of is left undone otherwise. */
  readonly isOn: boolean;
  /** Fulfilled once spans and metrics are taken. */
  ready(): Promise<void>;
  /** Begins a span; whoever begins it ends it. */
  begin(name: SpanName, options?: NamedSpanOptions): NamedSpan;
  /** Adds to a counter, or notes the value of a histogram or gauge. */
  record(metric: MetricName, value: number, attributes?: NamedAttributes): void;
  /** Sends what is held: before the process ends. */
  flush(): Promise<void>;
}

/** Sums that are kept elsewhere, and asked for when metrics are sent. */
export type ObservedSums = Readonly<
  Partial<Record<MetricName, () => Iterable<readonly [value: number, attributes: NamedAttributes]>>>
>;

const silentSpan = (traceparent: string | undefined): NamedSpan => ({
  traceparent,
  set: () => undefined,
  run: (work) => work(),
  end: () => undefined,
});

/** Tells nobody. Traces of others are passed on as they came. */
export const noTelemetry: Telemetry = {
  isOn: false,
  ready: () => Promise.resolve(),
  begin: (_name, options) => silentSpan(options?.parent),
  record: () => undefined,
  flush: () => Promise.resolve(),
};

/**
 * Telemetry whose sink opens in the background: what comes before `ready` is not told.
 *
 * @param open loads the SDK
 * @param createAllowed makes what leaves out attributes that the tables do not allow
 */
export function createTelemetry(
  open: () => Promise<TelemetrySink>,
  createAllowed: (onRejected: () => void) => Allowance,
  sums: ObservedSums = {},
): Telemetry {
  let sink: TelemetrySink | undefined;
  const allowed = createAllowed(() => sink?.record('Telemetry.Rejected', 1, {}));
  // Nothing of the exchange depends on being told of.
  const opened = open().then(
    (made) => {
      sink = made;
      observeSums(made, allowed, sums);
    },
    () => undefined,
  );
  return {
    isOn: true,
    ready: () => opened,
    begin: (name, options = {}) =>
      sink === undefined ? silentSpan(options.parent) : beginAllowed(sink, allowed, name, options),
    record: (metric, value, attributes = {}) => {
      sink?.record(metric, value, allowed.ofMetric(metric, attributes));
    },
    flush: async () => sink?.flush(),
  };
}

function beginAllowed(
  sink: TelemetrySink,
  allowed: Allowance,
  name: SpanName,
  options: NamedSpanOptions,
): NamedSpan {
  const span = sink.begin(name, { ...options, attributes: allowed.ofSpan(name, options.attributes ?? {}) });
  return {
    traceparent: span.traceparent,
    set: (attributes) => {
      span.set(allowed.ofSpan(name, attributes));
    },
    run: (work) => sink.within(span, work),
    end: (failed) => {
      span.end(failed);
    },
  };
}

function observeSums(sink: TelemetrySink, allowed: Allowance, sums: ObservedSums): void {
  for (const [name, read] of Object.entries(sums)) {
    const metric = name as MetricName;
    sink.observe(metric, () =>
      [...read()].map(([value, attributes]) => [value, allowed.ofMetric(metric, attributes)] as const),
    );
  }
}

/** Does work as a span; those that begin in it are its children. */
export async function inSpan<T>(
  telemetry: Telemetry,
  name: SpanName,
  options: NamedSpanOptions,
  work: (span: NamedSpan) => Promise<T>,
): Promise<T> {
  const span = telemetry.begin(name, options);
  let failed = true;
  try {
    const result = await span.run(() => work(span));
    failed = false;
    return result;
  } finally {
    span.end(failed);
  }
}

/** Code of the registry for whatever was thrown. */
export const codeOf = (error: unknown): string =>
  error instanceof ExchangeError ? error.code : 'HDE_INTERNAL';
