/**
 * The HTTP edge: turns Azure Functions requests into calls of use cases. Every route goes through `httpEdge`, which
 * authenticates, correlates, renders errors and measures.
 */
import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { patienceOfCallers, withPatience } from '../adapters/throttling/patience.js';
import { whenKnown } from '../app/together.js';
import { ExchangeError } from '../core/errors.js';
import { operationOutcome } from '../core/fhir/operation-outcome.js';
import { nobody, type Principal } from '../core/governance/access.js';
import { container } from './container.js';
import { withCors } from './cors.js';
import { causeOf, createLogger, type LogFields, type Logger, type LogSink } from './logger.js';
import { networkOf } from './rate-limit.js';
import { withSecurityHeaders } from './security-headers.js';
import { knownRoutes, observedRequest } from './telemetry/http-requests.js';

/** What the edge asks of a request; the `HttpRequest` of Azure Functions is one. */
export interface EdgeRequest {
  readonly method: string;
  /** Whole, with scheme and host. */
  readonly url: string;
  /** Names in lower case. */
  readonly headers: { get(name: string): string | null };
  /** The chunks of the body; null where there is none. */
  readonly body: AsyncIterable<Uint8Array> | null;
}

/** What the edge asks of the call that a request came by; the `InvocationContext` of Azure Functions is one. */
export interface EdgeContext extends LogSink {
  readonly traceContext?: { readonly traceParent?: string | null | undefined } | undefined;
}

/** A request of a caller who is known. */
export interface Exchange<Request extends EdgeRequest = HttpRequest> {
  readonly request: Request;
  readonly logger: Logger;
  /** W3C trace context of the request, or of the invocation where the caller sent none. */
  readonly traceparent: string | undefined;
  readonly principal: Principal;
}

