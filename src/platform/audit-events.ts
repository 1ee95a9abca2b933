/** `/fhir/AuditEvent`: the audit trail for FHIR clients, read-only (docs/reference/audit.md). */
import type { AuditEvent, Bundle, Resource } from 'fhir/r4.js';
import { audited } from '../app/audit/audited.js';
import { readAuditEvent, searchAuditEvents, type ToldEvents } from '../app/audit/audit-events.js';
import { answerWith } from '../app/fhir/fhir-answer.js';
import { findingPlaces } from '../app/fhir/record-places.js';
import { refusalOf } from '../app/fhir/refusal.js';
import { represent } from '../app/fhir/represent.js';
import { readForm } from '../app/fhir/search-form.js';
import { ExchangeError } from '../core/errors.js';
import { searchsetBundle, type ParameterPair } from '../core/fhir/bundle.js';
import { readRepresentation } from '../core/fhir/representation.js';
import { pageParameter } from '../core/fhir/search-parameters.js';
import { demandRole } from '../core/governance/access.js';
import { readAuditEventSearch, type AuditEventSearch } from '../core/governance/audit/audit-event-search.js';
import { accessOf, auditDependencies, demandRecorded } from './audit-access.js';
import { container } from './container.js';
import { answerRequest } from './fhir.js';
import { readBody, type Exchange, type Route } from './http.js';
import { eventOf, findViews } from './patient-view.js';

/** Parameters of a search are short. */
const maxBytes = 65_536;

/** As many views as patients are told of at once. */
const mostViews = 100;

/**
 * `GET /fhir/AuditEvent`, `GET /fhir/AuditEvent/{id}` and `POST /fhir/AuditEvent/_search`: for privacy officers, and the search
 * for patients, who are told what `/access/my-record-views` tells them.
 */
export const auditEventsRoute: Route = {
  name: 'fhir/AuditEvent/{id?}',
  isPatient: true,
  async handle(exchange) {
    const { request, principal } = exchange;
    const id = request.params['id'] ?? '';
    const isSearch = id === '' || id === '_search';
    if ((request.method === 'POST') !== (id === '_search'))
      throw new ExchangeError('HDE_METHOD_NOT_ALLOWED', {
        detail: 'AuditEvents are read, and searched for.',
      });
    const isOwn = isSearch && principal.claims.kind === 'patient';
    if (!isOwn)
      await demandRecorded(exchange, { interaction: 'audit-search', role: 'privacy-officer' }, () => {
        demandRole(principal, 'privacy-officer');
      });
    const read = readRepresentation(await parametersOf(exchange), request.headers.get('accept') ?? undefined);
    if (!read.ok) throw refusalOf(read.error);
    const { view, others } = read.value;
    if (view !== undefined)
      throw new ExchangeError('HDE_SEARCH_PARAMETER', { detail: 'AuditEvents are given whole.' });
    const resource = isOwn
      ? await ownEvents(exchange, others)
      : await watched(exchange, () => (isSearch ? search(exchange, others) : single(id)));
    return answerRequest(request, represent(answerWith(resource), read.value));
  },
};

/** What a privacy officer looked up is recorded before they see it, also when nothing is there. */
async function watched(exchange: Exchange, look: () => Promise<ToldEvents<Resource>>): Promise<Resource> {
  let patients: readonly string[] = [];
  const access = {
    ...accessOf(exchange, 'audit-search', 'privacy-officer'),
    ...{ isChange: false, concerned: () => ({ records: [], patients }) },
  };
  const resource = await audited(await auditDependencies(), access, async () => {
    const told = await look();
    ({ patients } = told);
    return told.resource;
  });
  exchange.logger.info('audit-searched', { actor: exchange.principal.subject, count: countOf(resource) });
  return resource;
}

const countOf = (resource: Resource): number =>
  resource.resourceType === 'Bundle' ? ((resource as Bundle).entry?.length ?? 0) : 1;

/** Of a search by POST those of its body too. */
async function parametersOf({ request }: Exchange): Promise<readonly ParameterPair[]> {
  const query = [...new URL(request.url).searchParams];
  if (request.method !== 'POST') return query;
  const contentType = request.headers.get('content-type') ?? undefined;
  return [...query, ...readForm(contentType, await readBody(request, maxBytes))];
}

const baseUrlOf = ({ request }: Exchange): string =>
  `${container().config.publicUrl ?? new URL(request.url).origin}/fhir`;

/** @throws ExchangeError HDE_SEARCH_PARAMETER */
function searchOf(exchange: Exchange, parameters: readonly ParameterPair[]): AuditEventSearch {
  const asked = readAuditEventSearch(parameters, baseUrlOf(exchange));
  if (!asked.ok) throw refusalOf(asked.error);
  return asked.value;
}

async function search(exchange: Exchange, parameters: readonly ParameterPair[]): Promise<ToldEvents<Bundle>> {
  const asked = searchOf(exchange, parameters);
  const { identitySecret } = container().config;
  const places = { identities: await container().identities(), identitySecret };
  const records = findingPlaces(await container().records(), places);
  return searchAuditEvents(
    { audit: await container().audit(), records, baseUrl: baseUrlOf(exchange) },
    asked,
  );
}

/** What a patient is told of accesses to their record, or to that of whom they act for. */
async function ownEvents(exchange: Exchange, parameters: readonly ParameterPair[]): Promise<Bundle> {
  const { patients, page, count, criteria } = searchOf(exchange, parameters);
  const other = criteria.find(([name]) => name !== 'patient' && name !== '_count');
  if (other !== undefined || (patients?.length ?? 0) > 1)
    throw new ExchangeError('HDE_SEARCH_PARAMETER', {
      location: other?.[0] ?? 'patient',
      detail: 'Patients search by one patient and by nothing else.',
    });
  const { baseUrl, found } = await findViews(exchange, patients?.[0], {
    limit: Math.min(count, mostViews),
    continuation: page,
  });
  const next =
    found.continuation === undefined
      ? {}
      : { nextParameters: [...criteria, [pageParameter, found.continuation] as const] };
  const matches = found.views.map(eventOf);
  return searchsetBundle({ ...{ baseUrl, path: 'AuditEvent', parameters: criteria, matches }, ...next });
}

const single = async (id: string): Promise<ToldEvents<AuditEvent>> =>
  readAuditEvent({ audit: await container().audit() }, id);
