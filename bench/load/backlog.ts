/** What waits on the inbound queue of a local stack. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Stack } from '../../local/stack/stack.js';

const drainMs = 600_000;

/** Messages that are accepted and not finished. */
export async function countWaiting({ ports }: Pick<Stack, 'ports'>): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${ports.serviceBusHealth}/queues`);
  const counts = (await response.json()) as Record<string, { active?: number; locked?: number } | undefined>;
  const { active = 0, locked = 0 } = counts['inbound'] ?? {};
  return active + locked;
}

/** Waits until all accepted messages are finished. */
export async function untilDrained(stack: Pick<Stack, 'ports'>): Promise<void> {
  const deadline = performance.now() + drainMs;
  while ((await countWaiting(stack)) > 0) {
    if (performance.now() > deadline) throw new Error('the queue does not drain');
    await sleep(200);
  }
}
