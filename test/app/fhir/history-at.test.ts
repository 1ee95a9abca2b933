/** `_at`: the versions that were current at some time (FHIR R4 section 3.1.0.12). */
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle } from 'fhir/r4.js';
import { createMemoryIdentityStore } from '../../../src/adapters/memory/identity-store.js';
import { createMemoryRecordStore } from '../../../src/adapters/memory/record-store.js';
import { type Api, linkOf, send } from './arrange.js';

const api: Api = { records: createMemoryRecordStore(), identities: createMemoryIdentityStore() };
const when = (text: string) => ({ now: () => new Date(text) });
const address = 'Organization/o';

/** Version 1 of January, 2 of 10 February, 3 (a deletion) and 4 of 1 March. */
beforeAll(async () => {
  const put = (name: string, time: string) => {
    const body = { resourceType: 'Organization', id: 'o', name } as const;
    return send(api, { method: 'PUT', target: address, body, ...when(time) });
  };
  await put('a', '2026-01-05T10:00:00Z');
  await put('b', '2026-02-10T10:00:00Z');
  await send(api, { method: 'DELETE', target: address, ...when('2026-03-01T10:00:00Z') });
  await put('c', '2026-03-01T12:00:00Z');
});

const tagsOf = ({ entry = [] }: Bundle) =>
  entry.map(({ response }) => Number(response?.etag?.replace(/\D/g, '')));

async function historyOf(query: string): Promise<Bundle> {
  const { resource } = await send(api, { target: `${address}/_history?${query}` });
  return resource as Bundle;
}

describe('the history of a resource at a time', () => {
  test.each([
    ['2025', []],
    ['2026-01-05T09:59:59Z', []],
    ['2026-01-05T10:00:00Z', [1]],
    ['2026-01', [1]],
    ['2026-02-09', [1]],
    ['2026-02', [2, 1]],
    ['2026-02-10T10:00:00.000Z', [2]],
    ['2026-02-10T11:00:00%2B01:00', [2]],
    ['2026-03-01T11:00:00Z', [3]],
    ['2026-03-01', [4, 3, 2]],
    ['2027', [4]],
    ['2026', [4, 3, 2, 1]],
  ])('%s has the versions that were current then', async (at, versions) => {
    const bundle = await historyOf(`_at=${at}`);
    expect(tagsOf(bundle)).toEqual(versions);
    expect(bundle).not.toHaveProperty('total');
  });

  test('comes in pages', async () => {
    const seen: number[][] = [];
    let next: string | undefined = `${address}/_history?_at=2026-02&_count=1`;
    while (next !== undefined) {
      const { resource } = await send(api, { target: next });
      seen.push(tagsOf(resource as Bundle));
      next = linkOf(resource as Bundle, 'next');
    }
    expect(seen).toEqual([[2], [1]]);
  });

  test('may have a beginning, too', async () => {
    expect(tagsOf(await historyOf('_at=2026&_since=2026-02-10T10:00:00Z'))).toEqual([4, 3, 2]);
  });

  test.each([`${address}/_history?_at=soon`, `${address}/_history?_at=`, 'Organization/_history?_at=2026'])(
    'is refused for %s',
    async (target) => {
      const expected = { code: 'HDE_SEARCH_PARAMETER', location: '_at' };
      await expect(send(api, { target })).rejects.toMatchObject(expected);
    },
  );
});
