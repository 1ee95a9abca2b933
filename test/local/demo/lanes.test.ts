import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createLaneSchedule, runLanes } from '../../../local/demo/lanes.js';

const itemsOf = (lanes: readonly string[]) => lanes.map((lane, sequence) => ({ lane, sequence }));
const lanes = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 40 });

describe('createLaneSchedule', () => {
  test('gives the earliest item whose lane is idle', () => {
    const schedule = createLaneSchedule(itemsOf(['a', 'a', 'b']));
    const first = schedule.take()!;
    expect(first.sequence).toBe(0);
    expect(schedule.take()?.sequence).toBe(2);
    expect(schedule.take()).toBeUndefined();
    schedule.release(first);
    expect(schedule.take()?.sequence).toBe(1);
  });
});

describe('runLanes', () => {
  test('ends at once when there is nothing to do', async () => {
    await expect(runLanes([], 4, () => Promise.reject(new Error('called')))).resolves.toBeUndefined();
  });

  test('works on each item once, in order within its lane, never two of a lane or too many at once', async () => {
    await fc.assert(
      fc.asyncProperty(
        lanes,
        fc.integer({ min: 1, max: 5 }),
        fc.infiniteStream(fc.nat(3)),
        async (names, limit, delays) => {
          const done: { lane: string; sequence: number }[] = [];
          const busy = new Set<string>();
          let most = 0;
          await runLanes(itemsOf(names), limit, async (item) => {
            expect(busy.has(item.lane)).toBe(false);
            busy.add(item.lane);
            most = Math.max(most, busy.size);
            const turns = delays.next().value ?? 0;
            for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
            busy.delete(item.lane);
            done.push(item);
          });
          expect(most).toBeLessThanOrEqual(limit);
          expect(done).toHaveLength(names.length);
          for (const lane of new Set(names)) {
            const order = done.filter((item) => item.lane === lane).map(({ sequence }) => sequence);
            expect(order).toEqual([...order].sort((left, right) => left - right));
          }
        },
      ),
    );
  });

  test('works on different lanes at the same time', async () => {
    const begun: string[] = [];
    let release: () => void = () => undefined;
    const both = new Promise<void>((resolve) => {
      release = resolve;
    });
    await runLanes(itemsOf(['a', 'b']), 2, async ({ lane }) => {
      begun.push(lane);
      if (begun.length === 2) release();
      await both;
    });
    expect(begun).toEqual(['a', 'b']);
  });

  test('begins nothing new after a failure, and throws it when the rest has ended', async () => {
    const begun: number[] = [];
    const run = runLanes(itemsOf(['a', 'a', 'b', 'c']), 2, async ({ sequence }) => {
      begun.push(sequence);
      await Promise.resolve();
      if (sequence === 0) throw new Error('refused');
    });
    await expect(run).rejects.toThrow('refused');
    expect(begun).toEqual([0, 2]);
  });
});
