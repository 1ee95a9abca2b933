/** What the HTTP edge adds to every route: headers, other origins, and limits of requests. */
import { readdirSync, readFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { fhirHeaders } from '../../src/app/fhir/handle-fhir-request.js';
import { ExchangeError, type ErrorCode } from '../../src/core/errors.js';
import type { Config } from '../../src/platform/config.js';
import { useContainer, type Container } from '../../src/platform/container.js';
import { preflightHandler } from '../../src/platform/cors.js';
import { sessionHeader } from '../../src/platform/fhir-session.js';
import { httpEdge, type HttpAnswer, type Route } from '../../src/platform/http.js';
import { parseOrigins } from '../../src/platform/origins.js';
import { createRateLimits } from '../../src/platform/rate-limit.js';
import { openEdge, securityHeaders } from '../../src/platform/security-headers.js';
import { noTelemetry } from '../../src/platform/telemetry/telemetry.js';
import { aPrincipal } from '../support/principals.js';

const app = 'https://app.example.nhs.uk';
let now: number;
/** What becomes of bad tokens. */
const refusals: Readonly<Record<string, ErrorCode>> = {
  bad: 'HDE_UNAUTHENTICATED',
  stolen: 'HDE_CERTIFICATE_NEEDED',
  unknowable: 'HDE_DEPENDENCY_UNAVAILABLE',
};

function arrange(corsOrigins: readonly string[] = []): void {
  now = 0;
  const container: Partial<Container> = {
    config: { corsOrigins } as Partial<Config> as Config,
    rateLimits: createRateLimits(3, () => now),
    reportPressure: () => undefined,
    telemetry: noTelemetry,
    // A token is the subject of its bearer. That of `a` is known, and told at once.
    verifyToken: () => (subject) => {
      if (refusals[subject] !== undefined) return Promise.reject(new ExchangeError(refusals[subject]));
      const principal = { ...aPrincipal(['reader']), subject };
      return subject === 'a' ? principal : Promise.resolve(principal);
    },
  };
  useContainer(container as Container);
}

beforeEach(() => {
  arrange();
});

const answerWith =
  (answer: HttpAnswer): Route<never>['handle'] =>
  () =>
    Promise.resolve(answer);

const log = () => undefined;
function ask(
  handle: Route<never>['handle'],
  headers: Readonly<Record<string, string>> = { authorization: 'Bearer a' },
  isOpen = false,
): Promise<HttpAnswer> {
  const request = new Request('http://exchange.example/any', { headers });
  const handler = httpEdge({ name: 'any', isOpen: () => isOpen, handle: handle });
  return handler(request as never, { info: log, warn: log, error: log });
}

const fine = answerWith({ status: 200 });

describe('security headers', () => {
  test.each([
    ['an answer', fine, { authorization: 'Bearer a' }, 200],
    [
      'a refusal',
      () => Promise.reject(new ExchangeError('HDE_FORBIDDEN')),
      { authorization: 'Bearer a' },
      403,
    ],
    ['a failure', () => Promise.reject(new TypeError('x')), { authorization: 'Bearer a' }, 500],
    ['who sends no token', fine, {}, 401],
  ])('stand on %s', async (_, handle, headers, status) => {
    const answer = await ask(handle, headers);
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject(securityHeaders);
  });

  test('give way to what a route says itself', async () => {
    const { headers } = await ask(answerWith({ headers: { 'cache-control': 'max-age=5' } }));
    expect(headers).toMatchObject({ ...securityHeaders, 'cache-control': 'max-age=5' });
  });

  test('stand on open routes', async () => {
    expect((await openEdge(() => ({ status: 200 }))()).headers).toEqual(securityHeaders);
  });

  test('are put on by the edge of each HTTP function', () => {
    const handlers = readdirSync('functions')
      .map((name) => readFileSync(`functions/${name}`, 'utf8'))
      .filter((text) => text.includes('app.http('))
      .flatMap((text) => [...text.matchAll(/handler: (.*),\n/g)].map(([, handler]) => handler));
    expect(handlers.length).toBeGreaterThan(10);
    expect(handlers.filter((handler) => !/^(httpEdge|openEdge)\(\w+\)$/.test(handler ?? ''))).toEqual([]);
  });
});

describe('other origins', () => {
  const preflight = (headers: Readonly<Record<string, string>>) =>
    openEdge(preflightHandler)(
      new Request('http://exchange.example/fhir/Patient', { method: 'OPTIONS', headers }),
    );
  const asked = { origin: app, 'access-control-request-method': 'GET' };

  test('are not let in by default', async () => {
    const answer = await ask(fine, { authorization: 'Bearer a', origin: app });
    expect(answer.headers).toEqual(securityHeaders);
    expect(await preflight(asked)).toMatchObject({ status: 404 });
  });

  test.each([
    'https://other.example',
    'null',
    `${app}.evil.example`,
    'http://app.example.nhs.uk',
    `${app}:444`,
  ])('that are not on the list are not let in: %s', async (origin) => {
    arrange([app]);
    const answer = await ask(fine, { authorization: 'Bearer a', origin });
    expect(answer.headers).toEqual({ ...securityHeaders, vary: 'Origin' });
    const refused = await preflight({ ...asked, origin });
    expect(refused.status).toBe(404);
    expect(Object.keys(refused.headers ?? {}).filter((name) => name.startsWith('access'))).toEqual([]);
  });

  test('of the list read the answer, by their name and without cookies', async () => {
    arrange(['http://localhost:3000', app]);
    const answer = await ask(answerWith({ headers: { vary: 'Accept' } }), {
      authorization: 'Bearer a',
      origin: app,
    });
    expect(answer.headers).toMatchObject({ 'access-control-allow-origin': app, vary: 'Accept, Origin' });
    expect(answer.headers).not.toHaveProperty('access-control-allow-credentials');
    expect(answer.headers?.['access-control-expose-headers']).toContain('etag');
  });

  test('of the list read refusals too', async () => {
    arrange([app]);
    const answer = await ask(fine, { origin: app });
    expect(answer).toMatchObject({ status: 401, headers: { 'access-control-allow-origin': app } });
  });

  test('of the list get an answer to a preflight without a token', async () => {
    arrange([app]);
    const { status, headers } = await preflight(asked);
    expect(status).toBe(204);
    expect(headers).toMatchObject({
      ...{ 'access-control-allow-origin': app, vary: 'Origin' },
      'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
    });
    const allowed = headers?.['access-control-allow-headers']?.split(', ');
    expect(allowed).toEqual(
      expect.arrayContaining(['authorization', 'traceparent', sessionHeader, ...fhirHeaders]),
    );
  });

  test('OPTIONS that is no preflight finds nothing', async () => {
    arrange([app]);
    expect(await preflight({ origin: app })).toMatchObject({ status: 404 });
  });

  test.each([
    '*',
    'null',
    'app.example.nhs.uk',
    `${app}/`,
    `${app}/path`,
    'http://app.example.nhs.uk',
    'ftp://a',
  ])('are no setting as %s', (origin) => {
    expect(() => parseOrigins(`${app}, ${origin}`)).toThrow('number 2 is no origin');
  });

  test('are listed with commas', () => {
    expect(parseOrigins('')).toEqual([]);
    expect(parseOrigins(`${app},http://localhost:3000 , http://127.0.0.1:80`.replace(':80', ':81'))).toEqual([
      ...[app, 'http://localhost:3000', 'http://127.0.0.1:81'],
    ]);
  });
});

describe('too many requests', () => {
  const statusOf = async (headers: Readonly<Record<string, string>>, isOpen = false) =>
    (await ask(fine, headers, isOpen)).status;
  const spend = async (headers: Readonly<Record<string, string>>, isOpen = false) => {
    for (let count = 0; count < 3; count += 1) await statusOf(headers, isOpen);
  };

  test('of one client are answered 429 with the time to wait, as an OperationOutcome', async () => {
    await spend({ authorization: 'Bearer a' });
    const answer = await ask(fine);
    expect(answer).toMatchObject({ status: 429, headers: { ...securityHeaders, 'retry-after': '20' } });
    expect(JSON.parse(answer.body as string)).toMatchObject({
      issue: [{ code: 'throttled', details: { coding: [{ code: 'HDE_RATE_LIMITED' }] } }],
    });
    expect(await statusOf({ authorization: 'Bearer b' })).toBe(200);
    now = 20_000;
    expect(await statusOf({ authorization: 'Bearer a' })).toBe(200);
  });

  test('never reach the use case', async () => {
    await spend({ authorization: 'Bearer a' });
    await ask(() => Promise.reject(new Error('reached')));
    expect((await ask(() => Promise.reject(new Error('reached')))).status).toBe(429);
  });

  test('of strangers count by network, at open routes and with bad tokens alike', async () => {
    const here = { 'x-forwarded-for': '203.0.113.7:1000' };
    await spend(here, true);
    expect(await statusOf({ 'x-forwarded-for': '203.0.113.8' }, true)).toBe(429);
    expect(await statusOf({ ...here, authorization: 'Bearer bad' })).toBe(429);
    expect(await statusOf({ 'x-forwarded-for': '203.0.114.7' }, true)).toBe(200);
  });

  test.each(Object.keys(refusals))(
    'with a token that is %s count among those of strangers',
    async (token) => {
      await spend({ authorization: `Bearer ${token}` });
      expect(await statusOf({ authorization: `Bearer ${token}` })).toBe(429);
    },
  );

  test('of strangers close nothing to those of their network who have a token', async () => {
    await spend({ authorization: 'Bearer bad' });
    expect(await statusOf({ authorization: 'Bearer bad' })).toBe(429);
    expect(await statusOf({ authorization: 'Bearer a' })).toBe(200);
  });
});
