import { expect, test } from '@jest/globals';
import { auditTrail } from '../../../src/app/audit/audit-trail.js';
import { searchTrail } from '../../../src/app/audit/search-trail.js';
import type { AuditSearch } from '../../../src/core/governance/audit/block-index.js';
import { access, newWorld, type World } from './trail-world.js';

async function requests(world: World, search: AuditSearch, limit: number): Promise<string> {
  const found: string[] = [];
  for (let page = await searchTrail(world, search, { limit }); ;) {
    expect(page.entries.length).toBeLessThanOrEqual(limit);
    found.push(...page.entries.map(({ entry }) => entry.request));
    if (page.continuation === undefined) return found.join(' ');
    page = await searchTrail(world, search, { limit, continuation: page.continuation });
  }
}

test('says who saw a patient, page by page, the newest first', async () => {
  const world = newWorld();
  const trail = auditTrail({ ...world, shard: '00' });
  for (let block = 0; block < 30; block++) {
    const at = `2026-11-26T10:00:${String(block).padStart(2, '0')}.000Z`;
    const one = (n: number) =>
      trail.record(
        access({ at, request: `${block}.${n}`, patients: [`p${n % 2}`], subject: `s${block % 2}` }),
      );
    await Promise.all([0, 1, 2, 3].map(one));
  }
  const all = Array.from({ length: 30 }, (_, n) => `${29 - n}.3 ${29 - n}.1`).join(' ');
  for (const limit of [1, 7, 1000]) expect(await requests(world, { patients: ['p1'] }, limit)).toBe(all);
  const narrowed = { patients: ['p1'], subject: 's1', from: '2026-11-26T10:00:26.000Z' };
  expect(await requests(world, narrowed, 3)).toBe('29.3 29.1 27.3 27.1');
  expect(await requests(world, { patients: ['nobody'] }, 5)).toBe('');
});

test('refuses a continuation that is none', async () => {
  await expect(searchTrail(newWorld(), {}, { limit: 1, continuation: 'eA' })).rejects.toMatchObject({
    code: 'HDE_SEARCH_PARAMETER',
  });
});
