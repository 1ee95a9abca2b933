/** `GET /Patient/{nhsNumber}` and `GET /Patient?...` as readers of the original exchange know it (docs/reference/compatibility.md). */
import type { HttpRequest } from '@azure/functions';
import type { Patient } from 'fhir/r4.js';
import { findPatientByNhsNumber, findPatientBySearch } from '../../app/compatibility/find-patient.js';
import { toSearchParameters } from '../../app/compatibility/patient-parameters.js';
import type { SearchDependencies } from '../../app/fhir/answer-search.js';
import { demand } from '../../core/governance/access.js';
import { parseNhsNumber } from '../../core/identity/nhs-number.js';
import { recordPatient } from '../audit.js';
import { container } from '../container.js';
import type { Exchange, HttpAnswer, Route } from '../http.js';
import { textAnswer } from './json-texts.js';

export const patientFaceRoute: Route = {
  name: 'Patient/{nhsNumber}',
  async handle(exchange) {
    const { request, principal } = exchange;
    demand(principal, { kind: 'read-records' });
    const number = parseNhsNumber(request.params['nhsNumber'] ?? '');
    if (number === undefined) return textAnswer(['NHS Number is not valid.']);
    return patientAnswer(exchange, 'read', await findPatientByNhsNumber(await dependencies(request), number));
  },
};

export const patientSearchFaceRoute: Route = {
  name: 'Patient',
  async handle(exchange) {
    const { request, principal } = exchange;
    demand(principal, { kind: 'read-records' });
    const parameters = toSearchParameters(new URL(request.url).searchParams);
    if (!parameters.ok) return textAnswer(parameters.error);
    const patient = await findPatientBySearch(await dependencies(request), parameters.value);
    return patientAnswer(exchange, 'search-type', patient);
  },
};

async function patientAnswer(exchange: Exchange, interaction: string, patient: Patient): Promise<HttpAnswer> {
  await recordPatient(exchange, interaction, patient);
  return {
    status: 200,
    headers: { 'content-type': 'application/fhir+json; charset=utf-8', 'cache-control': 'no-store' },
    body: JSON.stringify(patient),
  };
}

const dependencies = async ({ url }: HttpRequest): Promise<SearchDependencies> => {
  const { config, clock } = container();
  return {
    records: await container().records(),
    clock,
    identitySecret: config.identitySecret,
    baseUrl: `${config.publicUrl ?? new URL(url).origin}/fhir`,
  };
};
