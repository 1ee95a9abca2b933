/**
 * The HTTP edge: turns Azure Functions requests into calls of use cases. Every route goes through `httpEdge`, which
 * authenticates, correlates, renders errors and measures.
 */
import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { ExchangeError } from '../core/errors.js';
import { operationOutcome } from '../core/fhir/operation-outcome.js';
import { nobody, type Principal } from '../core/governance/access.js';
import { container } from './container.js';
import { causeOf, createLogger, type LogFields, type Logger } from './logger.js';

export interface Exchange {
  readonly request: HttpRequest;
  readonly logger: Logger;
  /** W3C trace context of the request, or of the invocation where the caller sent none. */
  readonly traceparent: string | undefined;
  readonly principal: Principal;
}

/** A response whose headers are a plain record, so that they can be combined. */
export interface HttpAnswer extends Omit<HttpResponseInit, 'headers'> {
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Route {
  /** Route template, for logs: never the URL itself. */
  readonly name: string;
  /** Requests that anyone may make: no token is asked for, and one that comes is not looked at. */
  isOpen?(request: HttpRequest): boolean;
  handle(exchange: Exchange): Promise<HttpAnswer>;
  /** How failures are answered; OperationOutcome unless a route speaks another protocol. */
  renderError?(request: HttpRequest, error: ExchangeError): Promise<HttpAnswer>;
}

type Handler = (request: HttpRequest, context: InvocationContext) => Promise<HttpResponseInit>;

const traceparentShape = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Makes the handler of a route that only known callers may use. */
export function httpEdge(route: Route): Handler {
  return async (request, context) => {
    const started = performance.now();
    const traceparent = traceparentOf(request, context);
    const logger = createLogger(context, { route: route.name, method: request.method, traceparent });
    const response = await respond(route, request, logger, traceparent);
    logger.info('http-request', {
      httpStatus: response.status,
      durationMs: Math.round(performance.now() - started),
    });
    container().reportPressure(logger);
    return response;
  };
}

async function respond(
  route: Route,
  request: HttpRequest,
  logger: Logger,
  traceparent: string | undefined,
): Promise<HttpAnswer> {
  try {
    const principal = route.isOpen?.(request) === true ? nobody : await authenticate(request);
    return await route.handle({ request, logger, traceparent, principal });
  } catch (error) {
    const known =
      error instanceof ExchangeError ? error : new ExchangeError('HDE_INTERNAL', { cause: error });
    logFailure(logger, known);
    const response = await (route.renderError ?? renderOutcome)(request, known);
    return { ...response, headers: { ...headersOf(known), ...response.headers } };
  }
}

/** Logs a failure that a client is told of. */
export function logFailure(logger: Logger, error: ExchangeError): void {
  const fields: LogFields = {
    errorCode: error.code,
    location: error.location,
    ...(error.cause === undefined ? {} : { cause: causeOf(error.cause) }),
  };
  if (error.definition.http >= 500) logger.error('http-failure', fields);
  else logger.warn('http-refusal', fields);
}

function headersOf(error: ExchangeError): Record<string, string> {
  const headers: Record<string, string> = {};
  // Without a token there is nothing to call invalid (RFC 6750 section 3.1).
  if (error.definition.http === 401)
    headers['www-authenticate'] = error.cause === undefined ? 'Bearer' : 'Bearer error="invalid_token"';
  if (error.retryAfterSeconds !== undefined) headers['retry-after'] = String(error.retryAfterSeconds);
  return headers;
}

/** An error as an OperationOutcome. */
export function renderOutcome(_request: HttpRequest, error: ExchangeError): Promise<HttpAnswer> {
  return Promise.resolve({
    status: error.definition.http,
    headers: { 'content-type': 'application/fhir+json; charset=utf-8' },
    body: JSON.stringify(operationOutcome([error.toIssue(), ...error.others])),
  });
}

/** Answers what no route answers. The host itself would send a 404 that says nothing. */
export const notFoundHandler: Handler = (request) =>
  renderOutcome(request, new ExchangeError('HDE_ROUTE_NOT_FOUND'));

/** Who is calling (RFC 6750 section 2.1: only the Authorization header; tokens in URLs end up in logs). */
async function authenticate(request: HttpRequest): Promise<Principal> {
  const [scheme, token, ...rest] = (request.headers.get('authorization') ?? '').trim().split(/\s+/);
  if (scheme?.toLowerCase() !== 'bearer' || token === undefined || rest.length > 0) {
    throw new ExchangeError('HDE_UNAUTHENTICATED', {
      detail: 'send the header Authorization: Bearer <token>',
    });
  }
  const verify = await container().verifyToken();
  return verify(token);
}

function traceparentOf(request: HttpRequest, context: InvocationContext): string | undefined {
  const candidates = [request.headers.get('traceparent'), context.traceContext?.traceParent];
  return candidates.find(
    (value): value is string => typeof value === 'string' && traceparentShape.test(value),
  );
}

/**
 * Reads a body of at most `maxBytes`, or throws HDE_PAYLOAD_TOO_LARGE without keeping more than that in memory.
 */
export async function readBody(request: HttpRequest, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of chunksOf(request, maxBytes)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/**
 * A body as it comes. What is left of it when nobody asks for more is not read, but its connection stays: the sender
 * gets its answer.
 *
 * @throws ExchangeError HDE_PAYLOAD_TOO_LARGE after `maxBytes`, HDE_PAYLOAD_INCOMPLETE when the sender goes away
 */
export async function* chunksOf(request: HttpRequest, maxBytes: number): AsyncGenerator<Uint8Array> {
  const tooLarge = () => new ExchangeError('HDE_PAYLOAD_TOO_LARGE', { detail: `at most ${maxBytes} bytes` });
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge();
  // Not `for await` over the body: to leave that would cancel the body, and close the connection with it.
  const reader = (request.body as ReadableStream<Uint8Array> | null)?.getReader();
  let size = 0;
  for (let next = await readChunk(reader); next !== undefined; next = await readChunk(reader)) {
    size += next.byteLength;
    if (size > maxBytes) throw tooLarge();
    yield next;
  }
}

async function readChunk(
  reader: ReadableStreamDefaultReader<Uint8Array> | undefined,
): Promise<Uint8Array | undefined> {
  try {
    return (await reader?.read())?.value;
  } catch (error) {
    throw new ExchangeError('HDE_PAYLOAD_INCOMPLETE', { cause: error });
  }
}
