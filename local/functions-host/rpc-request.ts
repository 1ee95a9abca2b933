import { randomBytes, randomUUID } from 'node:crypto';
import type {
  InvocationRequest,
  Nullable,
  ParameterBinding,
  RetryContext,
  TraceContext,
  TypedData,
} from './core-types.js';
import { isPresent } from './core-types.js';
import { isObject } from './jsonc.js';

/**
 * Builds the requests that the real host would send to a language worker. Everything that looks odd here is what the real host
 * does (Azure/azure-functions-host and the Service Bus extension), so that an app meets the same oddities locally. Used by the
 * triggers and by the conformance checks against Microsoft's own worker.
 */

/** What a trigger hands over to run a function once. */
export type TriggerInput = {
  readonly inputs: readonly ParameterBinding[];
  readonly metadata: Readonly<Record<string, TypedData>>;
  readonly invocationId?: string;
  readonly trace?: TraceContext;
  readonly retry?: RetryContext;
};

/** The part of a received Service Bus message that the trigger reads. */
export type ReceivedMessage = {
  readonly body: unknown;
  readonly deliveryCount?: number | undefined;
  readonly deadLetterSource?: string | undefined;
  readonly lockToken?: string | undefined;
  readonly expiresAtUtc?: Date | undefined;
  readonly enqueuedTimeUtc?: Date | undefined;
  readonly messageId?: unknown;
  readonly contentType?: string | undefined;
  readonly replyTo?: string | undefined;
  readonly sequenceNumber?: { toNumber(): number } | undefined;
  readonly to?: string | undefined;
  readonly subject?: string | undefined;
  readonly correlationId?: unknown;
  readonly sessionId?: string | undefined;
  readonly replyToSessionId?: string | undefined;
  readonly partitionKey?: string | undefined;
  readonly applicationProperties?: Readonly<Record<string, unknown>> | undefined;
};

const traceParentPattern = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/;

/** The invocation request of a function: the trigger's input plus ids and trace. */
export function toInvocationRequest(
  functionId: string,
  functionName: string,
  input: TriggerInput,
): InvocationRequest {
  const invocationId = input.invocationId ?? randomUUID();
  return {
    invocationId,
    functionId,
    inputData: input.inputs,
    triggerMetadata: { ...input.metadata, sys: systemMetadata(functionName) },
    traceContext: input.trace ?? toTraceContext(undefined, undefined),
    ...(input.retry ? { retryContext: input.retry } : {}),
  };
}

/** Trace context from a `traceparent` (W3C Trace Context, level 1); a new trace when it is absent or malformed. */
export function toTraceContext(traceParent: unknown, traceState: unknown): TraceContext {
  const isValid = typeof traceParent === 'string' && traceParentPattern.test(traceParent);
  return {
    traceParent: isValid
      ? traceParent
      : `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-00`,
    traceState: isValid && typeof traceState === 'string' ? traceState : '',
    attributes: {},
  };
}

/** A buffered HTTP request. Repeated query parameters and headers arrive joined by commas. */
export function toHttpInput(
  binding: string,
  request: {
    readonly url: URL;
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly params: Readonly<Record<string, string>>;
    readonly body: Uint8Array;
  },
): TriggerInput {
  const http = {
    url: request.url.href,
    method: request.method,
    nullableHeaders: toNullable(request.headers),
    nullableQuery: toNullable(joinQuery(request.url)),
    nullableParams: toNullable(request.params),
    ...(request.body.length > 0 ? { body: { bytes: request.body } } : {}),
  };
  return { inputs: [{ name: binding, data: { http } }], metadata: httpMetadata(request) };
}

/** A streamed HTTP request: the body goes through the library's own server, headers and route parameters through metadata. */
export function toStreamedHttpInput(
  binding: string,
  request: {
    readonly url: URL;
    readonly headers: Readonly<Record<string, string>>;
    readonly params: Readonly<Record<string, string>>;
  },
): TriggerInput {
  return { inputs: [{ name: binding, data: { http: {} } }], metadata: httpMetadata(request) };
}

