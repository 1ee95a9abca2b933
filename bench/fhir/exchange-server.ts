/**
 * The exchange's handler of `/fhir` over node:http: token, routing, use case, representation, audit trail and log line are those
 * of the deployment. The store is in memory, unless HDE_BENCH_STORE is `cosmos`.
 */
import type * as Functions from '@azure/functions';
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { createMemoryAuditStore } from '../../src/adapters/memory/audit-store.js';
import { createMemoryGovernanceStore } from '../../src/adapters/memory/governance-store.js';
import { createMemoryIdentityStore } from '../../src/adapters/memory/identity-store.js';
import { createMemoryRecordStore } from '../../src/adapters/memory/record-store.js';
import { recordAccess } from '../../src/app/audit/audited.js';
import { auditTrail } from '../../src/app/audit/audit-trail.js';
import { readConfig } from '../../src/platform/config.js';
import { container, createContainer, useContainer } from '../../src/platform/container.js';
import { fhirRoute } from '../../src/platform/fhir.js';
import { type EdgeContext, type EdgeRequest, type HttpAnswer, httpEdge } from '../../src/platform/http.js';
import type { AuditStore } from '../../src/ports/audit-store.js';
import { createEcho } from './echo.js';
import { observationsEach, patients } from './sizes.js';
import { storePatients } from './stored.js';

const answer = httpEdge(fhirRoute);

/** The handler is given requests as node:http has them. */
export async function createExchange(): Promise<Server> {
  await arrange();
  const context: EdgeContext = { info: drop, warn: drop, error: drop };
  return createServer((request, response) => {
    answer(asEdgeRequest(request), context)
      .then((answered) => {
        send(answered, response);
      })
      .catch(() => response.writeHead(500).end());
  });
}

/** The handler is given requests as the Functions worker makes them, with the request and context of its library. */
export async function createFunctions(): Promise<Server> {
  await arrange();
  // Its exports are made when it is loaded, so that an import by name does not find them outside the worker.
  const library = createRequire(import.meta.url)('@azure/functions') as typeof Functions;
  return createServer((request, response) => {
    const respond = async () => {
      const context = new library.InvocationContext({ functionName: 'fhir', logHandler: drop });
      send(await answer(await asLibraryRequest(library, request), context), response);
    };
    respond().catch(() => response.writeHead(500).end());
  });
}

/**
 * What authorisation and audit cost by themselves: an echo that knows who asks, and records what is read before it
 * answers, by the parts of the exchange.
 */
export async function createGuardedEcho(): Promise<Server> {
  await arrange();
  const { clock } = container();
  const trail = await container().auditTrail();
  const verify = await container().verifyToken();
  return createEcho(async ({ headers, url = '' }) => {
    const { subject, claims } = await verify(headers.authorization?.slice('Bearer '.length) ?? '');
    const concerned = {
      records: [url.slice('/fhir/'.length)],
      patients: [url.slice('/fhir/Patient/'.length)],
    };
    const { organisation } = claims;
    const access = { interaction: 'read', organisation, reason: 'role', request: randomUUID(), subject };
    await recordAccess({ trail, clock }, access, 'done', concerned);
  });
}

const drop = (): void => undefined;

/** The configuration is that of the environment. */
async function arrange(): Promise<void> {
  const configured = createContainer(readConfig());
  if (process.env['HDE_BENCH_STORE'] === 'cosmos') {
    useContainer(configured);
    return;
  }
  const [records, identities] = [createMemoryRecordStore(), createMemoryIdentityStore()];
  const governance = createMemoryGovernanceStore();
  await storePatients(records, 0, patients, observationsEach);
  const memory = createMemoryAuditStore();
  // Entries are made and chained, and kept nowhere, as log lines are.
  const audit: AuditStore = { ...memory, extend: (chain, etag) => memory.extend(chain, etag) };
  const trail = auditTrail({ audit, clock: configured.clock, shard: '00' });
  useContainer({
    ...configured,
    auditTrail: () => Promise.resolve(trail),
    records: () => Promise.resolve(records),
    identities: () => Promise.resolve(identities),
    governance: () => Promise.resolve(governance),
  });
}

const urlOf = ({ headers, url = '/' }: IncomingMessage): string =>
  `http://${headers.host ?? '127.0.0.1'}${url}`;

function asEdgeRequest(request: IncomingMessage): EdgeRequest {
  const { method = 'GET', headers } = request;
  const get = (name: string) => (headers[name] as string | undefined) ?? null;
  return { method, url: urlOf(request), headers: { get }, body: request };
}

async function asLibraryRequest(
  { HttpRequest }: typeof Functions,
  request: IncomingMessage,
): Promise<Functions.HttpRequest> {
  const { method = 'GET', headers } = request;
  const hasBody = method !== 'GET' && method !== 'HEAD';
  return new HttpRequest({
    method,
    url: urlOf(request),
    headers: headers as Record<string, string>,
    ...(hasBody ? { body: { bytes: await buffer(request) } } : {}),
  });
}

function send({ status = 200, headers, body }: HttpAnswer, response: ServerResponse): void {
  const content = (body ?? '') as string | Buffer;
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(content) });
  response.end(content);
}
