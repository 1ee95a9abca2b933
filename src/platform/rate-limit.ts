/**
 * How many requests one client may make of this process: a token bucket each, which holds a minute's worth. It keeps one
 * client from taking the turns of all others; what a client may do to all processes together is for a gateway to limit.
 */
import { isIPv4, isIPv6 } from 'node:net';
import { ExchangeError } from '../core/errors.js';

/** Counts requests by client. */
export interface RateLimiter {
  /** @throws ExchangeError HDE_RATE_LIMITED that says when the next one may come */
  demand(client: string): void;
}

/** Those whose token says who they are, and strangers by the network they come from: neither uses up what is the other's. */
export interface RateLimits {
  readonly clients: RateLimiter;
  readonly strangers: RateLimiter;
}

/** Clients that are remembered; who was not heard of for longest begins with a full bucket again. */
const mostClients = 10_000;

/** @param now a time in milliseconds that never goes back */
export const createRateLimits = (perMinute: number, now: () => number): RateLimits => ({
  clients: createRateLimiter(perMinute, now),
  strangers: createRateLimiter(perMinute, now),
});

/** @param now a time in milliseconds that never goes back */
export function createRateLimiter(perMinute: number, now: () => number, most = mostClients): RateLimiter {
  const perMs = perMinute / 60_000;
  /** The oldest first. */
  const buckets = new Map<string, { readonly left: number; readonly at: number }>();
  return {
    demand(client) {
      const at = now();
      const bucket = buckets.get(client);
      const filled =
        bucket === undefined ? perMinute : Math.min(perMinute, bucket.left + (at - bucket.at) * perMs);
      const isIn = filled >= 1;
      buckets.delete(client);
      buckets.set(client, { left: isIn ? filled - 1 : filled, at });
      if (buckets.size > most) forgetOldest(buckets);
      if (isIn) return;
      const retryAfterSeconds = Math.ceil((1 - filled) / perMs / 1000);
      throw new ExchangeError('HDE_RATE_LIMITED', {
        detail: `at most ${perMinute} requests a minute`,
        retryAfterSeconds,
      });
    },
  };
}

function forgetOldest(buckets: Map<string, unknown>): void {
  for (const client of buckets.keys()) {
    buckets.delete(client);
    return;
  }
}

/**
 * The network that a request came from: /24 of IPv4, /64 of IPv6, which one subscriber has whole. Only what the last proxy
 * says of it counts, for anybody can write the rest of the header; undefined where nothing is known.
 *
 * @param forwarded the header X-Forwarded-For, whose addresses may have ports as Azure writes them
 */
export function networkOf(forwarded: string | null): string | undefined {
  const last = forwarded?.split(',').at(-1)?.trim() ?? '';
  const host = /^\[([^\]]*)\](?::\d+)?$/.exec(last)?.[1] ?? last.replace(/^([\d.]+):\d+$/, '$1');
  const mapped = host.replace(/^::ffff:(?=[\d.]+$)/i, '');
  if (isIPv4(mapped)) return mapped.slice(0, mapped.lastIndexOf('.'));
  return isIPv6(host) ? firstGroups(host, 4) : undefined;
}

function firstGroups(address: string, count: number): string {
  const [head = '', tail] = address.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const behind = tail === undefined ? [] : groups(tail);
  const zeros = Array<string>(Math.max(0, 8 - groups(head).length - behind.length)).fill('0');
  return [...groups(head), ...zeros, ...behind].slice(0, count).join(':').toLowerCase();
}
