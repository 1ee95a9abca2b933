/** What is read of several patients, to decide about their records, costs what it finds: not what else is stored. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startCosmosEndpoint } from '../../../local/cosmos/server.js';
import { containerOf, openCosmos } from '../../../src/adapters/cosmos/connect.js';
import { createCosmosGovernanceStore } from '../../../src/adapters/cosmos/governance-store.js';
import { provisionCosmos } from '../../../src/adapters/cosmos/provision.js';
import { createCosmosRecordStore } from '../../../src/adapters/cosmos/record-store.js';
import type { GovernanceStore } from '../../../src/ports/governance-store.js';
import type { RecordStore } from '../../../src/ports/record-store.js';
import { aPatient, aResource, asCurrent, store } from '../../app/fhir/arrange.js';

let endpoint: Awaited<ReturnType<typeof startCosmosEndpoint>>;
let records: RecordStore;
let governance: GovernanceStore;
let charged = 0;

beforeAll(async () => {
  endpoint = await startCosmosEndpoint({ port: 0, ranges: 3 });
  const { connectionString } = endpoint;
  const client = await openCosmos(
    { kind: 'connection-string', connectionString },
    undefined,
    () => (answer) => {
      charged += answer.requestUnits;
    },
  );
  await provisionCosmos(client);
  records = createCosmosRecordStore(containerOf(client, 'records'));
  governance = createCosmosGovernanceStore(containerOf(client, 'governance'));
  await fill(0, 100);
}, 60_000);

afterAll(() => endpoint.close());

/** Patients of one feed, of whom something is kept. */
async function fill(from: number, to: number): Promise<void> {
  for (let start = from; start < to; start += 50)
    await Promise.all(
      Array.from({ length: 50 }, async (_, at) => {
        const document = asCurrent(aPatient(`p${start + at}`));
        await records.commit(document.partition, [{ kind: 'create', document }]);
        await governance.saveOptOut(document.partition, { answer: 'may-be-used', at: document.lastUpdated });
      }),
    );
}

const several = Array.from({ length: 20 }, (_, at) => `p${at}`);
const sources = { feeds: [asCurrent(aPatient('p0')).source.feed], organisation: 'RZZ', since: '2000' };

const reads = {
  'what governs their records': async () => (await records.listGoverning(several, 200)).size,
  'who has stated anything about them': async () => (await records.whereStated(several, sources)).size,
  'what is kept of them': async () => (await governance.factsOf(several)).length,
};

async function charges(): Promise<Readonly<Record<string, number>>> {
  const found: Record<string, number> = {};
  for (const [name, read] of Object.entries(reads)) {
    charged = 0;
    expect([name, await read()]).toEqual([name, several.length]);
    found[name] = charged;
  }
  return found;
}

test('reading of 20 patients costs the same among 100 and among 1,000', async () => {
  const before = await charges();
  await fill(100, 1000);
  for (const [name, after] of Object.entries(await charges()))
    expect({ name, grows: after > (before[name] ?? 0) * 1.2 }).toEqual({ name, grows: false });
}, 120_000);

test('reading what governs the records of a patient costs the same however large what is labelled is', async () => {
  const security = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }];
  const chargeOf = async (id: string, size: number): Promise<number> => {
    const content = [{ attachment: { data: 'x'.repeat(size) } }];
    await store(
      records,
      asCurrent(aPatient(id)),
      asCurrent(aResource(`DocumentReference/${id}.d`, { meta: { security }, content })),
    );
    charged = 0;
    expect((await records.listGoverning([id], 200)).get(id)).toHaveLength(2);
    return charged;
  };
  expect(await chargeOf('large', 1_500_000)).toBeLessThan((await chargeOf('small', 1)) + 1);
}, 60_000);
