import { describe, expect, test } from '@jest/globals';
import { DemoError, delayBefore, requestPatiently, type HttpAnswer } from '../../../local/demo/patience.js';
import { createFakeClock } from './fake-clock.js';

const answered = (status: number, headers: Record<string, string> = {}): HttpAnswer => ({
  status,
  headers: new Headers(headers),
  body: '',
});
const refused = new TypeError('fetch failed', {
  cause: Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }),
});

/** Gives the answers one after the other; errors are thrown. */
function inTurn(...steps: readonly (HttpAnswer | Error)[]): () => Promise<HttpAnswer> {
  const left = [...steps];
  return () => {
    const step = left.shift() ?? refused;
    return step instanceof Error ? Promise.reject(step) : Promise.resolve(step);
  };
}

describe('requestPatiently', () => {
  test.each([200, 400, 401, 404, 409, 413, 422, 501])('takes %i for an answer', async (status) => {
    const clock = createFakeClock();
    const { answer, attempts } = await requestPatiently(inTurn(answered(status)), { clock, limit: 1000 });
    expect([answer.status, attempts, clock.sleeps]).toEqual([status, 1, []]);
  });

  test('repeats the request after broken connections, 429 and server errors, waiting longer each time', async () => {
    const clock = createFakeClock();
    const request = inTurn(refused, answered(503), answered(429), answered(500), answered(200));
    const { answer, attempts } = await requestPatiently(request, { clock, limit: 120_000 });
    expect([answer.status, attempts]).toEqual([200, 5]);
    expect(clock.sleeps).toEqual([100, 200, 400, 800]);
  });

  test('gives up after the limit, and says why', async () => {
    const clock = createFakeClock();
    const run = requestPatiently(inTurn(), { clock, limit: 120_000 });
    await expect(run).rejects.toThrow(new DemoError('no lasting answer within 120 s (ECONNREFUSED)'));
    expect(clock.now()).toBeGreaterThan(110_000);
    expect(clock.now()).toBeLessThan(120_000);
  });

  test('stops when it is told to', async () => {
    const signal = AbortSignal.abort(new Error('stopped'));
    const run = requestPatiently(inTurn(), { clock: createFakeClock(), limit: 1000, signal });
    await expect(run).rejects.toThrow('stopped');
  });
});

describe('delayBefore', () => {
  test('follows Retry-After up to five seconds', () => {
    expect(delayBefore(0, answered(503, { 'retry-after': '2' }))).toBe(2000);
    expect(delayBefore(0, answered(503, { 'retry-after': '3600' }))).toBe(5000);
    expect(delayBefore(0, answered(503, { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' }))).toBe(100);
    expect(delayBefore(30, undefined)).toBe(5000);
  });
});
