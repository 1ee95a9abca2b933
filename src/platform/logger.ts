/**
 * Structured logs that cannot hold patient data: only listed fields pass, and only with the shapes that ids, codes
 * and counts have. Redaction at the logger does not depend on the care of its callers.
 */
export interface LogFields {
  readonly messageId?: string | undefined;
  /** Subject of the token of whoever did it: an application or a member of staff. */
  readonly actor?: string | undefined;
  /** ODS code of the organisation for which they did it. */
  readonly organisation?: string | undefined;
  /** Id of a broken glass. */
  readonly glass?: string | undefined;
  readonly feed?: string | undefined;
  /** A day of the account of a feed: `2026-03-29`. */
  readonly day?: string | undefined;
  readonly messageType?: string | undefined;
  readonly errorCode?: string | undefined;
  readonly location?: string | undefined;
  readonly status?: string | undefined;
  readonly httpStatus?: number | undefined;
  readonly method?: string | undefined;
  readonly route?: string | undefined;
  readonly count?: number | undefined;
  readonly durationMs?: number | undefined;
  /** How far a projection of the change feed was behind the records, in milliseconds. */
  readonly lagMs?: number | undefined;
  /** A service that the exchange depends on, and how it bears what is asked of it (adapters/throttling). */
  readonly dependency?: string | undefined;
  readonly limit?: number | undefined;
  readonly inFlight?: number | undefined;
  readonly waiting?: number | undefined;
  readonly setBacks?: number | undefined;
  readonly refused?: number | undefined;
  readonly traceparent?: string | undefined;
  /** Class and code of an unexpected error; its text may quote input and is left out. */
  readonly cause?: string | undefined;
}

export interface Logger {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

/** What the Functions runtime offers for logging (`InvocationContext`). */
export interface LogSink {
  info(text: string): void;
  warn(text: string): void;
  error(text: string): void;
}

const loggable = {
  messageId: /^[\w.-]{1,64}$/,
  actor: /^[\w.:@|/-]{1,128}$/,
  organisation: /^[A-Z0-9]{3,10}$/,
  glass: /^[0-9a-f-]{36}$/,
  feed: /^[a-z0-9-]{1,63}$/,
  day: /^\d{4}-\d{2}-\d{2}$/,
  messageType: /^[A-Z0-9]{3}(\^[A-Z0-9]{0,3}){0,2}$/,
  errorCode: /^HDE_[A-Z_0-9]+$/,
  location: /^[\w()[\].^ -]{1,100}$/,
  status: /^[a-z-]{1,30}$/,
  httpStatus: /^\d{3}$/,
  method: /^[A-Z]{3,7}$/,
  route: /^[\w/{}$*-]{1,80}$/,
  count: /^\d{1,12}$/,
  durationMs: /^\d+(\.\d+)?$/,
  lagMs: /^\d+$/,
  dependency: /^[A-Z][A-Za-z ]{1,30}$/,
  limit: /^\d+$/,
  inFlight: /^\d+$/,
  waiting: /^\d+$/,
  setBacks: /^\d+$/,
  refused: /^\d+$/,
  traceparent: /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/,
  cause: /^[\w .:-]{1,80}$/,
} satisfies Record<keyof LogFields, RegExp>;

const patterns: ReadonlyMap<string, RegExp> = new Map(Object.entries(loggable));

/**
 * Keeps what is listed and well-formed; a field of another shape is replaced, so that its absence is noticed.
 *
 * @param kept to what it is added
 */
export function redact(
  fields: LogFields,
  kept: Record<string, string | number> = {},
): Record<string, string | number> {
  for (const [name, value] of Object.entries(fields)) {
    const pattern = patterns.get(name);
    if (value === undefined || pattern === undefined) continue;
    kept[name] = pattern.test(String(value)) ? (value as string | number) : 'redacted';
  }
  return kept;
}

/** A logger that writes one line of JSON an event. */
export function createLogger(sink: LogSink, common: LogFields = {}): Logger {
  const line = (event: string, fields: LogFields) =>
    JSON.stringify(redact(fields, redact(common, { event })));
  return {
    info: (event, fields = {}) => {
      sink.info(line(event, fields));
    },
    warn: (event, fields = {}) => {
      sink.warn(line(event, fields));
    },
    error: (event, fields = {}) => {
      sink.error(line(event, fields));
    },
  };
}

/** Names an unexpected error without its text. */
export function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const code: unknown = (error as { code?: unknown }).code;
  return typeof code === 'string' || typeof code === 'number' ? `${error.name} ${code}` : error.name;
}
