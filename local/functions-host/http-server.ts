import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerBuffered } from './http-buffered.js';
import type { StreamForwarder } from './http-streamed.js';
import { createRouter, hasKey, sendStatus, toHeaders, toUrl } from './http-trigger.js';
import type { HttpFunction } from './http-trigger.js';
import type { Invoker } from './invocation.js';
import { describeFailure } from './log.js';
import type { Log } from './log.js';
import { Activity } from './trigger.js';

/** What the HTTP front of the host needs. */
export type HttpFrontOptions = {
  readonly functions: readonly HttpFunction[];
  readonly invoker: Invoker;
  /** Set when the app streams. */
  readonly forwarder: StreamForwarder | undefined;
  /** Keys that open functions whose level is not anonymous; undefined = all are open, as with `func start`. */
  readonly keys: readonly string[] | undefined;
  readonly maxOutstandingRequests: number;
  /** Runs a function that is not HTTP triggered, by hand; false when there is none of that name. */
  readonly runManually: (name: string, input: string | undefined) => boolean;
  readonly log: Log;
};

const manualRoute = /^\/admin\/functions\/([\w-]+)\/?$/i;

/** Connections are kept a little longer than clients and proxies usually keep theirs, so that it is they who close. */
const keepAliveTimeout = 75_000;

/** The HTTP side of the host: 127.0.0.1 only. */
export class HttpFront {
  readonly #options: HttpFrontOptions;
  readonly #route: ReturnType<typeof createRouter>;
  readonly #activity = new Activity();
  readonly #server: Server;
  #outstanding = 0;
  #isStopping = false;

  constructor(options: HttpFrontOptions) {
    this.#options = options;
    this.#route = createRouter(options.functions);
    this.#server = createServer({ keepAliveTimeout }, (request, response) => {
      void this.#activity.track(() => this.#answer(request, response));
    });
  }

  /**
   * Opens the port (0 = any free one).
   *
   * @returns the URL without a path
   * @throws Error when the port is taken
   */
  async listen(port: number): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', resolve);
    });
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Takes no new requests and resolves when those that are running have been answered. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#server.close();
    await this.#activity.idle();
  }

  /** Cuts the connections that are left. */
  dispose(): void {
    this.#options.forwarder?.close();
    this.#server.closeAllConnections();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined); // the client has gone; its 'close' event tells those who care
    const limit = this.#options.maxOutstandingRequests;
    if (this.#isStopping) response.setHeader('connection', 'close');
    if (this.#isStopping || (limit >= 0 && this.#outstanding >= limit)) {
      sendStatus(response, this.#isStopping ? 503 : 429);
      return;
    }
    this.#outstanding += 1;
    try {
      await this.#dispatch(request, response);
    } catch (error) {
      this.#options.log({ level: 'error', category: 'Host.Http', message: describeFailure(error) });
      sendStatus(response, 500);
    } finally {
      this.#outstanding -= 1;
    }
  }

  async #dispatch(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = toUrl(request);
    if (!url) {
      sendStatus(response, 400);
      return;
    }
    const method = request.method ?? 'GET';
    const { keys, forwarder, invoker } = this.#options;
    // The host's own addresses are no functions', not even those of one that takes whatever is left.
    const found = manualRoute.test(url.pathname) ? undefined : this.#route(method, url.pathname);
    if (!found) {
      await this.#answerForHost(method, url, request, response);
      return;
    }
    const { target, needsKey } = found.match;
    if (needsKey && keys && !hasKey(request, url, keys)) {
      sendStatus(response, 401);
      return;
    }
    const call = { target, request, response, url, headers: toHeaders(request), params: found.params };
    if (forwarder) await forwarder.answer(invoker, call);
    else await answerBuffered(invoker, call);
  }

  /** What is no function: the start page, running a function by hand, or nothing. Also a wrong method is 404 in the real host. */
  async #answerForHost(
    method: string,
    url: URL,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const [, name] = manualRoute.exec(url.pathname) ?? [];
    if (method === 'GET' && url.pathname === '/') {
      response
        .setHeader('content-type', 'text/plain; charset=utf-8')
        .end('The local Functions host is running.\n');
    } else if (method === 'POST' && name !== undefined) {
      sendStatus(response, await this.#startManually(name, url, request));
    } else {
      sendStatus(response, 404);
    }
  }

  async #startManually(name: string, url: URL, request: IncomingMessage): Promise<number> {
    const { keys, runManually } = this.#options;
    if (keys && !hasKey(request, url, keys)) return 401;
    const input = await readManualInput(request);
    if (input === 'invalid') return 400;
    return runManually(name, input.input) ? 202 : 404;
  }
}

const maxManualInput = 1024 * 1024;

/** The body of `POST /admin/functions/{name}`: `{"input":"..."}`, or nothing. */
async function readManualInput(request: IncomingMessage): Promise<{ input: string | undefined } | 'invalid'> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxManualInput) return 'invalid';
    chunks.push(chunk);
  }
  if (length === 0) return { input: undefined };
  try {
    const { input } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { input?: unknown };
    if (input === undefined || typeof input === 'string') return { input };
  } catch {
    // answered below
  }
  return 'invalid';
}
