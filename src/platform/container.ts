/**
 * Wires use cases to adapters: one container a process, built at first use. Clients open lazily, so that a cold start
 * for a health check loads no SDK.
 */
import type { CosmosClient } from '@azure/cosmos';
import type { BlobServiceClient } from '@azure/storage-blob';
import { randomInt } from 'node:crypto';
import type { TokenVerifier } from '../adapters/auth/token-verifier.js';
import type { ContainerName } from '../adapters/cosmos/connect.js';
import type { ReopeningSender } from '../adapters/service-bus/reopening-sender.js';
import { systemClock } from '../adapters/system/clock.js';
import { dependencyNames } from '../adapters/throttling/dependencies.js';
import { createGuard, type Guard } from '../adapters/throttling/guard.js';
import type { AcceptDependencies } from '../app/accept-message.js';
import { auditTrail, type AuditTrail } from '../app/audit/audit-trail.js';
import { createBacklogGate } from '../app/backlog.js';
import { createKnownShared } from '../app/known-shared.js';
import type { NormaliseDependencies } from '../app/normalise-message.js';
import type { TokenDependencies } from '../app/smart/issue-token.js';
import type { AccountStore } from '../ports/account-store.js';
import type { AuditStore } from '../ports/audit-store.js';
import type { Clock } from '../ports/clock.js';
import type { EventPublisher } from '../ports/event-publisher.js';
import type { GovernanceStore } from '../ports/governance-store.js';
import type { ExportFiles } from '../ports/export-files.js';
import type { ExportQueue } from '../ports/export-queue.js';
import type { ExportStore } from '../ports/export-store.js';
import type { HealthProbe } from '../ports/health.js';
import type { IdentityStore } from '../ports/identity-store.js';
import type { MessageQueue, QueueView } from '../ports/message-queue.js';
import type { MessageStore } from '../ports/message-store.js';
import type { RawArchive } from '../ports/raw-archive.js';
import type { RecordStore } from '../ports/record-store.js';
import { readConfig, type Config } from './config.js';
import type { Logger } from './logger.js';
import { createPressureReport } from './pressure.js';
import { createRateLimits, type RateLimits } from './rate-limit.js';
import { openTokenService } from './token-service.js';
import { cosmosObserver, observedGuard, refusedSums } from './telemetry/observed-dependencies.js';
import {
  observedArchive,
  observedEvents,
  observedQueue,
  observedTrail,
  observedVerifier,
} from './telemetry/observed-ports.js';
import { openProcessTelemetry } from './telemetry/open.js';
import type { Telemetry } from './telemetry/telemetry.js';

export interface Container {
  readonly config: Config;
  readonly clock: Clock;
  /** Where the process tells of its work. */
  readonly telemetry: Telemetry;
  /** Logs how the dependencies bear what is asked of them, when they do not. */
  readonly reportPressure: (logger: Logger) => void;
  readonly rateLimits: RateLimits;
  /** At once, once it is open: every request asks for it. */
  verifyToken(): TokenVerifier | Promise<TokenVerifier>;
  /** What issues tokens; only where the configuration has a token service. */
  tokenDependencies(): Promise<TokenDependencies>;
  records(): Promise<RecordStore>;
  messages(): Promise<MessageStore>;
  identities(): Promise<IdentityStore>;
  audit(): Promise<AuditStore>;
  /** The one through which all accesses of this process are recorded. */
  auditTrail(): Promise<AuditTrail>;
  governance(): Promise<GovernanceStore>;
  archive(): Promise<RawArchive>;
  queue(): Promise<MessageQueue>;
  queueView(): Promise<QueueView>;
  events(): Promise<EventPublisher>;
  /** How far the accounts of feeds are balanced. */
  accounts(): Promise<AccountStore>;
  exports(): Promise<ExportStore>;
  exportFiles(): Promise<ExportFiles>;
  exportQueue(): Promise<ExportQueue>;
  healthProbes(): Promise<readonly HealthProbe[]>;
  acceptDependencies(): Promise<AcceptDependencies>;
  normaliseDependencies(): Promise<NormaliseDependencies>;
}

/** Remembers the value of the first call that succeeds; a failure is not remembered. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}

/** The same, which gives the value at once from then on. */
function atOnce<T>(make: () => Promise<T>): () => T | Promise<T> {
  const get = once(make);
  let made: T | undefined;
  return () =>
    made ??
    get().then((value) => {
      made = value;
      return value;
    });
}

