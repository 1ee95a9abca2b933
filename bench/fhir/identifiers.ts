/** A search by identifier among ever more patients, over the local Cosmos DB endpoint: it must not grow with them. */
import { createCosmosRecordStore } from '../../src/adapters/cosmos/record-store.js';
import { containerOf } from '../../src/adapters/cosmos/connect.js';
import { provisionCosmos } from '../../src/adapters/cosmos/provision.js';
import { startCosmosEndpoint } from '../../local/cosmos/server.js';
import { type Meter, openMetered, resetMeter } from '../charges/metered.js';
import { compare, type Figures, round, type Turns } from './compare.js';
import { startContender } from './contenders.js';
import { localNumber } from './population.js';
import { storeToBeFound } from './stored.js';

export interface IdentifierFigures extends Figures {
  readonly patients: number;
  /** Of the query, as the local endpoint charges it. */
  readonly requestUnits: number;
}

/** @param server the script of the servers */
export async function measureIdentifiers(
  server: string,
  settings: Readonly<Record<string, string>>,
  {
    token,
    sizes,
    turns,
  }: { readonly token: string; readonly sizes: readonly number[]; readonly turns: Turns },
): Promise<IdentifierFigures[]> {
  const endpoint = await startCosmosEndpoint({ port: 0, ranges: 3 });
  const meter: Meter = { charge: 0, requests: 0 };
  const client = openMetered(endpoint, meter);
  await provisionCosmos(client);
  const records = createCosmosRecordStore(containerOf(client, 'records'));
  const env = { ...settings, HDE_COSMOS: endpoint.connectionString, HDE_BENCH_STORE: 'cosmos' };
  const exchange = await startContender(server, ['exchange'], { connections: 4, env });
  const figures: IdentifierFigures[] = [];
  try {
    for (const [step, patients] of sizes.entries()) {
      await storeToBeFound(records, sizes[step - 1] ?? 0, patients);
      resetMeter(meter);
      const token1 = `${localNumber.system}|B${Math.floor(patients / 2)}`;
      const { documents } = await records.findByIdentifier('Patient', token1, { limit: 10 });
      if (documents.length !== 1) throw new Error('the identifier was not found');
      const requestUnits = round(meter.charge);
      const valueOf = (n: number) => encodeURIComponent(`${localNumber.system}|B${(n * 7919) % patients}`);
      const search = {
        name: 'identifier',
        status: 200,
        request: (_: string, n: number) => ({
          method: 'GET',
          path: `/fhir/Patient?identifier=${valueOf(n)}`,
          headers: { authorization: `Bearer ${token}`, accept: 'application/fhir+json' },
        }),
      };
      const { exchange: measured } = await compare(search, [exchange], turns);
      if (measured !== undefined) figures.push({ patients, requestUnits, ...measured });
    }
    return figures;
  } finally {
    exchange.close();
    client.dispose();
    await endpoint.close();
  }
}
