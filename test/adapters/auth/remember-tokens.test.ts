import { describe, expect, test } from '@jest/globals';
import { rememberTokens } from '../../../src/adapters/auth/remember-tokens.js';
import { aPrincipal } from '../../support/principals.js';

const verified = { principal: aPrincipal(['reader']), demand: undefined };

/** A verifier that counts, with a clock that is set. */
function arrange(expiresAt: number) {
  const asked: string[] = [];
  const clock = { now: 0 };
  const verify = rememberTokens(
    (token) => {
      asked.push(token);
      return token === 'bad'
        ? Promise.reject(new Error('refused'))
        : Promise.resolve({ ...verified, expiresAt });
    },
    () => clock.now,
  );
  return { asked, clock, verify };
}

describe('a token that was found good', () => {
  test('is not verified again for a minute, and then is', async () => {
    const { asked, clock, verify } = arrange(1e9);
    for (const now of [0, 59_999, 60_000]) {
      clock.now = now;
      expect(await verify('a')).toMatchObject(verified);
    }
    expect(asked).toEqual(['a', 'a']);
  });

  test('is verified again from the moment that it expires', async () => {
    const { asked, clock, verify } = arrange(1_000);
    await verify('a');
    clock.now = 999;
    await verify('a');
    expect(asked).toEqual(['a']);
    clock.now = 1_000;
    await verify('a');
    expect(asked).toEqual(['a', 'a']);
  });

  test('speaks for itself alone', async () => {
    const { asked, verify } = arrange(1e9);
    await verify('a');
    await verify('b');
    expect(asked).toEqual(['a', 'b']);
  });
});

test('a token that is refused is verified each time', async () => {
  const { asked, verify } = arrange(1e9);
  for (let attempt = 0; attempt < 2; attempt++) await expect(verify('bad')).rejects.toThrow('refused');
  expect(asked).toEqual(['bad', 'bad']);
});

test('what is remembered no longer makes room, so that other tokens stay remembered', async () => {
  const { asked, clock, verify } = arrange(1e9);
  for (let n = 1; n < 1_000; n++) await verify(`t${n}`);
  clock.now = 30_000;
  await verify('later');
  clock.now = 60_000;
  await verify('new');
  await verify('later');
  expect(asked.filter((token) => token === 'later')).toHaveLength(1);
});

test('many tokens do not fill the memory: they are verified anew', async () => {
  const { asked, verify } = arrange(1e9);
  for (let n = 0; n <= 1_000; n++) await verify(`t${n}`);
  await verify('t0');
  expect(asked.filter((token) => token === 't0')).toHaveLength(2);
});
