/** Which roles of an application's token every address takes: a route that is added needs its row here. */
import { readdirSync, readFileSync } from 'node:fs';
import { HttpRequest } from '@azure/functions';
import { beforeAll, expect, test } from '@jest/globals';
import { createMemoryAuditStore } from '../../src/adapters/memory/audit-store.js';
import { createMemoryGovernanceStore } from '../../src/adapters/memory/governance-store.js';
import { createMemoryIdentityStore } from '../../src/adapters/memory/identity-store.js';
import { createMemoryRecordStore } from '../../src/adapters/memory/record-store.js';
import { auditTrail } from '../../src/app/audit/audit-trail.js';
import { ExchangeError } from '../../src/core/errors.js';
import { roles, type Role } from '../../src/core/governance/access.js';
import { readConfig } from '../../src/platform/config.js';
import { createContainer, useContainer } from '../../src/platform/container.js';
import type { Route } from '../../src/platform/http.js';
import { aPrincipal } from '../support/principals.js';
import { aReceipt } from '../support/receipts.js';

const operator = ['operator'] as const;
const officer = ['privacy-officer'] as const;
const reader = ['reader'] as const;

/** Whoever has none of these is refused; of staff and patients their scopes are asked instead of reader and writer. */
const takes: Readonly<Record<string, readonly Role[]>> = {
  auditEventsRoute: officer,
  auditLinesRoute: officer,
  auditSearchRoute: officer,
  // For staff whose role may, and for nobody else.
  breakGlassRoute: [],
  endProxyRoute: officer,
  endRelationshipRoute: officer,
  exportFileRoute: reader,
  exportRoute: reader,
  fhirRoute: reader,
  glassReviewRoute: officer,
  glassSearchRoute: officer,
  // Not served.
  groupExportRoute: [],
  ingestFaceRoute: ['sender'],
  ingestRoute: ['sender'],
  ledgerArchiveRoute: operator,
  ledgerReceiptsRoute: operator,
  ledgerTakeInRoute: operator,
  optOutsRoute: officer,
  patientExportRoute: reader,
  patientFaceRoute: reader,
  patientSearchFaceRoute: reader,
  previewRoute: operator,
  proxiesRoute: officer,
  receiptRoute: ['sender', 'operator'],
  // For patients.
  recordViewsRoute: [],
  reindexRoute: operator,
  relationshipsRoute: officer,
  runRoute: operator,
  systemExportRoute: reader,
  triageCorrectRoute: operator,
  triageDismissRoute: operator,
  triageListRoute: operator,
  triageMessageRoute: operator,
  triageResubmitManyRoute: operator,
  triageResubmitRoute: operator,
  triageSearchRoute: operator,
};

/** Those that need no token. */
const open = ['smartConfigurationRoute', 'smartJwksRoute', 'smartTokenRoute'];

const functions = readdirSync('functions').map((file) => readFileSync(`functions/${file}`, 'utf8'));

test('every route of the functions has its row', () => {
  const named = functions.flatMap((text) => text.match(/\b[a-z]\w*Route\b/g) ?? []);
  expect([...new Set(named)].sort()).toEqual([...Object.keys(takes), ...open].sort());
});

const routes = new Map<string, Route>();

beforeAll(async () => {
  const sources = functions.flatMap((text) => [
    ...text.matchAll(/Route\b[^;]*? from '\.\.(\/src\/platform\/[\w/-]+)\.js'/g),
  ]);
  for (const path of new Set(sources.map(([, source = '']) => source))) {
    const exported = (await import(`../..${path}.js`)) as Record<string, unknown>;
    for (const [name, value] of Object.entries(exported)) if (name in takes) routes.set(name, value as Route);
  }
  const settings = JSON.parse(readFileSync('local.settings.sample.json', 'utf8')) as {
    Values: Record<string, string>;
  };
  const container = createContainer(readConfig(settings.Values));
  const [records, identities] = [createMemoryRecordStore(), createMemoryIdentityStore()];
  const governance = createMemoryGovernanceStore();
  const audit = createMemoryAuditStore();
  const trail = auditTrail({ audit, clock: container.clock, shard: '00' });
  const receipt = aReceipt({ id: 'm1', feed: 'rzz-tie' });
  useContainer({
    ...container,
    records: () => Promise.resolve(records),
    identities: () => Promise.resolve(identities),
    governance: () => Promise.resolve(governance),
    audit: () => Promise.resolve(audit),
    auditTrail: () => Promise.resolve(trail),
    messages: () => Promise.resolve({ get: () => Promise.resolve(receipt) } as never),
    acceptDependencies: () => Promise.reject(new Error('somebody may send')),
    archive: () => Promise.reject(new Error('somebody may look')),
  });
});

const refusals: ReadonlySet<string> = new Set([
  ...['HDE_FORBIDDEN', 'HDE_RECEIPT_NOT_FOUND', 'HDE_TYPE_NOT_SUPPORTED'],
]);
const drop = (): void => undefined;

const body = JSON.stringify({ patient: 'a', reason: 'unconscious' });

async function isRefused(route: Route, role: Role): Promise<boolean> {
  const request = new HttpRequest({
    ...{
      method: 'POST',
      url: `http://exchange.example/${route.name === 'Patient' ? 'Patient?family=x' : route.name}`,
      body: { string: body },
    },
    headers: { 'content-type': 'application/json', 'data-type': 'HL7v2', 'source-domain': 'tie' },
    params: { id: 'm1', feed: 'rzz-tie', nhsNumber: '9990000018', patient: 'a' },
  });
  const asGet = route.name.startsWith('fhir')
    ? new HttpRequest({ method: 'GET', url: 'http://exchange.example/fhir/Patient/a' })
    : request;
  const principal = aPrincipal([role], { feeds: ['rzz-tie'] });
  const logger = { info: drop, warn: drop, error: drop };
  try {
    const { status = 200 } = await route.handle({
      request: asGet,
      logger,
      principal,
      traceparent: undefined,
    });
    return status === 403;
  } catch (error) {
    return error instanceof ExchangeError && refusals.has(error.code);
  }
}

test.each(Object.entries(takes))('%s takes %j', async (name, taken) => {
  const route = routes.get(name)!;
  const admitted: Role[] = [];
  for (const role of roles) if (!(await isRefused(route, role))) admitted.push(role);
  expect(admitted.sort()).toEqual([...taken].sort());
});