interface Clients {
  cosmos(): Promise<CosmosClient>;
  blobs(): Promise<BlobServiceClient>;
}

/** One guard a dependency and process: its limits are those of all that the process does. */
type Guards = Readonly<Record<'cosmos' | 'blob' | 'serviceBus', Guard>>;

const createGuards = ({ limits }: Config): Guards => ({
  cosmos: createGuard(dependencyNames.cosmos, limits),
  blob: createGuard(dependencyNames.blob, limits),
  serviceBus: createGuard(dependencyNames.serviceBus, limits),
});

const observedGuards = (telemetry: Telemetry, { cosmos, blob, serviceBus }: Guards): Guards => ({
  cosmos: observedGuard(telemetry, cosmos),
  blob: observedGuard(telemetry, blob),
  serviceBus: observedGuard(telemetry, serviceBus),
});

function openClients(config: Config, guards: Guards, telemetry: Telemetry): Clients {
  const observer = telemetry.isOn ? cosmosObserver(telemetry) : undefined;
  return {
    cosmos: once(async () =>
      (await import('../adapters/cosmos/connect.js')).openCosmos(config.cosmos, guards.cosmos, observer),
    ),
    blobs: once(async () =>
      (await import('../adapters/blob/raw-archive.js')).openBlobService(config.storage, guards.blob),
    ),
  };
}

/** Builds a container for a configuration; `container()` gives the one of this process. */
export function createContainer(config: Config): Container {
  const bare = createGuards(config);
  const sums = refusedSums(Object.values(bare));
  const telemetry = openProcessTelemetry(config.telemetry, config.feeds.keys(), sums);
  const guards = observedGuards(telemetry, bare);
  const clients = openClients(config, guards, telemetry);
  const stores = createStores(config, clients, guards, telemetry);
  const knownShared = createKnownShared();
  const backlog = once(async () => {
    const messages = await stores.messages();
    return createBacklogGate({ messages, clock: systemClock }, config.backlogLimit);
  });
  return {
    config,
    clock: systemClock,
    telemetry,
    reportPressure: createPressureReport(Object.values(guards), () => performance.now()),
    rateLimits: createRateLimits(config.rateLimitPerMinute, () => performance.now()),
    ...stores,
    auditTrail: once(async () =>
      observedTrail(
        telemetry,
        auditTrail({ audit: await stores.audit(), clock: systemClock, shard: anyShard() }),
      ),
    ),
    verifyToken: atOnce(async () =>
      observedVerifier(
        telemetry,
        (await import('../adapters/auth/token-verifier.js')).createTokenVerifier({
          issuers: config.issuers,
          clients: config.accessPolicy.clients,
        }),
      ),
    ),
    tokenDependencies: once(() => openTokenService(config, stores.replays)),
    healthProbes: once(async () =>
      (await import('./health-probes.js')).createHealthProbes(clients, config.serviceBus),
    ),
    acceptDependencies: async () => ({
      backlog: await backlog(),
      archive: await stores.archive(),
      messages: await stores.messages(),
      queue: await stores.queue(),
      clock: systemClock,
      identitySecret: config.identitySecret,
      packs: config.packs,
    }),
    normaliseDependencies: async () => ({
      archive: await stores.archive(),
      messages: await stores.messages(),
      records: await stores.records(),
      identities: await stores.identities(),
      clock: systemClock,
      knownShared,
      feeds: config.feeds,
      identitySecret: config.identitySecret,
      packs: config.packs,
    }),
  };
}

/** As many processes as write to the audit trail without meeting, if they do not choose alike. */
const auditShards = 32;

const anyShard = (): string => String(randomInt(auditShards)).padStart(2, '0');

async function openSender(config: Config, entity: string): Promise<ReopeningSender> {
  const { openServiceBus } = await import('../adapters/service-bus/messaging.js');
  const { createReopeningSender } = await import('../adapters/service-bus/reopening-sender.js');
  return createReopeningSender(() => openServiceBus(config.serviceBus), entity);
}

