import { expect, test } from '@jest/globals';
import { together, whenKnown } from '../../src/app/together.js';

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
