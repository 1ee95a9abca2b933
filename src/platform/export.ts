/** `/fhir/$export`, `/fhir/Patient/$export` and `/fhir/export/...`: bulk exports (docs/guides/export.md). */
import { randomUUID } from 'node:crypto';
import type { HttpRequest } from '@azure/functions';
import { audited } from '../app/audit/audited.js';
import { beginExport } from '../app/export/begin-export.js';
import { cancelExport, findExport, openExportFile } from '../app/export/read-export.js';
import { readInput, requireValues } from '../app/fhir/operations/operation-request.js';
import { ExchangeError } from '../core/errors.js';
import { manifestOf, progressOf } from '../core/fhir/export/manifest.js';
import { ndjson, type ExportLevel } from '../core/fhir/export/read-export.js';
import { operationOutcome } from '../core/fhir/operation-outcome.js';
import { codeOfPurpose } from '../core/governance/access-vocabulary.js';
import { identifierToken } from '../core/identity/tokens.js';
import type { ExportKey } from '../ports/export-store.js';
import { askerOf, demandTo, purposeHeader } from './access.js';
import { accessOf, auditDependencies, demandRecorded } from './audit-access.js';
import { judging } from './background-access.js';
import { container } from './container.js';
import { readBody, type Exchange, type HttpAnswer, type Route } from './http.js';
import { jsonAnswer } from './operator-route.js';

/** Parameters of an export are short. */
const maxBytes = 65_536;

/** When a client may ask again how far its export is, in seconds. */
const againAfter = 10;

const kickOffRoute = (name: string, level: ExportLevel): Route => ({
  name,
  handle: (exchange) => begin(exchange, level),
});

/** `GET` and `POST /fhir/$export`: all records that the client may have. */
export const systemExportRoute = kickOffRoute('fhir/$export', 'system');

/** `GET` and `POST /fhir/Patient/$export`: those about patients. */
export const patientExportRoute = kickOffRoute('fhir/Patient/$export', 'patient');

/** `GET /fhir/Group/{id}/$export`: nobody has groups of patients here. */
export const groupExportRoute: Route = {
  name: 'fhir/Group/{id}/$export',
  handle() {
    throw new ExchangeError('HDE_TYPE_NOT_SUPPORTED', {
      detail: 'Group: export Patient/$export, or all, with _type and _since',
    });
  },
};

/** `GET /fhir/export/{id}`: how far an export is, or its files; `DELETE` ends it. */
export const exportRoute: Route = {
  name: 'fhir/export/{id}',
  async handle(exchange) {
    const isCancelled = exchange.request.method === 'DELETE';
    const key = await keyOf(exchange, isCancelled ? 'export-cancel' : 'export-status');
    if (isCancelled) return cancel(exchange, key);
    const { exports, clock } = await dependencies();
    const job = await findExport({ exports, clock }, key);
    if (job.status === 'running')
      return {
        status: 202,
        headers: { ...noStore, 'x-progress': progressOf(job), 'retry-after': String(againAfter) },
      };
    const answer = jsonAnswer(200, manifestOf(job, originOf(exchange.request)));
    const expires = new Date(job.expiresAt ?? job.touchedAt).toUTCString();
    return { ...answer, headers: { ...answer.headers, expires } };
  },
};

/** `GET /fhir/export/{id}/{file}`: one resource a line. */
export const exportFileRoute: Route = {
  name: 'fhir/export/{id}/{file}',
  async handle(exchange) {
    const key = await keyOf(exchange, 'export-file');
    const name = exchange.request.params['file'] ?? '';
    const { asker } = await whoAsks(exchange);
    const request = { ...asker, interaction: 'export', breakGlass: undefined } as const;
    const open = async () =>
      openExportFile({ ...(await dependencies()), ...(await judging()) }, key, name, request);
    const body = await recorded(exchange, 'export-file', false, key.id, open);
    return { status: 200, headers: { ...noStore, 'content-type': ndjson }, body };
  },
};

const noStore = { 'cache-control': 'no-store' };

