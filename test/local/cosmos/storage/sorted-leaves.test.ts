import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SortedLeaves } from '../../../../local/cosmos/storage/sorted-leaves.js';

const change = fc.record({ add: fc.boolean(), value: fc.integer({ min: 0, max: 3000 }) });

test('leaves hold and walk what one sorted array would, from few elements to thousands', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2000 }),
      fc.array(change, { maxLength: 1500, size: 'max' }),
      fc.integer({ min: 0, max: 3000 }),
      (count, changes, bound) => {
        const start = Array.from({ length: count }, (_, at) => at);
        const leaves = new SortedLeaves(start);
        const expected = new Set(start);
        for (const { add, value } of changes) {
          const place = leaves.first((element) => element >= value);
          if (leaves.at(place) === value) {
            if (!add) leaves.remove(place);
          } else if (add) leaves.insert(place, value);
          if (add) expected.add(value);
          else expected.delete(value);
        }
        const sorted = [...expected].sort((left, right) => left - right);
        const place = leaves.first((element) => element >= bound);
        expect([...leaves.from(place)]).toEqual(sorted.filter((value) => value >= bound));
        expect([...leaves.before(place)]).toEqual(sorted.filter((value) => value < bound).reverse());
      },
    ),
    { numRuns: 60 },
  );
});

test('growth at one end and removal from the other leave nothing behind', () => {
  const leaves = new SortedLeaves<number>([]);
  for (let value = 0; value < 5000; value++)
    leaves.insert(
      leaves.first((each) => each >= value),
      value,
    );
  for (let value = 0; value < 5000; value++) leaves.remove(leaves.first((each) => each >= value));
  expect([...leaves.from(leaves.first(() => true))]).toEqual([]);
  leaves.insert(
    leaves.first(() => true),
    1,
  );
  expect([...leaves.before(leaves.first(() => false))]).toEqual([1]);
});
