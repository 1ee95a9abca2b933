/**
 * A network that fails, between the Functions host and a store that speaks HTTP: requests are refused, time out, or
 * lose their answer after the store has done what they asked for.
 */
import {
  Agent,
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Random } from '../random.js';

export type HttpFault = 'throttled' | 'unavailable' | 'stalled' | 'answer-cut' | 'silent';

/** What stands between the host and a store. */
export interface FaultyLink {
  readonly port: number;
  /** Requests or connections while there were faults, and these by kind. */
  readonly counts: Readonly<Record<string, number>>;
  /** From now on the client hears nothing more: whatever the store does was never acknowledged. */
  freeze(): void;
  thaw(): void;
  /** Ends the faults. */
  calm(): void;
  close(): Promise<void>;
}

export interface HttpProxyOptions {
  readonly port: number;
  readonly target: number;
  readonly random: Random;
  /** Share of requests that meet a fault. */
  readonly faultShare: number;
  /** The store's own words for "too many requests" and "not now". */
  refuse(fault: 'throttled' | 'unavailable', random: Random): Refusal;
  /** Which fault a request meets that meets one; default: any, some more often than others. */
  readonly choose?: (random: Random, request: IncomingMessage) => HttpFault | undefined;
}

/** A link to a store that speaks HTTP. */
export interface HttpLink extends FaultyLink {
  /** The most requests that were under way at once. */
  readonly mostInFlight: number;
  /** From now on this share of requests meets a fault. */
  setFaultShare(share: number): void;
}

export interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface State {
  frozen: boolean;
  share: number;
  inFlight: number;
  mostInFlight: number;
  readonly counts: Record<string, number>;
}

/** Starts the proxy on 127.0.0.1. */
export async function startHttpProxy(options: HttpProxyOptions): Promise<HttpLink> {
  const counts = { requests: 0 };
  const state: State = { frozen: false, share: options.faultShare, inFlight: 0, mostInFlight: 0, counts };
  const agent = new Agent({ keepAlive: true, maxSockets: 128 });
  const server = createServer((request, response) => {
    response.on('error', () => undefined);
    state.inFlight += 1;
    state.mostInFlight = Math.max(state.mostInFlight, state.inFlight);
    response.once('close', () => {
      state.inFlight -= 1;
    });
    void pass(options, state, agent, request, response).catch(() => {
      request.socket.destroy();
    });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    counts: state.counts,
    get mostInFlight() {
      return state.mostInFlight;
    },
    setFaultShare: (share) => {
      state.share = share;
    },
    freeze: () => {
      state.frozen = true;
    },
    thaw: () => {
      state.frozen = false;
    },
    calm: () => {
      state.share = 0;
    },
    close: () =>
      new Promise((resolve) => {
        agent.destroy();
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

async function pass(
  options: HttpProxyOptions,
  state: State,
  agent: Agent,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { random } = options;
  const body = await bodyOf(request);
  const { choose = chooseFault } = options;
  const fault = random.chance(state.share) ? choose(random, request) : undefined;
  if (state.share > 0) count(state, 'requests');
  if (fault !== undefined) count(state, fault);
  if (fault === 'throttled' || fault === 'unavailable') {
    const refusal = options.refuse(fault, random);
    response.writeHead(refusal.status, {
      ...refusal.headers,
      'content-length': Buffer.byteLength(refusal.body),
    });
    response.end(refusal.body);
    return;
  }
  // Nobody hears of it again, until the client hangs up.
  if (fault === 'silent') return;
  if (fault === 'stalled') {
    await new Promise((resolve) => setTimeout(resolve, stallMs(random)));
    request.socket.destroy();
    return;
  }
  const answer = await forward(options.target, agent, request, body);
  if (fault === 'answer-cut' || state.frozen) {
    request.socket.destroy();
    return;
  }
  response.writeHead(answer.status, answer.headers);
  response.end(answer.body);
}

/**
 * How long a request stalls, in milliseconds: 340 on average. Half of the stalls end within 140, since each takes up one of
 * the few requests that a host dares under so many faults; one in ten is longer than a second, for what overtakes it.
 */
export const stallMs = (random: Random): number => 50 + 1450 * random.next() ** 4;

/** More often what a client can repeat by itself than what it must leave to others. */
function chooseFault(random: Random): HttpFault {
  const chance = random.next();
  if (chance < 0.5) return 'throttled';
  if (chance < 0.7) return 'unavailable';
  return chance < 0.8 ? 'stalled' : 'answer-cut';
}

function count({ counts }: State, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

async function bodyOf(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** The whole answer of the store; rejects when it is down or dies meanwhile. */
function forward(
  port: number,
  agent: Agent,
  { method, url, headers }: IncomingMessage,
  body: Buffer,
): Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const onward = httpRequest({ host: '127.0.0.1', port, agent, method, path: url, headers }, (answer) => {
      bodyOf(answer).then((content) => {
        resolve({ status: answer.statusCode ?? 502, headers: answer.headers, body: content });
      }, reject);
    });
    onward.once('error', reject);
    onward.end(body);
  });
}
