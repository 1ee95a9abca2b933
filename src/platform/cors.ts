/**
 * Which web applications of other origins may call the exchange from a browser (Fetch Standard section 3.3): those of
 * `HDE_CORS_ORIGINS`, and by default none. Cookies have no part in it: who asks is said by a token alone.
 */
import { ExchangeError } from '../core/errors.js';
import { container } from './container.js';
import { renderOutcome, type EdgeRequest, type HttpAnswer } from './http.js';

/** Headers of requests that the exchange looks at. */
const allowedHeaders = [
  ...['accept', 'authorization', 'content-type', 'prefer', 'traceparent'],
  ...['if-match', 'if-modified-since', 'if-none-exist', 'if-none-match'],
  ...['x-hde-purpose', 'x-hde-session'],
].join(', ');
/** Headers of answers that a web application needs, beside those that every one may read. */
const exposedHeaders = [
  ...['content-location', 'etag', 'location', 'retry-after', 'www-authenticate'],
  ...['x-hde-receipt', 'x-hde-session', 'x-hde-status'],
].join(', ');

/** How long a browser may keep the answer to a preflight, in seconds. */
const preflightSeconds = 600;

/** The answer as a browser may show it to a web application of the request's origin, if that is on the list. */
export function withCors(request: EdgeRequest, answer: HttpAnswer): HttpAnswer {
  const { corsOrigins } = container().config;
  if (corsOrigins.length === 0) return answer;
  const { vary } = answer.headers ?? {};
  const headers = { ...answer.headers, vary: vary === undefined ? 'Origin' : `${vary}, Origin` };
  const origin = request.headers.get('origin') ?? '';
  if (!corsOrigins.includes(origin)) return { ...answer, headers };
  return {
    ...answer,
    headers: {
      ...headers,
      'access-control-allow-origin': origin,
      'access-control-expose-headers': exposedHeaders,
      // Whoever may read the answer is on the list: that its origin is another one is known.
      'cross-origin-resource-policy': 'cross-origin',
    },
  };
}

/**
 * Answers what a browser asks before it sends a request to another origin. It has no token then; anybody else who asks
 * is told that there is nothing at the address.
 */
export async function preflightHandler(request: EdgeRequest): Promise<HttpAnswer> {
  const isPreflight = request.headers.get('access-control-request-method') !== null;
  const isListed = container().config.corsOrigins.includes(request.headers.get('origin') ?? '');
  if (!isPreflight || !isListed)
    return withCors(request, await renderOutcome(request, new ExchangeError('HDE_ROUTE_NOT_FOUND')));
  const answer = withCors(request, { status: 204 });
  return {
    ...answer,
    headers: {
      ...answer.headers,
      'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
      'access-control-allow-headers': allowedHeaders,
      'access-control-max-age': String(preflightSeconds),
    },
  };
}
