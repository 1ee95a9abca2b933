/** Every HTTP function as it is registered, over stores in memory: for tests that no route may escape. */
import { readFileSync, readdirSync } from 'node:fs';
import { jest } from '@jest/globals';
import type { HttpRequest } from '@azure/functions';
import { createMemoryAuditStore } from '../../src/adapters/memory/audit-store.js';
import { createMemoryExportFiles } from '../../src/adapters/memory/export-files.js';
import { createMemoryExportQueue } from '../../src/adapters/memory/export-queue.js';
import { createMemoryExportStore } from '../../src/adapters/memory/export-store.js';
import { createMemoryGovernanceStore } from '../../src/adapters/memory/governance-store.js';
import { auditTrail } from '../../src/app/audit/audit-trail.js';
import { roles } from '../../src/core/governance/access.js';
import { readConfig } from '../../src/platform/config.js';
import type { Container } from '../../src/platform/container.js';
import type { EdgeContext, HttpAnswer } from '../../src/platform/http.js';
import { createMemoryExchange } from '../support/exchange.js';
import { aPrincipal } from '../support/principals.js';

export interface HttpFunction {
  readonly name: string;
  readonly route: string;
  readonly methods: readonly string[];
  readonly handler: (request: HttpRequest, context: EdgeContext) => Promise<HttpAnswer>;
}

/**
 * Loads the entry files. It must be called before anything else imports `src/platform`, whose modules are one with
 * those that it loads.
 */
export async function loadHttpFunctions(): Promise<readonly HttpFunction[]> {
  const registered: HttpFunction[] = [];
  const others = {
    serviceBusQueue: jest.fn(),
    cosmosDB: jest.fn(),
    timer: jest.fn(),
    hook: { appTerminate: jest.fn() },
  };
  const http = (name: string, options: Omit<HttpFunction, 'name'>) => {
    registered.push({ name, ...options });
  };
  jest.unstable_mockModule('@azure/functions', () => ({ app: { ...others, http } }));
  for (const file of readdirSync('functions')) await import(`../../functions/${file.replace('.ts', '.js')}`);
  return registered;
}

/** A container over empty stores; any token but `bad` has all roles, and the feed of the sample. */
export async function memoryContainer(
  environment: Readonly<Record<string, string>> = {},
): Promise<Container> {
  const { createContainer } = await import('../../src/platform/container.js');
  const { Values } = JSON.parse(readFileSync('local.settings.sample.json', 'utf8')) as {
    Values: Record<string, string>;
  };
  const container = createContainer(readConfig({ ...Values, ...environment }));
  const exchange = createMemoryExchange();
  const audit = createMemoryAuditStore();
  const governance = createMemoryGovernanceStore();
  const [exports, exportFiles] = [createMemoryExportStore(), createMemoryExportFiles()];
  const exportQueue = createMemoryExportQueue();
  const trail = auditTrail({ audit, clock: container.clock, shard: '00' });
  const everything = aPrincipal(roles, { feeds: ['rzz-tie'] });
  return {
    ...container,
    verifyToken: () => Promise.resolve(() => Promise.resolve(everything)),
    records: () => Promise.resolve(exchange.records),
    identities: () => Promise.resolve(exchange.identities),
    governance: () => Promise.resolve(governance),
    messages: () => Promise.resolve(exchange.messages),
    archive: () => Promise.resolve(exchange.archive),
    queue: () => Promise.resolve(exchange.queue),
    audit: () => Promise.resolve(audit),
    auditTrail: () => Promise.resolve(trail),
    exports: () => Promise.resolve(exports),
    exportFiles: () => Promise.resolve(exportFiles),
    exportQueue: () => Promise.resolve(exportQueue),
    healthProbes: () => Promise.resolve([]),
    acceptDependencies: () => Promise.resolve(exchange),
    normaliseDependencies: () => Promise.resolve(exchange),
  };
}

/** A request as the library gives it to a handler. */
export function requestTo(
  { route }: HttpFunction,
  method: string,
  { path, query = '', headers = {}, body }: RequestParts = {},
): HttpRequest {
  const params: Record<string, string> = {};
  const filled = route.replace(/\{\*?(\w+)\??\}/g, (_, name: string) => {
    params[name] = path ?? (name === 'path' ? 'Patient' : 'rzz-tie');
    return params[name];
  });
  const url = new URL(`http://exchange.example/${filled}${query}`);
  const request = new Request(url, { method, headers, ...(body === undefined ? {} : { body }) });
  return Object.assign(request, { params, query: url.searchParams }) as unknown as HttpRequest;
}

export interface RequestParts {
  /** What takes the place of each parameter of the route. */
  readonly path?: string;
  /** With its question mark. */
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}