function createStores(config: Config, clients: Clients, guards: Guards, telemetry: Telemetry) {
  return {
    records: once(async () => {
      const { createCosmosRecordStore } = await import('../adapters/cosmos/record-store.js');
      return createCosmosRecordStore(await cosmosContainer(clients, 'records'));
    }),
    messages: once(async () => {
      const { createCosmosMessageStore } = await import('../adapters/cosmos/message-store.js');
      return createCosmosMessageStore(await cosmosContainer(clients, 'messages'));
    }),
    identities: once(async () => {
      const { createCosmosIdentityStore } = await import('../adapters/cosmos/identity-store.js');
      const { cacheClaims } = await import('../adapters/caching/identity-store.js');
      const store = createCosmosIdentityStore(await cosmosContainer(clients, 'identity'));
      return cacheClaims(store, (found, sought) => {
        telemetry.record('Cache.Lookups', found, { cache: 'identity', outcome: 'found' });
        telemetry.record('Cache.Lookups', sought, { cache: 'identity', outcome: 'sought' });
      });
    }),
    audit: once(async () => {
      const { createCosmosAuditStore } = await import('../adapters/cosmos/audit-store.js');
      return createCosmosAuditStore(await cosmosContainer(clients, 'audit'));
    }),
    replays: once(async () => {
      const { createCosmosReplayStore } = await import('../adapters/cosmos/replay-store.js');
      return createCosmosReplayStore(await cosmosContainer(clients, 'replays'));
    }),
    governance: once(async () => {
      const { createCosmosGovernanceStore } = await import('../adapters/cosmos/governance-store.js');
      return createCosmosGovernanceStore(await cosmosContainer(clients, 'governance'));
    }),
    archive: once(async () => {
      const { blobContainerOf, createBlobRawArchive } = await import('../adapters/blob/raw-archive.js');
      const archive = createBlobRawArchive(blobContainerOf(await clients.blobs(), 'raw-messages'));
      return observedArchive(telemetry, archive);
    }),
    queue: once(async () => {
      const { createServiceBusMessageQueue, entities } = await import('../adapters/service-bus/messaging.js');
      const sender = await openSender(config, entities.inbound);
      return observedQueue(telemetry, createServiceBusMessageQueue(sender, guards.serviceBus));
    }),
    queueView: once(async () => {
      const { openServiceBus } = await import('../adapters/service-bus/messaging.js');
      const { createServiceBusQueueView } = await import('../adapters/service-bus/queue-view.js');
      return createServiceBusQueueView(() => openServiceBus(config.serviceBus), guards.serviceBus);
    }),
    events: once(async () => {
      const { createServiceBusEventPublisher, entities } =
        await import('../adapters/service-bus/messaging.js');
      const sender = await openSender(config, entities.events);
      return observedEvents(telemetry, createServiceBusEventPublisher(sender, guards.serviceBus));
    }),
    accounts: once(async () => {
      const { createCosmosAccountStore } = await import('../adapters/cosmos/account-store.js');
      return createCosmosAccountStore(await cosmosContainer(clients, 'accounts'));
    }),
    ...createExportStores(config, clients, guards),
  };
}

const createExportStores = (config: Config, clients: Clients, guards: Guards) => ({
  exports: once(async () => {
    const { createCosmosExportStore } = await import('../adapters/cosmos/export-store.js');
    return createCosmosExportStore(await cosmosContainer(clients, 'exports'));
  }),
  exportFiles: once(async () => {
    const { createBlobExportFiles } = await import('../adapters/blob/export-files.js');
    const { blobContainerOf } = await import('../adapters/blob/raw-archive.js');
    return createBlobExportFiles(blobContainerOf(await clients.blobs(), 'exports'));
  }),
  exportQueue: once(async () => {
    const { createServiceBusExportQueue, entities } = await import('../adapters/service-bus/messaging.js');
    return createServiceBusExportQueue(await openSender(config, entities.exports), guards.serviceBus);
  }),
});

async function cosmosContainer(clients: Clients, name: Exclude<ContainerName, 'leases'>) {
  const { containerOf } = await import('../adapters/cosmos/connect.js');
  return containerOf(await clients.cosmos(), name);
}

export type { Clients };

let processContainer: Container | undefined;

/** Makes another container the one of this process, before any request: for benchmarks, whose stores are in memory. */
export function useContainer(other: Container): void {
  processContainer = other;
}

/** The container of this process, configured from its environment. */
export function container(): Container {
  processContainer ??= createContainer(readConfig());
  return processContainer;
}
