/** A trail in memory, and what is verified of it. */
import { createMemoryAuditStore } from '../../../src/adapters/memory/audit-store.js';
import { readTrail, type TrailRange } from '../../../src/app/audit/read-trail.js';
import type { AuditEntry } from '../../../src/core/governance/audit/entry.js';
import { readLine, writeLine } from '../../../src/core/governance/audit/lines.js';
import { TrailVerifier, type Verdict } from '../../../src/core/governance/audit/verify-trail.js';
import type { AuditStore } from '../../../src/ports/audit-store.js';
import type { Clock } from '../../../src/ports/clock.js';

export const access = (changes: Partial<AuditEntry> = {}): AuditEntry => ({
  at: '2026-11-26T10:00:00.000Z',
  interaction: 'read',
  outcome: 'done',
  patients: ['p1'],
  reason: 'role-reader',
  records: ['Observation/p1.o1'],
  request: 'r1',
  subject: 'ward-app',
  ...changes,
});

export interface World {
  readonly audit: AuditStore;
  readonly clock: Clock;
  /** ISO instant that the clock shows. */
  now: string;
}

export function newWorld(): World {
  const world = {
    audit: createMemoryAuditStore(),
    now: '2026-11-26T10:00:00.000Z',
    clock: { now: () => new Date(world.now) },
  };
  return world;
}

/** Reads the trail page by page, as text and back, and verifies it. */
export async function verifyAll(
  world: Pick<World, 'audit' | 'clock'>,
  range: TrailRange = {},
): Promise<Verdict> {
  const verifier = new TrailVerifier();
  for (let page = await readTrail(world, range); ;) {
    page.faults.forEach(verifier.report);
    for (const line of page.lines) verifier.take(readLine(writeLine(line)));
    if (page.continuation === undefined) return verifier.finish();
    page = await readTrail(world, range, page.continuation);
  }
}
