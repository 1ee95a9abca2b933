import type { ServerResponse } from 'node:http';
import { isPresent } from './core-types.js';
import type { RpcCookie, RpcHttp, TypedData } from './core-types.js';

/** Headers that describe one connection, not the message (RFC 9110 section 7.6.1), and the length, which Node writes. */
const connectionHeaders = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const sameSiteNames: Readonly<Record<string, string>> = {
  lax: 'Lax',
  strict: 'Strict',
  explicitnone: 'None',
};

/** Whether a header belongs to one connection only and must not be handed on. */
export function isConnectionHeader(name: string): boolean {
  return connectionHeaders.has(name.toLowerCase());
}

/**
 * Writes a function's buffered response.
 *
 * @throws Error when the app gave a header that HTTP does not allow; nothing has been sent then
 */
export function sendResponse(response: ServerResponse, http: RpcHttp): void {
  const body = toBody(http.body);
  for (const [name, value] of Object.entries(http.headers ?? {})) {
    // A handler may state the length of what a HEAD request would have got; otherwise the real length counts.
    const isLength = name.toLowerCase() === 'content-length';
    if (isConnectionHeader(name) || (isLength && response.req.method !== 'HEAD')) continue;
    response.setHeader(name, value);
  }
  const cookies = (http.cookies ?? []).map(toSetCookie);
  if (cookies.length > 0) response.appendHeader('set-cookie', cookies);
  response.statusCode = Number(http.statusCode ?? 200);
  response.end(body);
}

/** A `Set-Cookie` value; names and values are percent-encoded as ASP.NET does. */
export function toSetCookie(cookie: RpcCookie): string {
  const parts = [`${encodeURIComponent(cookie.name ?? '')}=${encodeURIComponent(cookie.value ?? '')}`];
  const attribute = (name: string, value: string | number | null | undefined): void => {
    if (isPresent(value) && value !== '') parts.push(`${name}=${value}`);
  };
  const seconds = cookie.expires?.value?.seconds;
  attribute('Expires', isPresent(seconds) ? new Date(seconds * 1000).toUTCString() : undefined);
  attribute('Max-Age', cookie.maxAge?.value);
  attribute('Domain', cookie.domain?.value);
  attribute('Path', cookie.path?.value);
  if (cookie.secure?.value === true) parts.push('Secure');
  attribute('SameSite', sameSiteNames[(cookie.sameSite ?? '').toLowerCase()]);
  if (cookie.httpOnly?.value === true) parts.push('HttpOnly');
  return parts.join('; ');
}

function toBody(body: TypedData | null | undefined): Uint8Array | string | undefined {
  if (!isPresent(body)) return undefined;
  if (isPresent(body.bytes)) return body.bytes;
  const text = body.string ?? body.json ?? body.int ?? body.double;
  return isPresent(text) ? String(text) : undefined;
}
