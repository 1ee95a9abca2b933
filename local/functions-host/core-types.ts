/**
 * The part of the `@azure/functions-core` contract that this host speaks: what the library asks of the module (registration)
 * and the RPC-shaped data that cross it. The names are those of the wire messages of the Functions language worker protocol,
 * so that the same request can be handed to Microsoft's Node worker.
 */

/** A value on its way between host and worker; exactly one property is set. */
export type TypedData = {
  readonly string?: string | null;
  readonly json?: string | null;
  readonly bytes?: Uint8Array | null;
  readonly int?: number | null;
  readonly double?: number | null;
  readonly http?: RpcHttp | null;
  readonly collectionBytes?: { readonly bytes: readonly Uint8Array[] } | null;
  readonly collectionString?: { readonly string: readonly string[] } | null;
  readonly collectionSint64?: { readonly sint64: readonly number[] } | null;
};

/** Whether a property of typed data is set: the wire knows both null and undefined for "not". */
export function isPresent<T>(value: T | null | undefined): value is T {
  return value !== null && value !== undefined;
}

/** A wrapper that tells "absent" from "empty" on the wire. */
export type Nullable<T> = { readonly value?: T | null };

/** A cookie that a function sets. `sameSite` `none` means the attribute is not written; `explicitNone` writes `SameSite=None`. */
export type RpcCookie = {
  readonly name?: string | null;
  readonly value?: string | null;
  readonly domain?: Nullable<string> | null;
  readonly path?: Nullable<string> | null;
  readonly expires?: Nullable<{ readonly seconds?: number | null }> | null;
  readonly secure?: Nullable<boolean> | null;
  readonly httpOnly?: Nullable<boolean> | null;
  readonly sameSite?: string | null;
  readonly maxAge?: Nullable<number> | null;
};

/** An HTTP request (url, method, nullable maps, body) or an HTTP response (statusCode, headers, cookies, body). */
export type RpcHttp = {
  readonly url?: string;
  readonly method?: string;
  readonly nullableHeaders?: Readonly<Record<string, Nullable<string>>>;
  readonly nullableQuery?: Readonly<Record<string, Nullable<string>>>;
  readonly nullableParams?: Readonly<Record<string, Nullable<string>>>;
  readonly body?: TypedData | null;
  readonly statusCode?: string | null;
  readonly headers?: Readonly<Record<string, string>> | null;
  readonly cookies?: readonly RpcCookie[] | null;
};

/** One input or output of an invocation, by binding name. */
export type ParameterBinding = { readonly name: string; readonly data: TypedData };

/** W3C trace context of an invocation. */
export type TraceContext = {
  readonly traceParent: string;
  readonly traceState: string;
  readonly attributes: Readonly<Record<string, string>>;
};

/** Present from the second attempt on. */
export type RetryContext = {
  readonly retryCount: number;
  /** -1 when the attempts are unlimited. */
  readonly maxRetryCount: number;
  readonly exception: { readonly message: string; readonly source: string; readonly stackTrace: string };
};

/** What the host sends to run a function once. */
export type InvocationRequest = {
  readonly invocationId: string;
  readonly functionId: string;
  readonly inputData: readonly ParameterBinding[];
  readonly triggerMetadata: Readonly<Record<string, TypedData>>;
  readonly traceContext: TraceContext;
  readonly retryContext?: RetryContext;
};

/** What the library gives back after a successful run. */
export type InvocationResponse = {
  readonly invocationId: string;
  readonly returnValue?: TypedData | null;
  readonly outputData?: readonly ParameterBinding[];
};

/** A trigger, input or output as the app declared it; further options by name. */
export type BindingInfo = {
  readonly type: string;
  readonly direction: string;
  readonly [option: string]: unknown;
};

/** A duration on the wire. The library rounds to whole seconds. */
export type RpcDuration = { readonly seconds?: number | null; readonly nanos?: number | null };

/** Retry policy of a function, as registered. */
export type RetryOptions = {
  readonly retryStrategy?: 'fixedDelay' | 'exponentialBackoff';
  /** -1 = for ever. */
  readonly maxRetryCount?: number;
  readonly delayInterval?: RpcDuration | null;
  readonly minimumInterval?: RpcDuration | null;
  readonly maximumInterval?: RpcDuration | null;
};

/** What the library registers for each function. */
export type FunctionMetadata = {
  readonly name: string;
  readonly functionId?: string;
  readonly bindings: Readonly<Record<string, BindingInfo>>;
  readonly retryOptions?: RetryOptions;
};

/** A handler as the library passes it on. */
export type FunctionCallback = (...args: unknown[]) => unknown;

/** A hook callback; receives the mutable context of its kind. */
export type HookCallback = (context: unknown) => unknown;

/** Log levels of the contract. */
export type RpcLogLevel = 'trace' | 'debug' | 'information' | 'warning' | 'error' | 'critical' | 'none';

/** Who speaks: the handler, the host or the library. */
export type RpcLogCategory = 'user' | 'system' | 'customMetric';

/** What an invocation model is built from. `state` is read by the library while the invocation runs. */
export type CoreInvocationContext = {
  readonly invocationId: string;
  readonly request: InvocationRequest;
  readonly metadata: FunctionMetadata;
  state: 'preInvocationHooks' | 'invocation' | 'postInvocationHooks' | undefined;
  log(level: RpcLogLevel, category: RpcLogCategory, message: string): void;
};

/** The library's side of one invocation. */
export type InvocationModel = {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], callback: FunctionCallback): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<InvocationResponse>;
};

/** The library's side of the whole app. */
export type ProgrammingModel = {
  readonly name: string;
  readonly version: string;
  getInvocationModel(context: CoreInvocationContext): InvocationModel | Promise<InvocationModel>;
  getCapabilities(capabilities: Record<string, string>): Promise<Record<string, string>>;
};
