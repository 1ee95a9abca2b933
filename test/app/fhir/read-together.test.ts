/** Searches that read several patients while a transaction of them becomes visible. */
import { expect, test } from '@jest/globals';
import type { Patient } from 'fhir/r4.js';
import { createMemoryIdentityStore } from '../../../src/adapters/memory/identity-store.js';
import { createMemoryRecordStore } from '../../../src/adapters/memory/record-store.js';
import { createTurns } from '../../../src/app/in-turn.js';
import { watched } from '../../support/watched.js';
import { aPatient, send } from './arrange.js';
import { entry, sendBundle } from './transaction/bundles.js';

const named = (id: string, text: string) => ({ ...aPatient(id), name: [{ text }] }) as Patient;

test.each(['Patient?_id=a,b', 'Patient?_id=b,a', 'Patient?name=both'])(
  '%s shows a transaction whole or not at all, whenever it becomes visible',
  async (target) => {
    const seen = new Set<string>();
    for (let call = 0; call < 8; call++) {
      const api = { records: createMemoryRecordStore(), identities: createMemoryIdentityStore() };
      const change = (text: string) =>
        sendBundle({ ...api, inTurn: createTurns() }, 'transaction', [
          ...['a', 'b'].map((id) => entry('PUT', `Patient/${id}`, { resource: named(id, text) })),
        ]);
      await change('both before');
      let calls = 0;
      // The transaction comes between two reads of the search.
      const records = watched(api.records, async () => {
        if (calls++ === call) await change('both after');
      });
      const { resource } = await send({ ...api, records }, { target });
      const { entry: found = [] } = resource as { entry?: { resource?: Patient }[] };
      const texts = found.map((each) => each.resource?.name?.[0]?.text);
      expect(texts).toHaveLength(2);
      expect({ call, texts: new Set(texts).size }).toEqual({ call, texts: 1 });
      seen.add(texts[0] ?? '');
    }
    expect([...seen].sort()).toEqual(['both after', 'both before']);
  },
);

test('a search that every read of meets another transaction is whole as soon as it can be, and else refused', async () => {
  const api = { records: createMemoryRecordStore(), identities: createMemoryIdentityStore() };
  const change = (text: string) =>
    sendBundle({ ...api, inTurn: createTurns() }, 'transaction', [
      ...['a', 'b'].map((id) => entry('PUT', `Patient/${id}`, { resource: named(id, text) })),
    ]);
  await change('0');
  const textsAmid = async (calls: number) => {
    let left = calls;
    const records = watched(api.records, async () => {
      if (left > 0) await change(String(left--));
    });
    const { status, headers, resource } = await send({ ...api, records }, { target: 'Patient?_id=a,b' });
    const { entry: found = [] } = resource as { entry?: { resource?: Patient }[] };
    return { status, headers, texts: found.map((each) => each.resource?.name?.[0]?.text) };
  };
  // Each read of the two meets two more: more than six reads, and then whole.
  expect(await textsAmid(25)).toMatchObject({ status: 200, texts: ['1', '1'] });
  await expect(textsAmid(1_000_000)).rejects.toMatchObject({ code: 'HDE_THROTTLED', retryAfterSeconds: 1 });
});