/**
 * One Service Bus message.
 *
 * @param isBinary - `dataType: 'binary'` of the trigger; otherwise the body is text, which the library parses as JSON if it can
 * @throws Error when the body is no AMQP data section: the real trigger refuses value and sequence bodies too
 */
export function toServiceBusInput(
  binding: string,
  message: ReceivedMessage,
  isBinary: boolean,
): TriggerInput {
  const bytes = toBytes(message.body);
  const data: TypedData = isBinary ? { bytes } : { string: bytes.toString('utf8') };
  const metadata = new Map(Object.entries(messageProperties(message)));
  if (!isBinary) mergeBodyProperties(metadata, bytes.toString('utf8'));
  const typed = [...metadata].flatMap(([name, value]) =>
    isPresent(value) ? [[name, toTypedData(value)] as const] : [],
  );
  const diagnosticId = message.applicationProperties?.['Diagnostic-Id'];
  return {
    inputs: [{ name: binding, data }],
    metadata: Object.fromEntries(typed),
    ...(typeof diagnosticId === 'string' ? { trace: toTraceContext(diagnosticId, undefined) } : {}),
  };
}

/** A batch of Service Bus messages (`cardinality: 'many'`): every property becomes an array whose name ends in `Array`. */
export function toServiceBusBatchInput(
  binding: string,
  messages: readonly ReceivedMessage[],
  isBinary: boolean,
): TriggerInput {
  const bodies = messages.map((message) => toBytes(message.body));
  const data: TypedData = isBinary
    ? { collectionBytes: { bytes: bodies } }
    : toStringCollection(bodies.map((body) => body.toString('utf8')));
  const rows = messages.map(messageProperties);
  const names = Object.keys(rows[0] ?? {});
  const metadata = names.map((name) => {
    const column = rows.map((row) => row[name] ?? null);
    return [`${name}Array`, toTypedColumn(name, column)] as const;
  });
  return { inputs: [{ name: binding, data }], metadata: Object.fromEntries(metadata) };
}

/** A timer tick. Dates are ISO texts; `last` is undefined before the first tick. */
export function toTimerInput(
  binding: string,
  schedule: { readonly last: Date | undefined; readonly next: Date; readonly isPastDue: boolean },
): TriggerInput {
  const last = schedule.last?.toISOString() ?? '0001-01-01T00:00:00';
  const payload = {
    Schedule: { AdjustForDST: true },
    ScheduleStatus: { Last: last, LastUpdated: last, Next: schedule.next.toISOString() },
    IsPastDue: schedule.isPastDue,
  };
  return { inputs: [{ name: binding, data: { json: JSON.stringify(payload) } }], metadata: {} };
}

/** Changed documents of one Cosmos DB partition-key range. */
export function toCosmosInput(binding: string, documents: readonly unknown[]): TriggerInput {
  return { inputs: [{ name: binding, data: { json: JSON.stringify(documents) } }], metadata: {} };
}

/** Values that go out as they are: text, JSON. */
function toTypedData(value: unknown): TypedData {
  return typeof value === 'string' ? { string: value } : { json: JSON.stringify(value) };
}

function toTypedColumn(name: string, column: readonly unknown[]): TypedData {
  if (name === 'SequenceNumber') return { collectionSint64: { sint64: column.map(Number) } };
  const isText =
    column.every((value) => value === null || typeof value === 'string') && !name.endsWith('Properties');
  if (!isText) return { json: JSON.stringify(column) };
  return toStringCollection(column.map((value) => (typeof value === 'string' ? value : '')));
}

/** The real host drops empty and null strings of a collection, so that its positions no longer match the messages. */
function toStringCollection(values: readonly string[]): TypedData {
  return { collectionString: { string: values.filter((value) => value !== '') } };
}

function systemMetadata(functionName: string): TypedData {
  const system = { MethodName: functionName, UtcNow: new Date().toISOString(), RandGuid: randomUUID() };
  return { json: JSON.stringify(system) };
}

