/** W3C Trace Context, section 3.2: how a trace goes on from one process to the next. */

const shape = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/;

/** A header or property as it came; undefined when it is none, or names no trace. */
export function wellFormed(traceparent: unknown): string | undefined {
  const [, trace = '', span = ''] = typeof traceparent === 'string' ? (shape.exec(traceparent) ?? []) : [];
  return /[^0]/.test(trace) && /[^0]/.test(span) ? (traceparent as string) : undefined;
}

/** The trace id of a well-formed traceparent. */
export const traceIdOf = (traceparent: string | undefined): string | undefined => traceparent?.split('-')[1];

/**
 * What a piece of work goes on from: what its caller sent along, or the host's own part of the same trace, which lies
 * between the two. A trace that the host began by itself counts only where no other came.
 */
export function nearestParent(carried: unknown, ofHost: unknown): string | undefined {
  const [sent, own] = [wellFormed(carried), wellFormed(ofHost)];
  return sent === undefined || traceIdOf(sent) === traceIdOf(own) ? own : sent;
}
