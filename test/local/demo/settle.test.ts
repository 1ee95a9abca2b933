import { describe, expect, test } from '@jest/globals';
import type { Receipt } from '../../../local/demo/exchange-client.js';
import { settleReceipts } from '../../../local/demo/settle.js';
import { createFakeClock } from './fake-clock.js';

const receipt = (id: string, status: string): Receipt => ({
  id,
  status,
  receivedAt: '2026-03-29T10:00:00.000Z',
  issues: [],
  records: [],
});

describe('settleReceipts', () => {
  test('asks again for those that are pending or not there yet, and not for those that have settled', async () => {
    const asked: string[] = [];
    const settledCounts: number[] = [];
    const settled = await settleReceipts(['a', 'b', 'c', 'a'], {
      clock: createFakeClock(),
      concurrency: 2,
      idleLimit: 60_000,
      onSettled: (count) => settledCounts.push(count),
      readReceipt: (id) => {
        asked.push(id);
        const times = asked.filter((other) => other === id).length;
        if (id === 'a') return Promise.resolve(receipt(id, 'normalised'));
        if (id === 'b') return Promise.resolve(receipt(id, times < 3 ? 'accepted' : 'failed'));
        return Promise.resolve(times < 2 ? undefined : receipt(id, 'normalised'));
      },
    });
    expect([...settled.values()].map(({ id, status }) => `${id} ${status}`).sort()).toEqual([
      'a normalised',
      'b failed',
      'c normalised',
    ]);
    expect(asked).toEqual(['a', 'b', 'c', 'b', 'c', 'b']);
    expect(settledCounts).toEqual([1, 2, 3]);
  });

  test('never reads more at once than it may', async () => {
    let running = 0;
    let most = 0;
    const ids = Array.from({ length: 30 }, (_, index) => `${index}`);
    const settled = await settleReceipts(ids, {
      clock: createFakeClock(),
      concurrency: 4,
      idleLimit: 1000,
      readReceipt: async (id) => {
        running += 1;
        most = Math.max(most, running);
        await Promise.resolve();
        running -= 1;
        return receipt(id, 'normalised');
      },
    });
    expect([settled.size, most]).toEqual([30, 4]);
  });

  test('gives up what does not settle, waiting longer between rounds that bring nothing', async () => {
    const clock = createFakeClock();
    const settled = await settleReceipts(['a', 'b'], {
      clock,
      concurrency: 2,
      idleLimit: 10_000,
      readReceipt: (id) => Promise.resolve(receipt(id, id === 'a' ? 'normalised' : 'accepted')),
    });
    expect([...settled.keys()]).toEqual(['a']);
    expect(clock.sleeps.slice(0, 6)).toEqual([100, 200, 400, 800, 1600, 2000]);
    expect(clock.now()).toBeGreaterThanOrEqual(10_000);
    expect(clock.now()).toBeLessThan(15_000);
  });
});
