import { cacheClaims } from '../../../src/adapters/caching/identity-store.js';
import { createMemoryAccountStore } from '../../../src/adapters/memory/account-store.js';
import { createMemoryAuditStore } from '../../../src/adapters/memory/audit-store.js';
import { createMemoryGovernanceStore } from '../../../src/adapters/memory/governance-store.js';
import { createMemoryExportFiles } from '../../../src/adapters/memory/export-files.js';
import { createMemoryExportStore } from '../../../src/adapters/memory/export-store.js';
import { createMemoryIdentityStore } from '../../../src/adapters/memory/identity-store.js';
import { createMemoryMessageStore } from '../../../src/adapters/memory/message-store.js';
import { createMemoryRawArchive } from '../../../src/adapters/memory/raw-archive.js';
import { createMemoryReplayStore } from '../../../src/adapters/memory/replay-store.js';
import { describeAccountStore } from './account-store.suite.js';
import { describeAuditStore } from './audit-store.suite.js';
import { describeGovernanceStore } from './governance-store.suite.js';
import { describeExportFiles } from './export-files.suite.js';
import { describeExportStore } from './export-store.suite.js';
import { describeIdentityStore } from './identity-store.suite.js';
import { describeMessageStore } from './message-store.suite.js';
import { describeTriage } from './message-triage.suite.js';
import { describeRawArchive } from './raw-archive.suite.js';
import { describeReplayStore } from './replay-store.suite.js';

const close = () => Promise.resolve();

describeMessageStore('memory', () => Promise.resolve({ store: createMemoryMessageStore(), close }));
describeTriage('memory', () => Promise.resolve({ store: createMemoryMessageStore(), close }));
describeIdentityStore('memory', () => Promise.resolve({ store: createMemoryIdentityStore(), close }));
describeIdentityStore('memory behind a cache', () =>
  Promise.resolve({ store: cacheClaims(createMemoryIdentityStore()), close }),
);
describeRawArchive('memory', () => Promise.resolve({ archive: createMemoryRawArchive(), close }));
describeAccountStore('memory', () => Promise.resolve({ store: createMemoryAccountStore(), close }));
describeAuditStore('memory', () => Promise.resolve({ store: createMemoryAuditStore(), close }));
describeGovernanceStore('memory', () => Promise.resolve({ store: createMemoryGovernanceStore(), close }));
describeReplayStore('memory', () => Promise.resolve({ store: createMemoryReplayStore(), close }));
describeExportStore('memory', () => Promise.resolve({ store: createMemoryExportStore(), close }));
describeExportFiles('memory', () => Promise.resolve({ files: createMemoryExportFiles(), close }));
