import { expect, test } from '@jest/globals';
import type { ItemDocument } from '../../../../local/cosmos/storage/entries.js';
import { StoredItem } from '../../../../local/cosmos/storage/stored-item.js';

const place = {
  partition: { text: '["p"]', epk: '00', range: 0, items: new Map() },
  ...{ sequence: 1, lsn: 1, uniqueKeys: [] },
};
const documentOf = (id: string): ItemDocument => ({
  ...{ id, _rid: 'r', _self: 's', _etag: '"e"', _ts: 1 },
  ...{ name: 'Zoë “𝒬” \u2028', numbers: [1.5, -0.25, 1e300], none: null, nested: { list: [] } },
});

test('a document is the same after so many others that only its text was kept', () => {
  const held = documentOf('first');
  const first = new StoredItem(held, place);
  expect(first.document).toBe(held);
  for (let count = 0; count < 20_000; count++) new StoredItem(documentOf(`${count}`), place);
  expect(first.document).not.toBe(held);
  expect(first.document).toEqual(held);
  // Whoever reads it again is given the same.
  expect(first.document).toBe(first.document);
});
