/** Requests as they are told of: by the template of their route, never by their address. */
import type { EdgeContext, EdgeRequest, HttpAnswer } from '../http.js';
import type { Telemetry } from './telemetry.js';
import { nearestParent } from './trace-context.js';

/** Templates of the routes of this process. */
export const knownRoutes = new Set<string>();

/** @param answer is given the traceparent that the work for the request goes on from */
export function observedRequest(
  telemetry: Telemetry,
  route: string,
  request: EdgeRequest,
  context: EdgeContext,
  answer: Answering,
): Promise<HttpAnswer> {
  const parent = nearestParent(request.headers.get('traceparent'), context.traceContext?.traceParent);
  return telemetry.isOn
    ? observed(telemetry, { route, method: request.method, parent }, answer)
    : answer(parent);
}

type Answering = (traceparent: string | undefined) => Promise<HttpAnswer>;

interface Observed {
  readonly route: string;
  readonly method: string;
  readonly parent: string | undefined;
}

async function observed(
  telemetry: Telemetry,
  { route, method, parent }: Observed,
  answer: Answering,
): Promise<HttpAnswer> {
  await telemetry.ready();
  const started = performance.now();
  const span = telemetry.begin('http', { kind: 'server', parent, attributes: { route, method } });
  let status = 500;
  try {
    const response = await span.run(() => answer(span.traceparent));
    status = response.status ?? 200;
    return response;
  } finally {
    telemetry.record('Http.Duration', performance.now() - started, { route, method, status });
    span.set({ status });
    span.end(status >= 500);
  }
}
