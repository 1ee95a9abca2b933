/** `GET /health`, `/health/live` and `/health/ready`: the only routes without a token; they tell nothing but states. */
import type { HttpRequest } from '@azure/functions';
import { checkHealth, type Health } from '../app/check-health.js';
import { container } from './container.js';
import type { HttpAnswer } from './http.js';

/** Probes run at most this often, so that nobody can use the open route to load the dependencies. */
const freshMs = 1000;
let latest: { readonly at: number; readonly health: Promise<Health> } | undefined;

/** Answers 200 when the process is live or the exchange is ready, 503 when it is not ready. */
export async function healthHandler(request: HttpRequest): Promise<HttpAnswer> {
  if (request.params['kind'] === 'live') return { status: 200, jsonBody: { live: true } };
  const health = await currentHealth();
  return { status: health.ready ? 200 : 503, jsonBody: health };
}

/** The state of the exchange, at most a second old. */
export function currentHealth(): Promise<Health> {
  const now = Date.now();
  if (latest === undefined || now - latest.at > freshMs) {
    const health = container()
      .healthProbes()
      .then((probes) => checkHealth(probes, () => Date.now()));
    latest = { at: now, health };
  }
  return latest.health;
}
