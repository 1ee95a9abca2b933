/** The FHIR API over stores of a Cosmos DB endpoint of its own, by the real SDK. */
import { startCosmosEndpoint } from '../../../local/cosmos/server.js';
import { containerOf, openCosmos } from '../../../src/adapters/cosmos/connect.js';
import { createCosmosIdentityStore } from '../../../src/adapters/cosmos/identity-store.js';
import { provisionCosmos } from '../../../src/adapters/cosmos/provision.js';
import { createCosmosRecordStore } from '../../../src/adapters/cosmos/record-store.js';
import type { Api } from '../../app/fhir/arrange.js';

export async function openFhirApi(): Promise<{ readonly api: Api; readonly close: () => Promise<void> }> {
  const endpoint = await startCosmosEndpoint({ port: 0, ranges: 3 });
  const { connectionString } = endpoint;
  const client = await openCosmos({ kind: 'connection-string', connectionString });
  await provisionCosmos(client);
  return {
    api: {
      records: createCosmosRecordStore(containerOf(client, 'records')),
      identities: createCosmosIdentityStore(containerOf(client, 'identity')),
    },
    close: async () => {
      client.dispose();
      await endpoint.close();
    },
  };
}
