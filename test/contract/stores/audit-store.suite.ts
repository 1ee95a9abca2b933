/** The rules of `AuditStore`, run against every implementation. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { appendEntries, openChain, sealChain } from '../../../src/core/governance/audit/chain.js';
import type { AuditEntry } from '../../../src/core/governance/audit/entry.js';
import type { AuditStore, StoredChain } from '../../../src/ports/audit-store.js';
import { access } from '../../app/audit/trail-world.js';

export interface OpenedAuditStore {
  readonly store: AuditStore;
  close(): Promise<void>;
}

export function describeAuditStore(name: string, openStore: () => Promise<OpenedAuditStore>): void {
  describe(`the audit store on ${name}`, () => {
    let opened: OpenedAuditStore;
    let store: AuditStore;
    beforeAll(async () => {
      opened = await openStore();
      store = opened.store;
    });
    afterAll(() => opened.close());

    const opening = async (shard: string, day = '2026-11-26'): Promise<StoredChain> =>
      (await store.open(openChain(shard, day)))!;
    const add = async (
      { chain, etag }: StoredChain,
      entries: readonly AuditEntry[],
    ): Promise<StoredChain> => {
      const extended = appendEntries(chain, entries);
      return (await store.extend(extended.chain, etag, extended.block))!;
    };

    test('opens a chain once', async () => {
      expect(await store.findLatest('a')).toBeUndefined();
      const opened = await Promise.all(
        Array.from({ length: 20 }, () => store.open(openChain('a', '2026-11-26'))),
      );
      expect(opened.filter((each) => each !== undefined)).toHaveLength(1);
      const latest = await store.findLatest('a');
      expect(latest?.chain).toEqual(openChain('a', '2026-11-26'));
      expect(await store.read({ shard: 'a', day: '2026-11-26' })).toEqual(latest);
      expect(await store.read({ shard: 'a', day: '2026-11-27' })).toBeUndefined();
    });

    test('adds a block and the end of its chain together, and gives both back as they were', async () => {
      const start = await opening('b');
      const entries = [access({ purpose: 'TREAT', organisation: 'R0A', trace: 'f'.repeat(32) }), access()];
      const { chain, block } = appendEntries(start.chain, entries);
      const extended = await store.extend(chain, start.etag, block);
      expect(extended?.chain).toEqual(chain);
      expect(await store.read(chain)).toEqual(extended);
      const [stored] = await store.listBlocks(chain, 0, 10);
      expect(stored?.entries).toEqual(block.entries);
      expect(stored?.key).toEqual({ shard: 'b', day: '2026-11-26' });
    });

    test('forks no chain: of those who add to one end exactly one succeeds, and the others leave nothing', async () => {
      const start = await opening('c');
      const all = Array.from({ length: 20 }, (_, n) =>
        appendEntries(start.chain, [access({ request: `r${n}` })]),
      );
      const done = await Promise.all(all.map(({ chain, block }) => store.extend(chain, start.etag, block)));
      const won = done.filter((each) => each !== undefined);
      expect(won).toHaveLength(1);
      const blocks = await store.listBlocks(start.chain, 0, 100);
      expect(blocks.map(({ entries }) => entries[0]?.hash)).toEqual([won[0]?.chain.hash]);
    });

    test('adds nothing to a chain that was sealed, and finds the one that goes on', async () => {
      const start = await add(await opening('d', '2026-11-25'), [access()]);
      const { sealed, next } = sealChain(start.chain, '2026-11-26');
      expect((await store.extend(sealed, start.etag))?.chain).toEqual(sealed);
      const late = appendEntries(start.chain, [access()]);
      expect(await store.extend(late.chain, start.etag, late.block)).toBeUndefined();
      await store.open(next);
      expect((await store.findLatest('d'))?.chain).toEqual(next);
    });

    test('lists chains by shard and day, and the blocks of one in their order', async () => {
      for (const shard of ['f', 'e'])
        for (const day of ['2025-01-02', '2025-01-01']) await opening(shard, day);
      const range = { from: '2025-01-01', to: '2025-12-31' };
      const seen: string[] = [];
      for (let chain = await store.firstChain(range); chain !== undefined;) {
        seen.push(`${chain.shard} ${chain.day}`);
        chain = await store.firstChain({ ...range, after: chain });
      }
      expect(seen).toEqual(['e 2025-01-01', 'e 2025-01-02', 'f 2025-01-01', 'f 2025-01-02']);
      let last = await opening('g');
      for (let n = 0; n < 12; n++) last = await add(last, [access(), access()]);
      const firstOf = async (from: number, limit: number) =>
        (await store.listBlocks(last.chain, from, limit)).map(({ index }) => index.first);
      expect(await firstOf(0, 3)).toEqual([0, 2, 4]);
      expect(await firstOf(5, 3)).toEqual([6, 8, 10]);
      expect(await firstOf(22, 3)).toEqual([22]);
    });

    test('finds blocks by patient, subject, outcome and time, the newest first, page by page', async () => {
      let last = await opening('h');
      const at = (hour: number) => `2024-05-01T${String(hour).padStart(2, '0')}:00:00.000Z`;
      for (let hour = 0; hour < 6; hour++)
        last = await add(last, [
          access({ at: at(hour), patients: ['q1', `q${hour}`], subject: `s${hour % 2}` }),
          access({ at: at(hour), patients: [], outcome: hour === 4 ? 'refused' : 'done', subject: 'other' }),
        ]);
      const hours = async (search: Parameters<AuditStore['search']>[0], limit = 10) => {
        const found: string[] = [];
        for (let page = await store.search(search, { limit }); ;) {
          found.push(...page.blocks.map(({ index }) => index.earliest.slice(11, 13)));
          if (page.continuation === undefined) return found.join(' ');
          page = await store.search(search, { limit, continuation: page.continuation });
        }
      };
      expect(await hours({ patients: ['q1'] })).toBe('05 04 03 02 01 00');
      expect(await hours({ patients: ['q1'] }, 1)).toBe('05 04 03 02 01 00');
      expect(await hours({ patients: ['q2', 'q5'] })).toBe('05 02');
      expect(await hours({ patients: [] })).toBe('');
      expect(await hours({ patients: ['q1'], subject: 's1' }, 2)).toBe('05 03 01');
      expect(await hours({ patients: ['q1'], from: at(2), to: at(4) })).toBe('03 02');
      expect(await hours({ subject: 'other', outcome: 'refused' })).toBe('04');
    });
  });
}