/** A response whose headers are a plain record, so that they can be combined. */
export interface HttpAnswer extends Omit<HttpResponseInit, 'headers'> {
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers requests to some addresses. */
export interface Route<Request extends EdgeRequest = HttpRequest> {
  /** Route template, for logs: never the URL itself. */
  readonly name: string;
  /** Requests that anyone may make: no token is asked for, and one that comes is not looked at. */
  isOpen?(request: Request): boolean;
  /**
   * Whether its callers rather wait for dependencies that refuse requests than come again. Others are told to within
   * seconds.
   */
  readonly isPatient?: boolean;
  handle(exchange: Exchange<Request>): Promise<HttpAnswer>;
  /** How failures are answered; OperationOutcome unless a route speaks another protocol. */
  renderError?(request: Request, error: ExchangeError): Promise<HttpAnswer>;
}

type Handler<Request extends EdgeRequest = HttpRequest> = (
  request: Request,
  context: EdgeContext,
) => Promise<HttpAnswer>;

/** Makes the handler of a route that only known callers may use. */
export function httpEdge<Request extends EdgeRequest>(route: Route<Request>): Handler<Request> {
  knownRoutes.add(route.name);
  return (request, context) =>
    observedRequest(container().telemetry, route.name, request, context, (traceparent) => {
      const started = performance.now();
      const logger = createLogger(context, { route: route.name, method: request.method, traceparent });
      return respond(route, request, logger, traceparent).then((answer) => {
        const response = withCors(request, withSecurityHeaders(answer));
        logger.info('http-request', {
          httpStatus: response.status,
          durationMs: Math.round(performance.now() - started),
        });
        container().reportPressure(logger);
        return response;
      });
    });
}

async function respond<Request extends EdgeRequest>(
  route: Route<Request>,
  request: Request,
  logger: Logger,
  traceparent: string | undefined,
): Promise<HttpAnswer> {
  try {
    const admitted = admit(route, request);
    const principal = admitted instanceof Promise ? await admitted : admitted;
    demandPlainBody(request);
    const handle = () => route.handle({ request, logger, traceparent, principal });
    return await (route.isPatient === true ? handle() : withPatience(patienceOfCallers, handle));
  } catch (error) {
    const known =
      error instanceof ExchangeError ? error : new ExchangeError('HDE_INTERNAL', { cause: error });
    logFailure(logger, known);
    const response = await (route.renderError ?? renderOutcome)(request, known);
    return { ...response, headers: { ...headersOf(known), ...response.headers } };
  }
}

/**
 * Who is calling, as long as they do not call too often. A good token is looked at whatever others of its network did.
 *
 * @throws ExchangeError HDE_UNAUTHENTICATED, HDE_RATE_LIMITED
 */
function admit<Request extends EdgeRequest>(
  route: Route<Request>,
  request: Request,
): Principal | Promise<Principal> {
  const { clients, strangers } = container().rateLimits;
  const demandOfStrangers = () => {
    strangers.demand(networkOf(request.headers.get('x-forwarded-for')) ?? 'unknown');
  };
  if (route.isOpen?.(request) === true) {
    demandOfStrangers();
    return nobody;
  }
  const demandOfClient = (principal: Principal): Principal => {
    clients.demand(principal.subject);
    return principal;
  };
  const verified = authenticate(request);
  if (!(verified instanceof Promise)) return demandOfClient(verified);
  return verified.then(demandOfClient, (error: unknown) => {
    // Also those whose certificate is wrong, and those of whom nobody can tell while an issuer is away.
    demandOfStrangers();
    throw error;
  });
}

/**
 * A body is measured and read as it comes: one that swells when it is unpacked is not taken (RFC 9110 section 15.5.16).
 *
 * @throws ExchangeError HDE_CONTENT_TYPE
 */
function demandPlainBody({ headers }: EdgeRequest): void {
  const coding = headers.get('content-encoding')?.trim().toLowerCase() ?? '';
  if (coding !== '' && coding !== 'identity')
    throw new ExchangeError('HDE_CONTENT_TYPE', { detail: 'a body without Content-Encoding' });
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
export function renderOutcome(_request: EdgeRequest, error: ExchangeError): Promise<HttpAnswer> {
  return Promise.resolve({
    status: error.definition.http,
    headers: { 'content-type': 'application/fhir+json; charset=utf-8' },
    body: JSON.stringify(operationOutcome([error.toIssue(), ...error.others])),
  });
}

/** Answers what no route answers. The host itself would send a 404 that says nothing. */
export const notFoundHandler: Handler = (request) =>
  renderOutcome(request, new ExchangeError('HDE_ROUTE_NOT_FOUND'));

const bearer = /^\s*bearer\s+(\S+)\s*$/i;

/**
 * Who is calling (RFC 6750 section 2.1: only the Authorization header; tokens in URLs end up in logs); at once where that is
 * known, while refusals are promises.
 */
function authenticate(request: EdgeRequest): Principal | Promise<Principal> {
  const token = bearer.exec(request.headers.get('authorization') ?? '')?.[1];
  if (token === undefined) {
    const detail = 'send the header Authorization: Bearer <token>';
    return Promise.reject(new ExchangeError('HDE_UNAUTHENTICATED', { detail }));
  }
  return whenKnown(container().verifyToken(), (verify) => verify(token, certificateOf(request)));
}

/** What the gateway says is the client's certificate: it strips what clients send under this name. */
export function certificateOf({ headers }: EdgeRequest): string | undefined {
  const { certificateHeader } = container().config;
  return certificateHeader === undefined ? undefined : (headers.get(certificateHeader) ?? undefined);
}

/**
 * Reads a body of at most `maxBytes`, or throws HDE_PAYLOAD_TOO_LARGE without keeping more than that in memory.
 */
export async function readBody(request: EdgeRequest, maxBytes: number): Promise<Uint8Array> {
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
export async function* chunksOf(request: EdgeRequest, maxBytes: number): AsyncGenerator<Uint8Array> {
  const tooLarge = () => new ExchangeError('HDE_PAYLOAD_TOO_LARGE', { detail: `at most ${maxBytes} bytes` });
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge();
  // Not `for await` over the body: to leave that would cancel the body, and close the connection with it.
  const chunks = request.body?.[Symbol.asyncIterator]();
  let size = 0;
  for (let next = await readChunk(chunks); next !== undefined; next = await readChunk(chunks)) {
    size += next.byteLength;
    if (size > maxBytes) throw tooLarge();
    yield next;
  }
}

async function readChunk(
  chunks: AsyncIterator<Uint8Array, unknown> | undefined,
): Promise<Uint8Array | undefined> {
  try {
    const next = await chunks?.next();
    return next?.done === true ? undefined : next?.value;
  } catch (error) {
    throw new ExchangeError('HDE_PAYLOAD_INCOMPLETE', { cause: error });
  }
}
