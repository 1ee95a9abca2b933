import { describe, expect, test } from '@jest/globals';
import { createTurns } from '../../src/app/in-turn.js';

/** A task that ends when it is told to, and says when it begins. */
function aTask(name: string, begun: string[]) {
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const run = async () => {
    begun.push(name);
    await ended;
    return name;
  };
  return { run, end };
}

const settle = async () => {
  for (let count = 0; count < 20; count++) await Promise.resolve();
};

describe('tasks in turn', () => {
  test('of one key run one after the other, in their order', async () => {
    const inTurn = createTurns();
    const begun: string[] = [];
    const [first, second, third] = [aTask('1', begun), aTask('2', begun), aTask('3', begun)];
    const results = [inTurn(['k'], first.run), inTurn(['k'], second.run), inTurn(['k'], third.run)];
    await settle();
    expect(begun).toEqual(['1']);
    third.end();
    first.end();
    await settle();
    expect(begun).toEqual(['1', '2']);
    second.end();
    expect(await Promise.all(results)).toEqual(['1', '2', '3']);
  });

  test('of different keys do not wait for each other', async () => {
    const inTurn = createTurns();
    const begun: string[] = [];
    const [first, second] = [aTask('1', begun), aTask('2', begun)];
    const results = [inTurn(['a'], first.run), inTurn(['b'], second.run)];
    await settle();
    expect(begun).toEqual(['1', '2']);
    first.end();
    second.end();
    await Promise.all(results);
  });

  test('of several keys in opposite order end', async () => {
    const inTurn = createTurns();
    const begun: string[] = [];
    const [first, second] = [aTask('1', begun), aTask('2', begun)];
    const results = [inTurn(['a', 'b'], first.run), inTurn(['b', 'a'], second.run)];
    await settle();
    expect(begun).toEqual(['1']);
    first.end();
    second.end();
    expect(await Promise.all(results)).toEqual(['1', '2']);
  });

  test('go on after one that failed', async () => {
    const inTurn = createTurns();
    const failed = inTurn(['k'], () => Promise.reject(new Error('no')));
    const next = inTurn(['k'], () => Promise.resolve('yes'));
    await expect(failed).rejects.toThrow('no');
    expect(await next).toBe('yes');
  });
});
