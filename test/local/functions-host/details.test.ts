import { describe, expect, test } from '@jest/globals';
import { toSetCookie } from '../../../local/functions-host/http-response.js';
import { createLogFilter, describeError, toLogLine } from '../../../local/functions-host/log.js';
import { toMessages } from '../../../local/functions-host/outputs.js';
import { retryDelay } from '../../../local/functions-host/retry.js';

describe('cookies', () => {
  test('are written with their attributes, encoded', () => {
    const cookie = {
      name: 'session',
      value: 'a b;c',
      path: { value: '/' },
      domain: { value: 'example.org' },
      expires: { value: { seconds: 0 } },
      maxAge: { value: 0 },
      secure: { value: true },
      httpOnly: { value: true },
      sameSite: 'explicitNone',
    };
    expect(toSetCookie(cookie)).toBe(
      'session=a%20b%3Bc; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Domain=example.org; Path=/; Secure; SameSite=None; HttpOnly',
    );
    expect(toSetCookie({ name: 'a', value: '', sameSite: 'none' })).toBe('a=');
  });
});

describe('log lines', () => {
  test('are one line each', () => {
    const line = toLogLine({ level: 'error', category: 'Host', message: 'a\nb\r\nc' }, new Date(0));
    expect(line).toBe('1970-01-01T00:00:00.000Z error Host a\\nb\\nc');
  });

  test('are filtered by the longest category that host.json names', () => {
    const isWanted = createLogFilter({
      default: 'Warning',
      Function: 'Information',
      'Function.noisy': 'None',
    });
    const kept = ['Host', 'Function.a.User', 'Function.noisy.User', 'Functional'].filter((category) =>
      isWanted({ category, level: 'information', message: '' }),
    );
    expect(kept).toEqual(['Function.a.User']);
    expect(isWanted({ category: 'Host', level: 'warning', message: '' })).toBe(true);
  });

  test('without rules begin at information', () => {
    expect(createLogFilter({})({ category: 'Host', level: 'debug', message: '' })).toBe(false);
  });

  test('name an error with its code once, and all errors of an aggregate', () => {
    const refused = Object.assign(new Error('connect failed'), { code: 'ECONNREFUSED' });
    const named = Object.assign(new Error('GeneralError: x'), { code: 'GeneralError' });
    expect(describeError(new AggregateError([refused, refused, named]))).toBe(
      'ECONNREFUSED: connect failed; GeneralError: x',
    );
    expect(describeError('text')).toBe("'text'");
  });
});

describe('output messages', () => {
  test.each([
    [{ string: 'ü' }, [{ body: Buffer.from('ü'), contentType: 'text/plain' }]],
    [{ bytes: Buffer.from([1]) }, [{ body: Buffer.from([1]), contentType: 'application/octet-stream' }]],
    [{ int: 0 }, [{ body: Buffer.from('0'), contentType: 'text/plain' }]],
    [{ json: '{"a":1}' }, [{ body: Buffer.from('{"a":1}'), contentType: 'application/json' }]],
    [
      { json: '["x",{"a":1}]' },
      [
        { body: Buffer.from('x'), contentType: 'text/plain' },
        { body: Buffer.from('{"a":1}'), contentType: 'application/json' },
      ],
    ],
    [{ json: '[]' }, []],
    [{}, []],
  ])('%j', (data, expected) => {
    expect(toMessages(data)).toEqual(expected);
  });
});

describe('retry delays', () => {
  test('are fixed, or double up to the maximum', () => {
    const fixed = { retryStrategy: 'fixedDelay', delayInterval: { seconds: 2 } } as const;
    const growing = {
      retryStrategy: 'exponentialBackoff',
      minimumInterval: { seconds: 1 },
      maximumInterval: { seconds: 5 },
    } as const;
    expect([0, 1, 2, 3].map((attempt) => retryDelay(fixed, attempt))).toEqual([2000, 2000, 2000, 2000]);
    expect([0, 1, 2, 3].map((attempt) => retryDelay(growing, attempt))).toEqual([1000, 2000, 4000, 5000]);
  });
});
