/** What is loaded together is read together: by requests side by side it would be seen as of different times. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startCosmosEndpoint } from '../../../local/cosmos/server.js';
import { containerOf, openCosmos } from '../../../src/adapters/cosmos/connect.js';
import { provisionCosmos } from '../../../src/adapters/cosmos/provision.js';
import { createCosmosRecordStore } from '../../../src/adapters/cosmos/record-store.js';
import type { RecordStore } from '../../../src/ports/record-store.js';
import { aResource, asCurrent } from '../../app/fhir/arrange.js';

let endpoint: Awaited<ReturnType<typeof startCosmosEndpoint>>;
let records: RecordStore;
let requests = 0;

const documents = Array.from({ length: 40 }, (_, at) => asCurrent(aResource(`Observation/p1.o${at}`)));

beforeAll(async () => {
  endpoint = await startCosmosEndpoint({ port: 0, ranges: 3 });
  const { connectionString } = endpoint;
  const client = await openCosmos({ kind: 'connection-string', connectionString }, undefined, () => () => {
    requests += 1;
  });
  await provisionCosmos(client);
  records = createCosmosRecordStore(containerOf(client, 'records'));
  await records.commit(
    'p1',
    documents.map((document) => ({ kind: 'create', document })),
  );
}, 60_000);

afterAll(() => endpoint.close());

test.each([
  [0, 0],
  [1, 1],
  [2, 1],
  [3, 1],
  [40, 1],
])('%i documents take %i request', async (count, expected) => {
  const some = documents.slice(0, count);
  requests = 0;
  const loaded = await records.load(
    'p1',
    some.map(({ id }) => id),
  );
  expect(requests).toBe(expected);
  expect([...loaded.keys()].sort()).toEqual(some.map(({ id }) => id).sort());
});
