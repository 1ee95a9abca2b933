import { expect, test } from '@jest/globals';
import { KeptText } from '../../../../local/cosmos/storage/texts.js';

test('texts of every length are read as they were kept, beyond the end of a chunk too', () => {
  const lengths = [
    0,
    1,
    1000,
    700_000,
    400_000,
    3,
    (1 << 20) - 1,
    1 << 20,
    (1 << 20) + 1,
    5,
    3_000_000,
    0,
    7,
  ];
  const texts = lengths.map((length, i) => `${'Zoë 𝒬 '.repeat(length / 9)}${'x'.repeat(length % 9)}${i}`);
  const kept = texts.map((text) => new KeptText(text));
  expect(kept.map((text) => text.read())).toEqual(texts);
});