function httpMetadata(request: {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly params: Readonly<Record<string, string>>;
}): Record<string, TypedData> {
  const params = Object.entries(request.params).map(([name, value]) => [name, { string: value }] as const);
  return {
    ...Object.fromEntries(params),
    Headers: { json: JSON.stringify(request.headers) },
    Query: { json: JSON.stringify(joinQuery(request.url)) },
  };
}

function joinQuery(url: URL): Record<string, string> {
  const names = [...new Set(url.searchParams.keys())];
  return Object.fromEntries(names.map((name) => [name, url.searchParams.getAll(name).join(',')]));
}

function toNullable(values: Readonly<Record<string, string>>): Record<string, Nullable<string>> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }]));
}

function toBytes(body: unknown): Buffer {
  if (Buffer.isBuffer(body)) return body;
  if (body instanceof Uint8Array) return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  throw new Error('The Service Bus trigger accepts messages with an AMQP data body only');
}

/** The properties of a message by the names that the extension gives them; undefined ones are absent from the metadata. */
function messageProperties(message: ReceivedMessage): Record<string, unknown> {
  const properties = message.applicationProperties ?? {};
  return {
    // AMQP counts failed deliveries, .NET and so the trigger counts deliveries.
    DeliveryCount: (message.deliveryCount ?? 0) + 1,
    DeadLetterSource: message.deadLetterSource,
    LockToken: message.lockToken,
    ExpiresAtUtc: toDotNetTime(message.expiresAtUtc),
    ExpiresAt: toDotNetTime(message.expiresAtUtc, '+00:00'),
    EnqueuedTimeUtc: toDotNetTime(message.enqueuedTimeUtc),
    EnqueuedTime: toDotNetTime(message.enqueuedTimeUtc, '+00:00'),
    MessageId: toText(message.messageId),
    ContentType: message.contentType,
    ReplyTo: message.replyTo,
    SequenceNumber: message.sequenceNumber?.toNumber(),
    To: message.to,
    Subject: message.subject,
    Label: message.subject,
    CorrelationId: toText(message.correlationId),
    ApplicationProperties: properties,
    UserProperties: properties,
    SessionId: message.sessionId,
    ReplyToSessionId: message.replyToSessionId,
    PartitionKey: message.partitionKey,
  };
}

function toText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (Buffer.isBuffer(value)) return value.toString('hex');
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : undefined;
}

/**
 * A time as the real host's serialiser writes it. The `...Utc` properties are DateTimes of unspecified kind and carry no zone:
 * `new Date()` on them reads local time.
 */
function toDotNetTime(time: Date | undefined, zone = ''): { toJSON(): string } | undefined {
  if (time === undefined) return undefined;
  const isUnlimited = Number.isNaN(time.getTime()) || time.getUTCFullYear() > 9998;
  const text = isUnlimited ? '9999-12-31T23:59:59.9999999' : time.toISOString().replace(/\.?0*Z$/, '');
  return { toJSON: () => text + zone };
}

/**
 * The trap: the real host copies every top-level property of a JSON object body, save arrays and nulls, over the message's own
 * properties, whatever their case. A body with a `subject` or `messageId` hides the envelope's.
 */
function mergeBodyProperties(metadata: Map<string, unknown>, body: string): void {
  const json = body.trim();
  if (!json.startsWith('{') || !json.endsWith('}')) return;
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    return; // merely looks like JSON
  }
  if (!isObject(parsed)) return;
  const names = new Map([...metadata.keys()].map((name) => [name.toLowerCase(), name]));
  for (const [name, value] of Object.entries(parsed)) {
    if (value === null || Array.isArray(value)) continue;
    const key = names.get(name.toLowerCase()) ?? name;
    names.set(key.toLowerCase(), key);
    metadata.set(key, isObject(value) ? value : toDotNetText(value));
  }
}

function toDotNetText(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return String(value);
}
