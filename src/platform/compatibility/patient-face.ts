/** `GET /Patient/{nhsNumber}` and `GET /Patient?...` as readers of the original exchange know it (docs/reference/compatibility.md). */
import type { Patient } from 'fhir/r4.js';
import { guardedRecords } from '../../app/access/guarded-records.js';
import { findPatientByNhsNumber, findPatientBySearch } from '../../app/compatibility/find-patient.js';
import { toSearchParameters } from '../../app/compatibility/patient-parameters.js';
import type { SearchDependencies } from '../../app/fhir/answer-search.js';
import { parseNhsNumber } from '../../core/identity/nhs-number.js';
import { demandTo, purposeHeader, requestAccess } from '../access.js';
import { auditedAccess } from '../audit.js';
import { container } from '../container.js';
import type { Exchange, HttpAnswer, Route } from '../http.js';
import { textAnswer } from './json-texts.js';

export const patientFaceRoute: Route = {
  name: 'Patient/{nhsNumber}',
  async handle(exchange) {
    const { request } = exchange;
    const number = parseNhsNumber(request.params['nhsNumber'] ?? '');
    if (number === undefined) return textAnswer(['NHS Number is not valid.']);
    return patientAnswer(exchange, 'read', (deps) => findPatientByNhsNumber(deps, number));
  },
};

export const patientSearchFaceRoute: Route = {
  name: 'Patient',
  async handle(exchange) {
    const { request } = exchange;
    const parameters = toSearchParameters(new URL(request.url).searchParams);
    if (!parameters.ok) return textAnswer(parameters.error);
    return patientAnswer(exchange, 'search-type', (deps) => findPatientBySearch(deps, parameters.value));
  },
};

/** The patient who is found among those whom the access policy lets the client see. */
async function patientAnswer(
  exchange: Exchange,
  interaction: 'read' | 'search-type',
  find: (deps: SearchDependencies) => Promise<Patient>,
): Promise<HttpAnswer> {
  const { request, principal } = exchange;
  const { config, clock } = container();
  const stored = await container().records();
  const { identitySecret } = config;
  const baseUrl = `${config.publicUrl ?? new URL(request.url).origin}/fhir`;
  const access = await requestAccess(
    container(),
    {
      ...{ records: stored, identitySecret, baseUrl },
      identities: await container().identities(),
      governance: await container().governance(),
    },
    principal,
    request.headers.get(purposeHeader),
  );
  const shown: string[] = [];
  const concerned = () => ({ records: shown.map((id) => `Patient/${id}`), patients: shown });
  const patient = await auditedAccess(exchange, { interaction, access, concerned }, async () => {
    demandTo(principal, 'read-records');
    access.demand(interaction, 'Patient');
    const records = guardedRecords(stored, access, interaction);
    const found = await find({ records, stored, clock, identitySecret, baseUrl });
    shown.push(found.id ?? '');
    return found;
  });
  return {
    status: 200,
    headers: { 'content-type': 'application/fhir+json; charset=utf-8', 'cache-control': 'no-store' },
    body: JSON.stringify(patient),
  };
}
