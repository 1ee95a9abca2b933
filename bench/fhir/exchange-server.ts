/**
 * The exchange's handler of `/fhir`, as the Functions worker calls it, over node:http: token, routing, use case,
 * representation and log line are those of the deployment. The store is in memory, unless HDE_BENCH_STORE is `cosmos`.
 */
import type * as Functions from '@azure/functions';
import { createRequire } from 'node:module';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { createMemoryIdentityStore } from '../../src/adapters/memory/identity-store.js';
import { createMemoryRecordStore } from '../../src/adapters/memory/record-store.js';
import { readConfig } from '../../src/platform/config.js';
import { createContainer, useContainer } from '../../src/platform/container.js';
import { fhirRoute } from '../../src/platform/fhir.js';
import { httpEdge } from '../../src/platform/http.js';
import { observationsEach, patients } from './sizes.js';
import { storePatients } from './stored.js';

// Its exports are made when it is loaded, so that an import by name does not find them outside the worker.
const load = createRequire(import.meta.url);
const { HttpRequest, InvocationContext } = load('@azure/functions') as typeof Functions;

const answer = httpEdge(fhirRoute);

/** The configuration is that of the environment. */
export async function createExchange(): Promise<Server> {
  const container = createContainer(readConfig());
  if (process.env['HDE_BENCH_STORE'] === 'cosmos') useContainer(container);
  else {
    const [records, identities] = [createMemoryRecordStore(), createMemoryIdentityStore()];
    await storePatients(records, 0, patients, observationsEach);
    useContainer({
      ...container,
      records: () => Promise.resolve(records),
      identities: () => Promise.resolve(identities),
    });
  }
  return createServer((request, response) => {
    const respond = async () => {
      const context = new InvocationContext({ functionName: 'fhir', logHandler: () => undefined });
      const { status = 200, headers, body } = await answer(await toRequest(request), context);
      const content = (body ?? '') as string | Buffer;
      response.writeHead(status, {
        ...(headers as Record<string, string>),
        'content-length': Buffer.byteLength(content),
      });
      response.end(content);
    };
    respond().catch(() => response.writeHead(500).end());
  });
}

async function toRequest(request: IncomingMessage): Promise<Functions.HttpRequest> {
  const { method = 'GET', url = '/', headers } = request;
  const hasBody = method !== 'GET' && method !== 'HEAD';
  return new HttpRequest({
    method,
    url: `http://${headers.host ?? '127.0.0.1'}${url}`,
    headers: headers as Record<string, string>,
    ...(hasBody ? { body: { bytes: await buffer(request) } } : {}),
  });
}
