/** Every search parameter of UK Core Access, asked for by its value. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  accessParameters,
  accessPatientId,
  accessRecords,
  laterRecords,
  otherRecords,
} from '../../../bench/charges/uk-core-access.js';
import type { RecordStore } from '../../../src/ports/record-store.js';
import { aStoreWith, entriesOf, search } from './arrange.js';

let records: RecordStore;

beforeAll(async () => {
  records = await aStoreWith(...accessRecords, ...laterRecords, ...otherRecords);
});

const addressOf = ({ resourceType, id }: { resourceType: string; id: string }) => `${resourceType}/${id}`;
const of = (type: string, among: typeof accessRecords) =>
  among.filter(({ resourceType }) => resourceType === type).map(addressOf);

describe('a parameter of UK Core Access', () => {
  test.each(accessParameters)('$type $parameter finds what has the value: $query', async (row) => {
    const { type, parameter, query } = row;
    const own = of(type, accessRecords);
    const expected = parameter === 'patient' ? [...own, ...of(type, laterRecords)] : own;
    expect(entriesOf(await search(records, `${type}?${query}`)).sort()).toEqual(expected.sort());
  });

  test('is found in the compartment of the patient, too', async () => {
    for (const { type, query } of accessParameters.filter(({ query: each }) => each.startsWith('patient='))) {
      const [, rest = ''] = query.split('&');
      const whole = entriesOf(await search(records, `${type}?${query}`));
      expect(entriesOf(await search(records, `Patient/${accessPatientId}/${type}?${rest}`))).toEqual(whole);
    }
  });
});
