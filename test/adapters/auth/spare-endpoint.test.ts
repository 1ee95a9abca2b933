import { expect, test } from '@jest/globals';
import { spareEndpoint } from '../../../src/adapters/auth/spare-endpoint.js';

/** An endpoint that answers what is set, and a clock that is set. */
function arrange() {
  const endpoint = { status: 200, isAway: false, asked: 0, now: 0 };
  const answer = () => {
    endpoint.asked++;
    return endpoint.isAway
      ? Promise.reject(new TypeError('fetch failed'))
      : Promise.resolve(new Response('{}', { status: endpoint.status }));
  };
  const spared = spareEndpoint(answer, 5_000, () => endpoint.now);
  return { endpoint, ask: () => spared('http://issuer/jwks', {}) };
}

test.each([
  ['is away', { isAway: true }],
  ['answers with an error', { status: 500 }],
  ['sends elsewhere', { status: 302 }],
])('an endpoint that %s is asked again after the pause only', async (_, fault) => {
  const { endpoint, ask } = arrange();
  Object.assign(endpoint, fault);
  for (const now of [0, 1, 4_999]) {
    endpoint.now = now;
    await expect(ask()).rejects.toThrow(TypeError);
  }
  expect(endpoint.asked).toBe(1);
  Object.assign(endpoint, { isAway: false, status: 200, now: 5_000 });
  expect((await ask()).status).toBe(200);
  await ask();
  expect(endpoint.asked).toBe(3);
});
