import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { acceptsGzip, compressAnswer } from '../../src/platform/compress.js';

const body = 'a record '.repeat(200);

describe('an answer is compressed', () => {
  test('for a client that takes it', async () => {
    const answer = await compressAnswer({ status: 200, headers: { vary: 'Accept' }, body }, 'br, gzip');
    expect(answer).toMatchObject({ status: 200, headers: { vary: 'Accept', 'content-encoding': 'gzip' } });
    expect(gunzipSync(answer.body as Uint8Array).toString()).toBe(body);
  });

  test.each([
    ['the client does not take it', { body }, 'br'],
    ['the client says nothing', { body }, null],
    ['it is short', { body: 'a'.repeat(1024) }, 'gzip'],
    ['it has no body', { headers: {} }, 'gzip'],
    ['it was done before', { headers: { 'content-encoding': 'gzip' }, body }, 'gzip'],
  ])('but not where %s', async (_, answer, accepted) => {
    expect(await compressAnswer(answer, accepted)).toBe(answer);
  });

  test('only once', async () => {
    const once = await compressAnswer({ body }, 'gzip');
    expect(await compressAnswer(once, 'gzip')).toBe(once);
  });
});

describe('Accept-Encoding', () => {
  test.each(['gzip', 'GZIP;q=0.5', 'x-gzip', '*', 'br;q=1, *;q=0.1', 'identity;q=0, gzip'])(
    'takes gzip: %s',
    (value) => {
      expect(acceptsGzip(value)).toBe(true);
    },
  );

  test.each([undefined, null, '', 'br', 'identity', 'gzip;q=0', '*;q=0', 'gzip;q=0, *'])(
    'does not: %s',
    (value) => {
      expect(acceptsGzip(value)).toBe(false);
    },
  );
});
