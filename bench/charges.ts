/**
 * `npm run bench:charges`: what each claimed interaction and each search parameter of UK Core Access costs in request
 * units, as the local Cosmos DB endpoint charges them. Writes bench/results/charges.json, of which `npm run docs` makes
 * the tables of docs/reference/fhir-api.md.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startCosmosEndpoint } from '../local/cosmos/server.js';
import { containerOf } from '../src/adapters/cosmos/connect.js';
import { createCosmosIdentityStore } from '../src/adapters/cosmos/identity-store.js';
import { provisionCosmos } from '../src/adapters/cosmos/provision.js';
import { createCosmosRecordStore } from '../src/adapters/cosmos/record-store.js';
import { type FhirApiDependencies, handleFhirRequest } from '../src/app/fhir/handle-fhir-request.js';
import { findingPlaces } from '../src/app/fhir/record-places.js';
import { createTurns } from '../src/app/in-turn.js';
import { type Asked, interactions } from './charges/interactions.js';
import { type Meter, openMetered, resetMeter } from './charges/metered.js';
import { accessTo } from './charges/access.js';
import { accessParameters, accessRecords, laterRecords, otherRecords } from './charges/uk-core-access.js';
import { storePatients, storeRecords } from './fhir/stored.js';

interface Charge {
  readonly requestUnits: number;
  /** To the database. */
  readonly requests: number;
}

/** What a request costs; undefined where it is not served. */
async function chargeOf(
  deps: FhirApiDependencies,
  meter: Meter,
  { method, target, headers = {}, body }: Omit<Asked, 'interaction'>,
): Promise<Charge | undefined> {
  const [path = '', query = ''] = target.split('?');
  resetMeter(meter);
  const request = {
    ...{ method, path, query: new URLSearchParams(query) },
    headers: { 'content-type': 'application/fhir+json', ...headers },
    writer: {
      ...{ client: 'charges', requestId: crypto.randomUUID(), mayRead: true, mayWrite: true },
      access: accessTo(deps.records),
    },
    readBytes: () => Promise.resolve(Buffer.from(JSON.stringify(body ?? null))),
  };
  try {
    await handleFhirRequest(deps, request);
  } catch (error) {
    const { code } = error as { readonly code?: string };
    if (code === 'HDE_METHOD_NOT_ALLOWED' || code === 'HDE_ROUTE_NOT_FOUND') return undefined;
    throw error;
  }
  return { requestUnits: Number(meter.charge.toFixed(2)), requests: meter.requests };
}

async function measure(deps: FhirApiDependencies, meter: Meter) {
  const parameters: (Charge & { expectation: string; type: string; parameter: string; query: string })[] = [];
  for (const row of accessParameters) {
    const charge = await chargeOf(deps, meter, { method: 'GET', target: `${row.type}?${row.query}` });
    if (charge === undefined) throw new Error(`${row.type} is not served`);
    parameters.push({ ...row, ...charge });
  }
  const served: (Charge & { interaction: string; request: string })[] = [];
  for (const { interaction, ...asked } of interactions) {
    const charge = await chargeOf(deps, meter, asked);
    if (charge !== undefined)
      served.push({ interaction, request: `${asked.method} ${asked.target}`, ...charge });
  }
  return { interactions: served, parameters };
}

async function main(): Promise<void> {
  const endpoint = await startCosmosEndpoint({ port: 0, ranges: 1 });
  const meter: Meter = { charge: 0, requests: 0 };
  const client = openMetered(endpoint, meter);
  try {
    await provisionCosmos(client);
    const stored = createCosmosRecordStore(containerOf(client, 'records'));
    await storePatients(stored, 0, 500, 4);
    await storeRecords(stored, [...accessRecords, ...laterRecords, ...otherRecords]);
    const places = {
      identities: createCosmosIdentityStore(containerOf(client, 'identity')),
      identitySecret: 'a secret of the measurement of charges',
    };
    const deps: FhirApiDependencies = {
      ...places,
      records: findingPlaces(stored, places),
      clock: { now: () => new Date() },
      inTurn: createTurns(),
      baseUrl: 'https://hde.example/fhir',
      software: { name: 'Healthcare Data Exchange', version: '' },
    };
    const result = await measure(deps, meter);
    console.table(result.interactions);
    console.table(result.parameters);
    const out = join(import.meta.dirname, '../..', 'bench/results/charges.json');
    await writeFile(out, `${JSON.stringify(result, null, 2)}\n`);
  } finally {
    client.dispose();
    await endpoint.close();
  }
}

await main();
