import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readAuditEvent } from '../../../src/app/audit/audit-events.js';
import { auditTrail } from '../../../src/app/audit/audit-trail.js';
import { searchTrail } from '../../../src/app/audit/search-trail.js';
import { auditEventId } from '../../../src/core/governance/audit/audit-event.js';
import { access, newWorld } from './trail-world.js';

test('every entry is read by its id in few requests, however long the blocks are', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 40 }), async (sizes) => {
      const world = newWorld();
      const trail = auditTrail({ ...world, shard: '00' });
      for (const [block, size] of sizes.entries())
        await Promise.all(
          Array.from({ length: size }, (_, at) => trail.record(access({ request: `${block}.${at}` }))),
        );
      const { entries } = await searchTrail(world, {}, { limit: 10_000 });
      let requests = 0;
      const listBlocks: typeof world.audit.listBlocks = (...asked) => {
        requests += 1;
        return world.audit.listBlocks(...asked);
      };
      const audit = { ...world.audit, listBlocks };
      for (const { key, sequence, entry } of entries) {
        requests = 0;
        const { resource } = await readAuditEvent({ audit }, auditEventId(key, sequence));
        expect(resource.entity?.at(-1)?.what?.identifier?.value).toBe(entry.request);
        expect(requests).toBeLessThanOrEqual(24);
      }
      const [last] = entries;
      const beyond = auditEventId(last?.key ?? { day: '2026-11-26', shard: '00' }, entries.length);
      await expect(readAuditEvent({ audit }, beyond)).rejects.toMatchObject({
        code: 'HDE_RESOURCE_NOT_FOUND',
      });
    }),
    { numRuns: 20 },
  );
});
