/** `GET /_health` in the shape of HealthChecks.UI, as monitors of the original exchange read it. */
import type { DependencyHealth, Health } from '../../app/check-health.js';
import { currentHealth } from '../health.js';
import type { HttpAnswer } from '../http.js';

/** Answers 200 when every dependency is up, else 503. */
export async function healthFaceHandler(): Promise<HttpAnswer> {
  const health = await currentHealth();
  return {
    status: health.ready ? 200 : 503,
    jsonBody: healthReport(health),
  };
}

/** The state of the dependencies in the words of HealthChecks.UI. */
export function healthReport({ ready, dependencies }: Health): Record<string, unknown> {
  const checks = Object.entries(dependencies);
  return {
    status: wordFor(ready),
    // They are asked at the same time.
    totalDuration: timeSpan(Math.max(0, ...checks.map(([, { durationMs }]) => durationMs))),
    entries: Object.fromEntries(checks.map(([name, check]) => [name, entryOf(check)])),
  };
}

const entryOf = ({ status, durationMs }: DependencyHealth) => ({
  data: {},
  duration: timeSpan(durationMs),
  status: wordFor(status === 'up'),
  tags: [],
});

const wordFor = (isUp: boolean): string => (isUp ? 'Healthy' : 'Unhealthy');

/** Milliseconds as .NET writes a TimeSpan: `00:00:01.2500000`. */
function timeSpan(milliseconds: number): string {
  const [seconds = '', fraction = ''] = (milliseconds / 1000).toFixed(7).split('.');
  const clock = new Date(Number(seconds) * 1000).toISOString().slice(11, 19);
  return `${clock}.${fraction}`;
}
