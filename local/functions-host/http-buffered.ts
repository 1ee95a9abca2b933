import type { IncomingMessage } from 'node:http';
import { sendResponse } from './http-response.js';
import { maxRequestBytes, sendStatus, sendTooLarge } from './http-trigger.js';
import type { HttpCall } from './http-trigger.js';
import type { Invoker } from './invocation.js';
import { toHttpInput, toTraceContext } from './rpc-request.js';

/** Runs an HTTP function on a request whose body is read first, and sends what it returns. */
export async function answerBuffered(invoker: Invoker, call: HttpCall): Promise<void> {
  const { target, request, response, headers } = call;
  const body = await readBody(request, maxRequestBytes);
  if (body === 'aborted') return;
  if (body === 'too large') {
    sendTooLarge(response);
    return;
  }
  const input = toHttpInput(target.trigger.name, { ...call, method: request.method ?? 'GET', body });
  const trace = toTraceContext(headers['traceparent'], headers['tracestate']);
  const outcome = await invoker.invoke(target, { ...input, trace }).catch(() => undefined); // logged by the invoker
  if (outcome === undefined) {
    sendStatus(response, 500);
    return;
  }
  const http = outcome.response.returnValue?.http;
  if (http) sendResponse(response, http);
  else sendStatus(response, 204);
}

/** The body of a request, in memory up to the limit. */
async function readBody(request: IncomingMessage, limit: number): Promise<Buffer | 'aborted' | 'too large'> {
  if (Number(request.headers['content-length'] ?? 0) > limit) return 'too large';
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > limit) return 'too large';
      chunks.push(chunk);
    }
  } catch {
    return 'aborted'; // the client has gone
  }
  return Buffer.concat(chunks);
}
