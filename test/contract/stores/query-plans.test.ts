/** What the record store asks of Cosmos DB beside its queries, over the wire. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { startCosmosEndpoint } from '../../../local/cosmos/server.js';
import { createCosmosAuditStore } from '../../../src/adapters/cosmos/audit-store.js';
import { containerOf, openCosmos } from '../../../src/adapters/cosmos/connect.js';
import { provisionCosmos } from '../../../src/adapters/cosmos/provision.js';
import { createCosmosRecordStore } from '../../../src/adapters/cosmos/record-store.js';
import { currentId } from '../../../src/core/records/ids.js';
import type { AuditStore } from '../../../src/ports/audit-store.js';
import type { RecordStore } from '../../../src/ports/record-store.js';
import { aPatient, asCurrent } from '../../app/fhir/arrange.js';
import { portOf, startPassingProxy, throughProxy } from '../../support/passing-proxy.js';

const counts = { plans: 0, queries: 0 };
/** How many of the next queries the proxy answers as Cosmos DB answers those that it wants a plan for. */
let wantingPlans = 0;
let records: RecordStore;
let audit: AuditStore;
const closing: (() => Promise<void> | void)[] = [];

const wantsPlan = JSON.stringify({
  code: 'BadRequest',
  message: 'Cross partition query only supports a plan',
  additionalErrorInfo: '{"partitionedQueryExecutionInfoVersion":2}',
});

function note({ headers }: IncomingMessage): 'plan' | 'query' | undefined {
  if (headers['x-ms-cosmos-is-query-plan-request'] !== undefined) {
    counts.plans += 1;
    return 'plan';
  }
  if (headers['x-ms-documentdb-isquery'] === undefined) return undefined;
  counts.queries += 1;
  return 'query';
}

/** Counts queries and plans. */
function answered(incoming: IncomingMessage, outgoing: ServerResponse): boolean {
  if (note(incoming) !== 'query' || wantingPlans === 0) return false;
  wantingPlans -= 1;
  outgoing.writeHead(400, { 'content-type': 'application/json' }).end(wantsPlan);
  return true;
}

const patients = ['p.1', 'p.2', 'p.3'].map((id) => asCurrent(aPatient(id)));

beforeAll(async () => {
  const endpoint = await startCosmosEndpoint({ port: 0, ranges: 3 });
  const proxy = await startPassingProxy(portOf(endpoint.connectionString), answered);
  const connectionString = throughProxy(endpoint.connectionString, proxy);
  const client = await openCosmos({ kind: 'connection-string', connectionString });
  await provisionCosmos(client);
  records = createCosmosRecordStore(containerOf(client, 'records'));
  audit = createCosmosAuditStore(containerOf(client, 'audit'));
  closing.push(
    () => {
      client.dispose();
      proxy.close();
    },
    () => endpoint.close(),
  );
  await records.commit(
    'p',
    patients.map((document) => ({ kind: 'create', document })),
  );
}, 60_000);

afterAll(async () => {
  for (const close of closing) await close();
});

beforeEach(() => {
  counts.plans = 0;
  counts.queries = 0;
});

const ids = patients.map(({ id }) => id);

test('records of one partition are read by one request, without a plan', async () => {
  const loaded = await records.load('p', [...ids, currentId('Patient', 'p.none')]);
  expect([...loaded.keys()].sort()).toEqual(ids);
  expect(counts).toEqual({ plans: 0, queries: 1 });
});

test('pages of one partition are read in their order without a plan', async () => {
  const page = await records.listPartition('p', 'Patient', { limit: 2 });
  expect(page.documents.map(({ id }) => id)).toEqual(ids.slice(0, 2));
  const next = await records.listPartition('p', 'Patient', { limit: 2, continuation: page.continuation! });
  expect(next.documents.map(({ id }) => id)).toEqual(ids.slice(2));
  expect(counts.plans).toBe(0);
});

test('a query of one partition for which the service wants a plan gets one', async () => {
  wantingPlans = 1;
  const loaded = await records.load('p', ids);
  expect([...loaded.keys()].sort()).toEqual(ids);
  expect(counts.plans).toBe(1);
});

test('a query over several partitions has a plan', async () => {
  const page = await records.findRecords(
    { resourceType: 'Patient', criterion: { kind: 'all', of: [] } },
    { limit: 10 },
  );
  expect(page.documents.map(({ id }) => id)).toEqual(ids);
  expect(counts.plans).toBe(1);
});

test('so do the blocks of a chain of the audit trail', async () => {
  wantingPlans = 1;
  expect(await audit.listBlocks({ shard: '00', day: '2026-11-26' }, 0, 10)).toEqual([]);
  expect(counts.plans).toBe(1);
});
