import { randomUUID } from 'node:crypto';
import { Agent, request as sendRequest } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { isPresent } from './core-types.js';
import { isConnectionHeader } from './http-response.js';
import { maxRequestBytes, sendStatus, sendTooLarge } from './http-trigger.js';
import type { HttpCall } from './http-trigger.js';
import type { Invoker } from './invocation.js';
import { toStreamedHttpInput, toTraceContext } from './rpc-request.js';

const invocationIdHeader = 'x-ms-invocation-id';

/** Hands requests on to the HTTP server that the library opens when the app has called `setup({ enableHttpStream: true })`. */
export class StreamForwarder {
  readonly #port: number;
  // A connection that the library closes while it is taken up again would leave the invocation waiting without end: it
  // closes idle ones after five seconds, as Node does, on the same event loop as this side, which gives them up before.
  readonly #agent = new Agent({ keepAlive: true, timeout: 2000 });

  /** @param httpUri - the `HttpUri` capability that the library gave */
  constructor(httpUri: string) {
    this.#port = Number(new URL(httpUri).port);
  }

  /**
   * Answers a request as the real host does: the request goes to the library's server and, at the same moment, the invocation
   * to the library; the invocation id brings the two together. Bytes flow both ways as they come.
   */
  async answer(invoker: Invoker, call: HttpCall): Promise<void> {
    const { target, request, response, headers } = call;
    if (Number(headers['content-length'] ?? 0) > maxRequestBytes) {
      sendTooLarge(response);
      return;
    }
    const invocationId = randomUUID();
    const upstream = this.#forward(call, invocationId);
    const answered = relayResponse(call, upstream);
    relayBody(call, upstream);
    // The library waits for its request without end: begin only once the connection to it stands.
    if (!(await isConnected(upstream))) {
      sendStatus(response, request.destroyed ? 499 : 500);
      return;
    }
    const input = toStreamedHttpInput(target.trigger.name, call);
    const trace = toTraceContext(headers['traceparent'], headers['tracestate']);
    try {
      const { result } = await invoker.invoke(target, { ...input, trace, invocationId });
      if (!isPresent(result)) {
        // Without a response the library leaves its side open for ever (in Azure until the front end's 230 s are over).
        upstream.destroy();
        sendStatus(response, 204);
      }
    } catch {
      upstream.destroy(); // logged by the invoker
      sendStatus(response, 500);
    }
    await answered;
  }

  /** Closes the connections to the library. */
  close(): void {
    this.#agent.destroy();
  }

  #forward({ request, headers }: HttpCall, invocationId: string): ClientRequest {
    const passed = Object.entries(headers).filter(([name]) => !isConnectionHeader(name) && name !== 'expect');
    const upstream = sendRequest({
      agent: this.#agent,
      host: '127.0.0.1',
      port: this.#port,
      method: request.method,
      path: request.url,
      headers: {
        ...Object.fromEntries(passed),
        [invocationIdHeader]: invocationId,
        'x-forwarded-host': headers['host'] ?? 'localhost',
        'x-forwarded-proto': 'http',
        ...(headers['transfer-encoding'] === undefined ? {} : { 'transfer-encoding': 'chunked' }),
      },
    });
    upstream.flushHeaders(); // the library must see the request even while the client still thinks about its body
    return upstream;
  }
}

function isConnected(upstream: ClientRequest): Promise<boolean> {
  return new Promise((resolve) => {
    upstream.once('error', () => {
      resolve(false);
    });
    upstream.once('close', () => {
      resolve(false);
    });
    upstream.once('socket', (socket) => {
      if (!socket.connecting) resolve(true);
      else {
        socket.once('connect', () => {
          resolve(true);
        });
      }
    });
  });
}

/** Passes the client's bytes on, within the limit; a client that goes away takes the forwarded request with it. */
function relayBody({ request, response }: HttpCall, upstream: ClientRequest): void {
  let length = 0;
  request.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length <= maxRequestBytes) return;
    upstream.destroy();
    sendTooLarge(response);
  });
  request.pipe(upstream);
  response.once('close', () => {
    if (!response.writableFinished) upstream.destroy();
  });
}

/** Sends what the library answers; resolves when nothing more will come. */
function relayResponse({ response }: HttpCall, upstream: ClientRequest): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      resolve();
    };
    upstream.once('error', end);
    upstream.once('response', (answer: IncomingMessage) => {
      const headers = Object.entries(answer.headers).filter(
        ([name]) => !isConnectionHeader(name) && name !== invocationIdHeader && name !== 'date',
      );
      if (!response.headersSent) response.writeHead(answer.statusCode ?? 500, Object.fromEntries(headers));
      answer.pipe(response);
      answer.once('close', () => {
        if (!answer.complete) response.destroy(); // broken off: the client must not take it for the whole
        end();
      });
    });
  });
}
