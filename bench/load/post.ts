/** Where a load goes, and what its sender sees. */
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

/** Milliseconds until the whole answer is there, and whether it is a positive one. */
export async function post(
  { url, headers }: Target,
  body: string,
): Promise<[milliseconds: number, isAccepted: boolean]> {
  const began = performance.now();
  const response = await fetch(url, { method: 'POST', headers, body });
  await response.arrayBuffer();
  return [performance.now() - began, response.status === 200];
}
