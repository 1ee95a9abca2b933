import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createProgress, renderProgress } from '../../../local/demo/progress.js';

describe('renderProgress', () => {
  test('shows a bar, a count, the share and the speed', () => {
    expect(renderProgress({ label: 'sending', done: 386, total: 772, elapsed: 4000 })).toBe(
      `sending ${'█'.repeat(15)}${'░'.repeat(15)}  386/772   50 %  96.5/s`,
    );
  });

  test('is full when there is nothing to do', () => {
    expect(renderProgress({ label: 'x', done: 0, total: 0, elapsed: 0 })).toContain('100 %');
  });

  test('never is wider than the terminal', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.nat(5000),
        fc.nat(5000),
        fc.nat(1e6),
        (columns, a, b, elapsed) => {
          const state = { label: 'settling', done: Math.min(a, b), total: Math.max(a, b), elapsed };
          expect(renderProgress(state, columns).length).toBeLessThanOrEqual(columns);
        },
      ),
    );
  });
});

describe('createProgress', () => {
  const play = (isTTY: boolean): string => {
    let text = '';
    let now = 0;
    const output = { isTTY, columns: 80, write: (part: string) => (text += part) };
    const progress = createProgress(output, 'sending', 100, () => (now += 20));
    for (let done = 1; done <= 100; done += 1) progress.update(done);
    progress.finish();
    return text;
  };

  test('prints a line for every tenth where there is no terminal', () => {
    const lines = play(false).trimEnd().split('\n');
    expect(lines).toHaveLength(10);
    expect(lines[9]).toContain('100/100  100 %');
    expect(play(false)).not.toContain('\u001B');
  });

  test('redraws one line on a terminal, not at every step, and leaves the last state standing', () => {
    const text = play(true);
    const frames = text.split('\r\u001B[K').slice(1);
    expect(frames.length).toBeGreaterThan(5);
    expect(frames.length).toBeLessThan(60);
    expect(text.match(/\n/g)).toHaveLength(1);
    expect(frames.at(-1)).toMatch(/100\/100 {2}100 %.*\n$/);
  });
});
