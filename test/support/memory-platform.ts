/** The handlers that are deployed over stores in memory: what they answer, log and record. */
import type * as Functions from '@azure/functions';
import { createRequire } from 'node:module';
import { createMemoryAuditStore } from '../../src/adapters/memory/audit-store.js';
import { createMemoryGovernanceStore } from '../../src/adapters/memory/governance-store.js';
import { createMemoryIdentityStore } from '../../src/adapters/memory/identity-store.js';
import { createMemoryMessageStore } from '../../src/adapters/memory/message-store.js';
import { createMemoryRawArchive } from '../../src/adapters/memory/raw-archive.js';
import { createMemoryRecordStore } from '../../src/adapters/memory/record-store.js';
import { auditTrail } from '../../src/app/audit/audit-trail.js';
import { searchTrail } from '../../src/app/audit/search-trail.js';
import { ExchangeError } from '../../src/core/errors.js';
import type { Principal } from '../../src/core/governance/access.js';
import type { AuditEntry } from '../../src/core/governance/audit/entry.js';
import { readConfig } from '../../src/platform/config.js';
import { createContainer, useContainer, type Container } from '../../src/platform/container.js';
import { httpEdge, type Route } from '../../src/platform/http.js';
import type { AuditStore } from '../../src/ports/audit-store.js';
import type { MessageStore } from '../../src/ports/message-store.js';
import type { RawArchive } from '../../src/ports/raw-archive.js';
import settings from '../../local.settings.sample.json' with { type: 'json' };

const { HttpRequest, InvocationContext } = createRequire(import.meta.url)(
  '@azure/functions',
) as typeof Functions;

type Handler = ReturnType<typeof httpEdge<Functions.HttpRequest>>;

export interface Answered {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly json: Readonly<Record<string, unknown>>;
  /** Status, headers and body as a client gets them. */
  readonly whole: string;
}

export interface Asked {
  /** Which of the principals. */
  readonly as: string;
  readonly method?: string;
  /** Default: the name of the route. */
  readonly path?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Of the template of the route. */
  readonly params?: Readonly<Record<string, string>>;
}

export interface MemoryPlatform {
  readonly container: Container;
  readonly messages: MessageStore;
  readonly archive: RawArchive;
  /** What was logged, each line as it was written. */
  readonly logged: string[];
  ask(route: Route, asked: Asked): Promise<Answered>;
  /** Asks a handler at an address below the root. */
  askHandler(handler: Handler, path: string, asked: Asked): Promise<Answered>;
  /** What stands in the audit trail, the oldest first. */
  recorded(): Promise<AuditEntry[]>;
  /** Lets the time of the exchange be. */
  setTime(instant: string): void;
  /** Whether nothing can be written to the audit trail. */
  setTrailAway(isAway: boolean): void;
}

/**
 * Makes the container of the process one over memory.
 *
 * @param principals by the name that a request gives as its token
 */
export function openMemoryPlatform(
  principals: Readonly<Record<string, Principal>>,
  environment: Readonly<Record<string, string>> = {},
): MemoryPlatform {
  let now = new Date('2026-06-15T12:00:00.000Z');
  const clock = { now: () => now };
  let isTrailAway = false;
  const trailStore = createMemoryAuditStore();
  const extend: AuditStore['extend'] = (...parts) =>
    isTrailAway ? Promise.reject(new Error('away')) : trailStore.extend(...parts);
  const audit = { ...trailStore, extend };
  const messages = createMemoryMessageStore();
  const archive = createMemoryRawArchive();
  const records = createMemoryRecordStore();
  const identities = createMemoryIdentityStore();
  const governance = createMemoryGovernanceStore();
  const trail = auditTrail({ audit, clock, shard: '00' });
  const plain = createContainer(readConfig({ ...settings.Values, ...environment }));
  const { feeds, packs, identitySecret } = plain.config;
  const working = { archive, messages, clock, identitySecret, packs };
  const container: Container = {
    ...plain,
    clock,
    verifyToken: () => Promise.resolve((token: string) => find(principals, token)),
    records: () => Promise.resolve(records),
    identities: () => Promise.resolve(identities),
    governance: () => Promise.resolve(governance),
    messages: () => Promise.resolve(messages),
    acceptDependencies: () => Promise.resolve({ ...working, ...idle }),
    normaliseDependencies: () =>
      Promise.resolve({ ...working, records, identities, feeds, knownShared: {} as never }),
    audit: () => Promise.resolve(audit),
    auditTrail: () => Promise.resolve(trail),
  };
  useContainer(container);
  const logged: string[] = [];
  return {
    container,
    messages,
    archive,
    logged,
    ask: (route, asked) => ask(httpEdge(route), asked.path ?? route.name, asked, logged),
    askHandler: (handler, path, asked) => ask(handler, path, asked, logged),
    async recorded() {
      const { entries } = await searchTrail({ audit }, {}, { limit: 10_000 });
      return entries.map(({ entry }) => entry).reverse();
    },
    setTime(instant) {
      now = new Date(instant);
    },
    setTrailAway(isAway) {
      isTrailAway = isAway;
    },
  };
}

/** A queue that takes everything, before which nothing waits. */
const idle = {
  backlog: { isFull: () => Promise.resolve(false), admit: () => Promise.resolve() } as never,
  queue: { send: () => Promise.resolve() } as never,
};

const find = (principals: Readonly<Record<string, Principal>>, token: string): Promise<Principal> => {
  const principal = principals[token];
  return principal === undefined
    ? Promise.reject(new ExchangeError('HDE_UNAUTHENTICATED'))
    : Promise.resolve(principal);
};

async function ask(handler: Handler, path: string, asked: Asked, logged: string[]): Promise<Answered> {
  const { as, method = 'POST', body, headers = {}, params = {} } = asked;
  const request = new HttpRequest({
    method,
    url: `http://127.0.0.1:7071/${path}`,
    params: { ...params },
    headers: { 'content-type': 'application/json', ...headers, authorization: `Bearer ${as}` },
    ...(body === undefined ? {} : { body: { string: JSON.stringify(body) } }),
  });
  const logHandler = (_level: unknown, ...texts: unknown[]) => logged.push(texts.join(' '));
  const answer = await handler(request, new InvocationContext({ functionName: 'test', logHandler }));
  const text =
    answer.body === undefined
      ? JSON.stringify(answer.jsonBody ?? {})
      : (answer.body as Buffer | string).toString();
  return {
    status: answer.status,
    headers: answer.headers ?? {},
    json: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>,
    whole: JSON.stringify([answer.status, answer.headers, text]),
  };
}
