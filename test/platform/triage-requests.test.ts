import { describe, expect, test } from '@jest/globals';
import { HttpRequest } from '@azure/functions';
import { readJson, readQuery } from '../../src/platform/requests.js';
import { ledger, replay, run } from '../../src/platform/operations-requests.js';
import { addressSearch, bodySearch, resubmissions } from '../../src/platform/triage-requests.js';

const query = (text: string) =>
  readQuery(
    new HttpRequest({
      url: 'http://localhost/triage/messages',
      method: 'GET',
      query: Object.fromEntries(new URLSearchParams(text)),
    }),
    addressSearch,
  );

const body = (text: string, contentType = 'application/json') =>
  readJson(
    new HttpRequest({
      url: 'http://localhost/triage/search',
      method: 'POST',
      headers: { 'content-type': contentType },
      body: { string: text },
    }),
    bodySearch,
  );

describe('a search in an address', () => {
  test('reads times of any offset as instants, and days as their midnight in UTC', () => {
    expect(query('from=2026-03-29&to=2026-03-29T12:00:00%2B01:00')).toEqual({
      from: '2026-03-29T00:00:00.000Z',
      to: '2026-03-29T11:00:00.000Z',
      limit: 50,
    });
  });

  test('reads an offset of which the + is not escaped, and leaves words as they are', () => {
    expect(query('from=2026-03-29T08:30:00+01:00&about=at+08:30')).toEqual({
      from: '2026-03-29T07:30:00.000Z',
      about: 'at 08:30',
      limit: 50,
    });
  });

  test.each(['identifier=9990000018', '9990000018=1', 'from=9990000018', 'status=9990000018', 'limit=x'])(
    'that is wrong (%s) is refused without a word of what it held',
    (text) => {
      let refusal: unknown;
      try {
        query(text);
      } catch (error) {
        refusal = error;
      }
      expect(refusal).toMatchObject({ code: 'HDE_SEARCH_PARAMETER' });
      expect(JSON.stringify(refusal)).not.toContain('9990000018');
    },
  );
});

test('a time that ends where it begins, or before, is refused: nothing would ever be found in it', async () => {
  const at = (location: string) =>
    expect.objectContaining({ location, detail: expect.stringContaining('a later time') });
  expect(() => query('from=2026-03-29&to=2026-03-29')).toThrow(at('to'));
  await expect(body('{"from":"2026-03-29","to":"2026-03-28"}')).rejects.toEqual(at('to'));
  for (const schema of [replay, run, ledger]) {
    const refused = schema.safeParse({
      feed: 'f',
      feeds: ['f'],
      runId: 'r',
      from: '2026-03-29',
      to: '2026-03-29',
    });
    expect(refused.error?.issues.map(({ message }) => message)).toContain('a later time');
  }
});

test.each(['from=yesterday', 'to=29.03.2026', 'from=2026-03-29T08:00:00'])(
  'a time that is none (%s) is answered with those that are',
  (text) => {
    expect(() => query(text)).toThrow(
      expect.objectContaining({ detail: expect.stringMatching(/2026-03-29.*2026-03-29T08:30:00\+01:00/) }),
    );
  },
);

describe('many messages are resubmitted', () => {
  test.each<[string, object, boolean]>([
    ['by a filter', { filter: { feed: 'rzz-tie' } }, true],
    ['all of them, when that is said', { all: true }, true],
    ['all that were dismissed, when that is said', { all: true, filter: { status: 'dismissed' } }, true],
    ['not without a word about which', {}, false],
    ['not by an empty filter', { filter: {} }, false],
    ['not by a status alone', { filter: { status: 'failed' } }, false],
    ['not by a filter and all', { all: true, filter: { feed: 'rzz-tie' } }, false],
    ['not when all is denied', { all: false }, false],
  ])('%s', (_how, request, isAllowed) => {
    expect(resubmissions.safeParse(request).success).toBe(isAllowed);
  });
});

describe('a search in a body', () => {
  test.each(['true', '"5"', '[5]', '5.5'])('that asks for %s messages at most is refused', async (limit) => {
    await expect(body(`{"limit":${limit}}`)).rejects.toMatchObject({ code: 'HDE_REQUEST_INVALID' });
  });

  test('may name an identifier', async () => {
    expect(await body('{"identifier":" 999 000 0018 ","limit":5}')).toEqual({
      identifier: '999 000 0018',
      limit: 5,
    });
  });

  test('that is empty finds all', async () => {
    expect(await body('')).toEqual({ limit: 50 });
  });

  test.each([
    ['that is no JSON', '{', 'application/json', 'HDE_REQUEST_INVALID'],
    ['that does not say that it is JSON', '{}', 'text/plain', 'HDE_CONTENT_TYPE'],
    ['with a number for a text', '{"feed":1}', 'application/json', 'HDE_REQUEST_INVALID'],
    ['that is too large', `{"feed":"${'x'.repeat(70_000)}"}`, 'application/json', 'HDE_PAYLOAD_TOO_LARGE'],
  ])('%s is refused', async (_what, text, contentType, code) => {
    await expect(body(text, contentType)).rejects.toMatchObject({ code });
  });
});
