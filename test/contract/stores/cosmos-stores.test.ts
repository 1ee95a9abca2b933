/** The stores on Cosmos DB, over the wire with the real SDK; `HDE_TEST_COSMOS_CONNECTION` names another account. */
import { openCosmos, containerOf, databaseOf } from '../../../src/adapters/cosmos/connect.js';
import { createCosmosAccountStore } from '../../../src/adapters/cosmos/account-store.js';
import { createCosmosAuditStore } from '../../../src/adapters/cosmos/audit-store.js';
import { createCosmosGovernanceStore } from '../../../src/adapters/cosmos/governance-store.js';
import { createCosmosExportStore } from '../../../src/adapters/cosmos/export-store.js';
import { createCosmosIdentityStore } from '../../../src/adapters/cosmos/identity-store.js';
import { createCosmosMessageStore } from '../../../src/adapters/cosmos/message-store.js';
import { provisionCosmos } from '../../../src/adapters/cosmos/provision.js';
import { createCosmosReplayStore } from '../../../src/adapters/cosmos/replay-store.js';
import { createCosmosRecordStore } from '../../../src/adapters/cosmos/record-store.js';
import { dependencyNames } from '../../../src/adapters/throttling/dependencies.js';
import { createGuard } from '../../../src/adapters/throttling/guard.js';
import { defaultLimits } from '../../../src/adapters/throttling/limiter.js';
import { startCosmosEndpoint } from '../../../local/cosmos/server.js';
import { describeAccountStore } from './account-store.suite.js';
import { describeAuditStore } from './audit-store.suite.js';
import { describeGovernanceStore } from './governance-store.suite.js';
import { describeExportStore } from './export-store.suite.js';
import { describeIdentityStore } from './identity-store.suite.js';
import { describeMessageStore } from './message-store.suite.js';
import { describeTriage } from './message-triage.suite.js';
import { describeRecordGoverning } from './record-governing.suite.js';
import { describeRecordHistory } from './record-history.suite.js';
import { describeRecordStore } from './record-store.suite.js';
import { describeReplayStore } from './replay-store.suite.js';

async function openAccount() {
  const other = process.env['HDE_TEST_COSMOS_CONNECTION'];
  const local = other === undefined ? await startCosmosEndpoint({ port: 0, ranges: 3 }) : undefined;
  const connectionString = other ?? local!.connectionString;
  // A crowd waits its turn for as long as a slow machine needs: how long callers wait is tested elsewhere.
  const guard = createGuard(dependencyNames.cosmos, { ...defaultLimits, longestWaitMs: 60_000 });
  const client = await openCosmos({ kind: 'connection-string', connectionString }, guard);
  await provisionCosmos(client);
  const close = async () => {
    if (other !== undefined) await databaseOf(client).delete();
    client.dispose();
    await local?.close();
  };
  return { client, close };
}

describeRecordStore('Cosmos DB', async () => {
  const { client, close } = await openAccount();
  return { store: createCosmosRecordStore(containerOf(client, 'records')), close };
});

describeRecordHistory('Cosmos DB', async () => {
  const { client, close } = await openAccount();
  return { store: createCosmosRecordStore(containerOf(client, 'records')), close };
});

describeRecordGoverning('Cosmos DB', async () => {
  const { client, close } = await openAccount();
  return { store: createCosmosRecordStore(containerOf(client, 'records')), close };
});

describeMessageStore('Cosmos DB', async () => {
  const { client, close } = await openAccount();
  return { store: createCosmosMessageStore(containerOf(client, 'messages')), close };
});

describeTriage('Cosmos DB', async () => {
  const { client, close } = await openAccount();
  return { store: createCosmosMessageStore(containerOf(client, 'messages')), close };
});

describeIdentityStore('Cosmos DB', async () => {
  const { client, close } = await openAccount();
  return { store: createCosmosIdentityStore(containerOf(client, 'identity')), close };
});

describeAuditStore('Cosmos DB', async () => {
  const { client, close } = await openAccount();
  return { store: createCosmosAuditStore(containerOf(client, 'audit')), close };
});

describeGovernanceStore('Cosmos DB', async () => {
  const { client, close } = await openAccount();
  return { store: createCosmosGovernanceStore(containerOf(client, 'governance')), close };
});

describeReplayStore('Cosmos DB', async () => {
  const { client, close } = await openAccount();
  return { store: createCosmosReplayStore(containerOf(client, 'replays')), close };
});

describeExportStore('Cosmos DB', async () => {
  const { client, close } = await openAccount();
  return { store: createCosmosExportStore(containerOf(client, 'exports')), close };
});

describeAccountStore('Cosmos DB', async () => {
  const { client, close } = await openAccount();
  return { store: createCosmosAccountStore(containerOf(client, 'accounts')), close };
});