async function begin(exchange: Exchange, level: ExportLevel): Promise<HttpAnswer> {
  const { request, logger, principal } = exchange;
  const id = randomUUID();
  const { asker, client } = await demandRecorded(
    exchange,
    { interaction: 'export-begin', role: 'reader' },
    () => whoAsks(exchange),
  );
  const asked = {
    ...{ id, client, level },
    asker: {
      principal: asker.principal,
      purpose: asker.purpose,
      ...(principal.claims.onBehalfOf === undefined ? {} : { onBehalfOf: principal.claims.onBehalfOf }),
    },
    parameters: await parametersOf(request),
    prefer: request.headers.get('prefer') ?? undefined,
    accept: request.headers.get('accept') ?? undefined,
  };
  const ignored = await recorded(exchange, 'export-begin', true, id, async () =>
    beginExport(await dependencies(), asked),
  );
  logger.info('export-begun', { actor: principal.subject });
  const headers = { ...noStore, 'content-location': `${originOf(request)}/fhir/export/${id}` };
  return ignored.length === 0
    ? { status: 202, headers }
    : {
        status: 202,
        headers: { ...headers, 'content-type': 'application/fhir+json; charset=utf-8' },
        body: JSON.stringify(operationOutcome(ignored)),
      };
}

async function cancel(exchange: Exchange, key: ExportKey): Promise<HttpAnswer> {
  await recorded(exchange, 'export-cancel', true, key.id, async () =>
    cancelExport(await dependencies(), key),
  );
  return { status: 202, headers: noStore };
}

/** Does what a client asks about an export, and records it under the id of the export. */
async function recorded<T>(
  exchange: Exchange,
  interaction: string,
  isChange: boolean,
  id: string,
  work: () => Promise<T>,
): Promise<T> {
  const { purpose } = (await whoAsks(exchange)).asker;
  const access = {
    ...accessOf(exchange, interaction, 'reader', id),
    purpose: purpose && codeOfPurpose[purpose],
    isChange,
    concerned: () => Promise.resolve({ records: [], patients: [] }),
  };
  return audited(await auditDependencies(), access, work);
}

async function parametersOf(request: HttpRequest) {
  const isPosted = request.method === 'POST';
  const input = await readInput({
    parameters: [...new URL(request.url).searchParams],
    isPosted,
    readBody: async () => ({
      contentType: request.headers.get('content-type') ?? undefined,
      bytes: await readBody(request, maxBytes),
    }),
  });
  return requireValues(input);
}

/**
 * Who asks, and the key of their exports.
 *
 * @throws ExchangeError HDE_FORBIDDEN for whoever may read no records at all
 */
async function whoAsks({ request, principal }: Exchange) {
  demandTo(principal, 'read-records');
  const { config, clock } = container();
  const { identitySecret } = config;
  const places = {
    records: await container().records(),
    identities: await container().identities(),
    identitySecret,
  };
  const asker = await askerOf(places, principal, request.headers.get(purposeHeader), clock.now());
  return { asker, client: clientOf(principal) };
}

/** Exports are found by whoever asked for them, on behalf of the same organisation: for all others they do not exist. */
const clientOf = ({ subject, claims }: Exchange['principal']): string =>
  identifierToken(
    container().config.identitySecret,
    'urn:hde:export-client',
    `${claims.organisation ?? ''}|${subject}`,
  );

/** @throws ExchangeError HDE_FORBIDDEN, which is recorded */
const keyOf = (exchange: Exchange, interaction: string): Promise<ExportKey> =>
  demandRecorded(exchange, { interaction, role: 'reader' }, () => {
    const { request, principal } = exchange;
    demandTo(principal, 'read-records');
    return { client: clientOf(principal), id: request.params['id'] ?? '' };
  });

const originOf = ({ url }: HttpRequest): string => container().config.publicUrl ?? new URL(url).origin;

const dependencies = async () => ({
  exports: await container().exports(),
  files: await container().exportFiles(),
  queue: await container().exportQueue(),
  policy: container().config.accessPolicy,
  clock: container().clock,
});
