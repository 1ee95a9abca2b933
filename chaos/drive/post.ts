/** How a sender posts one message: again and again until it has an answer that means something. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../random.js';
import type { Gate } from './gate.js';

export interface PostOptions {
  readonly url: string;
  readonly token: string;
  readonly random: Random;
  readonly gate: Gate;
  /** Share of answers that are lost on the way back, and of requests whose sender hangs up. */
  readonly lossShare: number;
}

export type Outcome = 'accepted' | 'duplicate' | 'failed' | 'refused';

export interface PostResult {
  readonly outcome: Outcome;
  readonly receiptId: string | undefined;
  /** Attempts before the one that was answered. */
  readonly unanswered: number;
}

const attemptMs = 30_000;
const patienceMs = 180_000;

/** @throws Error when nothing is answered for minutes */
export async function post(options: PostOptions, feed: string, text: string): Promise<PostResult> {
  const deadline = performance.now() + patienceMs;
  for (let unanswered = 0; ; unanswered++) {
    const answer = await options.gate.pass(() => attempt(options, feed, text));
    if (answer !== undefined) return { ...answer, unanswered };
    if (performance.now() > deadline) throw new Error(`a message of ${feed} was not answered for minutes`);
    await sleep(options.random.between(20, 150) * Math.min(unanswered + 1, 10));
  }
}

/** One request; undefined when the sender learnt nothing and has to repeat it. */
async function attempt(
  { url, token, random, lossShare }: PostOptions,
  feed: string,
  text: string,
): Promise<Omit<PostResult, 'unanswered'> | undefined> {
  const isLost = random.chance(lossShare / 2);
  const hangsUpAfter = random.chance(lossShare / 2) ? random.between(2, 120) : attemptMs;
  let response: Response;
  try {
    response = await fetch(`${url}/ingest/${feed}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/hl7-v2+er7; charset=utf-8' },
      body: text,
      signal: AbortSignal.timeout(hangsUpAfter),
    });
    await response.arrayBuffer();
  } catch {
    return undefined;
  }
  return isLost ? undefined : readAnswer(response);
}

function readAnswer({ status, headers }: Response): Omit<PostResult, 'unanswered'> | undefined {
  const outcome = headers.get('x-hde-status');
  const receiptId = headers.get('x-hde-receipt') ?? undefined;
  if (outcome === 'accepted' || outcome === 'duplicate' || outcome === 'failed')
    return { outcome, receiptId };
  if (status === 401 || status === 403 || status === 404) throw new Error(`the exchange answers ${status}`);
  return status >= 400 && status < 500 && status !== 429 ? { outcome: 'refused', receiptId } : undefined;
}
