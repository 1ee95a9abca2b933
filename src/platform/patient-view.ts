/** `GET /access/my-record-views`: who looked at a record, for the patient whose it is and those who act for them. */
import type { AuditEvent, Bundle } from 'fhir/r4.js';
import { guardedRecords } from '../app/access/guarded-records.js';
import { viewAccesses, type View, type ViewPage, type Viewer } from '../app/access/patient-view.js';
import type { RequestAccess } from '../app/access/request-access.js';
import { expandLinks } from '../app/fhir/link-set.js';
import { findingPlaces } from '../app/fhir/record-places.js';
import { ExchangeError } from '../core/errors.js';
import { auditEventId, toAuditEvent } from '../core/governance/audit/audit-event.js';
import type { SearchPage } from '../app/audit/search-trail.js';
import { purposeHeader, requestAccess } from './access.js';
import { recordViews } from './access-requests.js';
import { auditedAccess } from './audit.js';
import { container } from './container.js';
import type { Exchange, HttpAnswer, Route } from './http.js';
import { jsonAnswer } from './operator-route.js';
import { readQuery } from './requests.js';

export const recordViewsRoute: Route = {
  name: 'access/my-record-views',
  async handle(exchange) {
    const { request } = exchange;
    const { patient, ...page } = readQuery(request, recordViews);
    const { baseUrl, found } = await findViews(exchange, patient, page);
    const isFhir = /\bapplication\/fhir\+json\b/i.test(request.headers.get('accept') ?? '');
    return isFhir ? fhirAnswer(baseUrl, patient, found) : plainAnswer(found);
  },
};

/**
 * Who looked at a record, recorded before it is told.
 *
 * @param patient whose record; undefined for the own one
 * @throws ExchangeError HDE_FORBIDDEN to whoever is no patient, HDE_RESOURCE_NOT_FOUND for a patient whom they may not see
 */
export async function findViews(
  exchange: Exchange,
  patient: string | undefined,
  page: SearchPage,
): Promise<{ readonly baseUrl: string; readonly found: ViewPage }> {
  const deps = await dependenciesOf(exchange);
  const { access, baseUrl } = deps;
  let told: readonly string[] = [];
  const found = await auditedAccess(
    exchange,
    { interaction: 'my-record-views', access, concerned: () => ({ records: [], patients: told }) },
    async () => {
      const viewer = await viewerOf(deps, exchange, patient);
      told = viewer.patients;
      return viewOf(deps, viewer, page);
    },
  );
  return { baseUrl, found };
}

type Dependencies = Awaited<ReturnType<typeof dependenciesOf>>;

async function dependenciesOf({ request, principal }: Exchange) {
  const { config } = container();
  const places = { identities: await container().identities(), identitySecret: config.identitySecret };
  const records = findingPlaces(await container().records(), places);
  const governance = await container().governance();
  const baseUrl = `${config.publicUrl ?? new URL(request.url).origin}/fhir`;
  const header = request.headers.get(purposeHeader);
  const access: RequestAccess = await requestAccess(
    container(),
    { ...places, records, governance, baseUrl },
    principal,
    header,
  );
  const seen = guardedRecords(records, access, 'read');
  return { records: seen, stored: records, governance, baseUrl, access, audit: await container().audit() };
}

/**
 * Whoever may read the Patient may know who looked.
 *
 * @throws ExchangeError HDE_FORBIDDEN to whoever is no patient, HDE_RESOURCE_NOT_FOUND for a patient whom they may not see
 */
async function viewerOf(
  { access, records, stored, baseUrl }: Dependencies,
  { principal }: Exchange,
  asked: string | undefined,
): Promise<Viewer> {
  if (principal.claims.kind !== 'patient')
    throw new ExchangeError('HDE_FORBIDDEN', { detail: 'for patients, and those who act for them' });
  access.demand('read', 'Patient');
  const { ownRecord } = access.asker.principal;
  const patient = asked ?? ownRecord;
  if (patient === undefined || (await records.readCurrent('Patient', patient)) === undefined)
    throw new ExchangeError('HDE_RESOURCE_NOT_FOUND');
  const { patients } = await expandLinks({ records, stored, baseUrl }, patient);
  const visible = await Promise.all(patients.map((id) => records.readCurrent('Patient', id)));
  return {
    subject: principal.subject,
    reader: patient === ownRecord ? 'patient' : 'proxy',
    patients: patients.filter((_, at) => visible[at] !== undefined),
  };
}

function viewOf(
  { audit, governance, records }: Dependencies,
  viewer: Viewer,
  page: SearchPage,
): Promise<ViewPage> {
  const maySee = async (type: string, id: string) => (await records.readLatest(type, id)) !== undefined;
  const { accessPolicy: policy } = container().config;
  return viewAccesses({ audit, governance, policy, maySee }, viewer, page);
}

const plainAnswer = ({ views, continuation }: ViewPage): HttpAnswer =>
  jsonAnswer(200, {
    views: views.map(({ entry: { at }, organisation, text }) => ({ at, organisation, text })),
    continuation,
  });

/** AuditEvents of FHIR R4, without what the patient is not told. */
function fhirAnswer(
  baseUrl: string,
  patient: string | undefined,
  { views, continuation }: ViewPage,
): HttpAnswer {
  const address = `${baseUrl.replace(/fhir$/, '')}${recordViewsRoute.name}`;
  const next = new URLSearchParams({
    ...(patient === undefined ? {} : { patient }),
    ...(continuation === undefined ? {} : { continuation }),
  });
  const bundle: Bundle<AuditEvent> = {
    resourceType: 'Bundle',
    type: 'searchset',
    link: [
      { relation: 'self', url: address },
      ...(continuation === undefined ? [] : [{ relation: 'next', url: `${address}?${next.toString()}` }]),
    ],
    ...(views.length === 0 ? {} : { entry: views.map((view) => ({ resource: eventOf(view) })) }),
  };
  const headers = { 'content-type': 'application/fhir+json; charset=utf-8', 'cache-control': 'no-store' };
  return { status: 200, headers, body: JSON.stringify(bundle) };
}

/** What a patient is told of an access, as an AuditEvent. */
export const eventOf = ({ key, sequence, entry, text }: View): AuditEvent => ({
  ...toAuditEvent(key, { entry, sequence }, { name: 'Healthcare Data Exchange' }),
  id: auditEventId(key, sequence),
  outcomeDesc: text,
});
