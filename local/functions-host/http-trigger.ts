import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { textOption } from './bindings.js';
import type { LoadedFunction } from './bindings.js';
import type { HostOptions } from './host-json.js';
import { compareRoutes, compileRoute } from './routes.js';
import type { Route } from './routes.js';

/** An HTTP function with its route. */
export type HttpFunction = {
  readonly target: LoadedFunction;
  readonly route: Route;
  readonly needsKey: boolean;
};

/** A request that found its function. */
export type HttpCall = {
  readonly target: LoadedFunction;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  /** Lower-case names; repeated headers joined. */
  readonly headers: Readonly<Record<string, string>>;
  readonly params: Readonly<Record<string, string>>;
};

/** Body limit of the real host's front end. */
export const maxRequestBytes = 100 * 1024 * 1024;

/**
 * Reads the options of an HTTP trigger.
 *
 * @throws Error when the route or the authorisation level cannot be read
 */
export function toHttpFunction(target: LoadedFunction, options: HostOptions): HttpFunction {
  const { methods, authLevel } = target.trigger.options;
  const level = typeof authLevel === 'string' ? authLevel.toLowerCase() : 'function';
  if (!['anonymous', 'function', 'admin'].includes(level)) {
    throw new Error(`Function '${target.name}': authLevel '${level}' is not known`);
  }
  const names = Array.isArray(methods) ? methods.filter((method) => typeof method === 'string') : [];
  const template = textOption(target.trigger, 'route') ?? target.name;
  return {
    target,
    route: compileRoute(options.http.routePrefix, template, names),
    needsKey: level !== 'anonymous',
  };
}

/** Finds the function for a request among functions with routes; a route that does not list the method does not match. */
export function createRouter(
  functions: readonly HttpFunction[],
): (
  method: string,
  path: string,
) => { readonly match: HttpFunction; readonly params: Record<string, string> } | undefined {
  const ordered = [...functions].sort((a, b) => compareRoutes(a.route, b.route));
  return (method, path) => {
    for (const match of ordered) {
      const { methods } = match.route;
      if (methods.length > 0 && !methods.includes(method)) continue;
      const params = match.route.match(path);
      if (params) return { match, params };
    }
    return undefined;
  };
}

/** Whether a request carries one of the function keys, as `x-functions-key` or `?code=`. */
export function hasKey(request: IncomingMessage, url: URL, keys: readonly string[]): boolean {
  const header = request.headers['x-functions-key'];
  const given = typeof header === 'string' ? header : (url.searchParams.get('code') ?? '');
  return keys.some((key) => timingSafeEqual(digest(key), digest(given)));
}

/** Headers with lower-case names and one value each. */
export function toHeaders(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
    ),
  );
}

/** The absolute URL of a request, or undefined when host or target make none. */
export function toUrl(request: IncomingMessage): URL | undefined {
  const target = request.url ?? '';
  if (!target.startsWith('/')) return undefined;
  const text = `http://${request.headers.host ?? 'localhost'}${target}`;
  return URL.canParse(text) ? new URL(text) : undefined;
}

/** Answers with a status and no body, as the host itself does. */
export function sendStatus(response: ServerResponse, statusCode: number): void {
  if (response.headersSent) {
    response.destroy(); // the answer has begun: all that is left is to cut it short
    return;
  }
  if (statusCode !== 204) response.setHeader('content-length', 0); // RFC 9110 section 8.6
  response.writeHead(statusCode).end();
}

/** Refuses a request whose body is too large; the rest of it is not waited for. */
export function sendTooLarge(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('connection', 'close');
  sendStatus(response, 413);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
