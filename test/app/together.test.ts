import { expect, test } from '@jest/globals';
import { onceAllEnded, together, whenKnown } from '../../src/app/together.js';

test('values that are known are together at once, others once all are known', async () => {
  expect(together([1, 'a'])).toEqual([1, 'a']);
  const later = together([1, Promise.resolve('a')]);
  expect(later).toBeInstanceOf(Promise);
  expect(await later).toEqual([1, 'a']);
});

test('what follows from a value follows at once where it is known, else once it is', async () => {
  const next = (n: number) => n + 1;
  expect(whenKnown(1, next)).toBe(2);
  const later = whenKnown(Promise.resolve(1), next);
  expect(later).toBeInstanceOf(Promise);
  expect(await later).toBe(2);
  await expect(whenKnown(Promise.reject<number>(new Error('lost')), next)).rejects.toThrow('lost');
});

test('what fails is told once all have ended, the first in their order', async () => {
  const ended: string[] = [];
  const work = async (name: string, turns: number, fails = false) => {
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    ended.push(name);
    if (fails) throw new Error(name);
    return name;
  };
  expect(await onceAllEnded([work('a', 2), work('b', 1)])).toEqual(['a', 'b']);
  const failing = onceAllEnded([work('c', 9), work('d', 5, true), work('e', 1, true)]);
  await expect(failing).rejects.toThrow('d');
  expect(ended).toEqual(['b', 'a', 'e', 'd', 'c']);
});
