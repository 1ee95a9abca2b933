/** Where a load goes, and what its sender sees. */
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { mintDevelopmentToken } from '../../local/development-issuer.js';
import type { Stack } from '../../local/stack/stack.js';

export interface Target {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The feed of the sample hospital, whose messages all loads send. */
export const feed = 'rzz-tie';

/** Ingestion of a stack, for a sender of the sample feed. */
export async function targetOf({ url }: Pick<Stack, 'url'>, stateDir: string): Promise<Target> {
  const token = await mintDevelopmentToken({ roles: ['sender'], feeds: [feed] }, { stateDir });
  return {
    url: `${url}/ingest/${feed}`,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/hl7-v2+er7; charset=utf-8' },
  };
}

/** A sender has few connections and keeps them, as an integration engine does: what comes meanwhile waits for one. */
const agent = new Agent({ keepAlive: true, maxSockets: 64 });

/** Milliseconds until the whole answer is there, the wait for a connection included, and whether it is a positive one. */
export async function post(
  target: Target,
  body: string,
): Promise<[milliseconds: number, isAccepted: boolean]> {
  const began = performance.now();
  const { status } = await send(target, body);
  return [performance.now() - began, status === 200];
}

const mostAttempts = 10;

/**
 * The same as a sender does who loses nothing: an answer that asks to come again (429, 503), or none at all, is followed
 * by another attempt when it says, or after a second.
 *
 * @returns how many attempts it took, too
 */
export async function postUntilAccepted(
  target: Target,
  body: string,
): Promise<{ readonly milliseconds: number; readonly isAccepted: boolean; readonly attempts: number }> {
  const began = performance.now();
  for (let attempts = 1; ; attempts++) {
    const { status, retryAfter } = await send(target, body).catch(() => ({ status: 503, retryAfter: 1 }));
    const isToCome = (status === 429 || status === 503) && attempts < mostAttempts;
    if (!isToCome) return { milliseconds: performance.now() - began, isAccepted: status === 200, attempts };
    await sleep(retryAfter * 1000);
  }
}

/** @returns the status, and the seconds after which to come again (RFC 9110 section 10.2.3) */
function send({ url, headers }: Target, body: string): Promise<{ status: number; retryAfter: number }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', headers, agent }, (response) => {
      response.resume();
      response.on('end', () => {
        const retryAfter = Number(response.headers['retry-after'] ?? 1);
        resolve({ status: response.statusCode ?? 0, retryAfter: Number.isNaN(retryAfter) ? 1 : retryAfter });
      });
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
