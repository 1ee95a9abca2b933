import { HttpRequest, type InvocationContext } from '@azure/functions';
import { expect, test } from '@jest/globals';
import { patienceOfCaller } from '../../src/adapters/throttling/patience.js';
import type { Config } from '../../src/platform/config.js';
import { useContainer, type Container } from '../../src/platform/container.js';
import { httpEdge, type HttpAnswer, type Route } from '../../src/platform/http.js';
import { operatorRoute } from '../../src/platform/operator-route.js';
import { createRateLimits } from '../../src/platform/rate-limit.js';
import { noTelemetry } from '../../src/platform/telemetry/telemetry.js';

const container = {
  reportPressure: () => undefined,
  telemetry: noTelemetry,
  rateLimits: createRateLimits(100, () => 0),
  config: { corsOrigins: [] as readonly string[] } as Partial<Config> as Config,
} satisfies Partial<Container>;
useContainer(container as Partial<Container> as Container);

/** Whether somebody's patience bounds the work of a route, as its answer. */
const handle = (): Promise<HttpAnswer> =>
  Promise.resolve({ status: patienceOfCaller() === undefined ? 204 : 200 });

async function answerOf(route: Route): Promise<number | undefined> {
  const request = new HttpRequest({ method: 'GET', url: 'http://localhost/' });
  const context = { info: () => undefined } as Partial<InvocationContext> as InvocationContext;
  return (await httpEdge({ ...route, isOpen: () => true })(request, context)).status;
}

test('what senders and clients ask for ends with their patience', async () => {
  expect(await answerOf({ name: 'any', handle })).toBe(200);
});

test('what operators ask for does not', async () => {
  const { isPatient = false } = operatorRoute('triage', handle);
  expect(await answerOf({ name: 'triage', handle, isPatient })).toBe(204);
});
