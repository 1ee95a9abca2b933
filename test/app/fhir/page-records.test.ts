import { expect, test } from '@jest/globals';
import { type PageReader, pageWithin } from '../../../src/app/fhir/page-records.js';

test('a page is read at once: in parts it would show half of what is committed in between', async () => {
  const asked: number[] = [];
  const read: PageReader = (limit) => {
    asked.push(limit);
    const next = { after: 'Observation/a', partition: 'p' };
    return Promise.resolve({ documents: [], next });
  };
  expect(await pageWithin(read, 1000, undefined)).toMatchObject({ documents: [] });
  expect(asked).toEqual([1000]);
});
