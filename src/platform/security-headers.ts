/** What every answer tells browsers and caches, whoever asks and whatever becomes of the request. */
import type { HttpAnswer } from './http.js';

/**
 * The answers of an API: over TLS only (RFC 6797), never guessed to be another type, run, framed, or embedded by
 * other sites (Content Security Policy Level 3), never told of to other sites, kept by nobody (RFC 9111 section
 * 5.2.2.5).
 */
export const securityHeaders = {
  'strict-transport-security': 'max-age=63072000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
} as const;

/** The answer with these headers; what it says itself of one of them counts. */
export const withSecurityHeaders = (answer: HttpAnswer): HttpAnswer => ({
  ...answer,
  headers: { ...securityHeaders, ...answer.headers },
});

/** Makes the handler of a route that anyone may use, which tells nothing of anybody. */
export function openEdge<Arguments extends readonly unknown[]>(
  handle: (...args: Arguments) => HttpAnswer | Promise<HttpAnswer>,
): (...args: Arguments) => Promise<HttpAnswer> {
  return async (...args) => withSecurityHeaders(await handle(...args));
}
