/** `/fhir/...`: the FHIR R4 API. */
import manifest from '../../package.json' with { type: 'json' };
import { handleFhirRequest } from '../app/fhir/handle-fhir-request.js';
import { servedMethods } from '../core/fhir/interactions.js';
import { demand } from '../core/governance/access.js';
import { container } from './container.js';
import { renderOutcome, type Route } from './http.js';

export const fhirRoute: Route = {
  name: 'fhir/{*path}',
  async handle({ request, principal }) {
    demand(principal, { kind: 'read-records' });
    const url = new URL(request.url);
    const base = url.pathname.indexOf('/fhir') + '/fhir'.length;
    const answer = await handleFhirRequest(
      {
        records: await container().records(),
        baseUrl: `${container().config.publicUrl ?? url.origin}/fhir`,
        software: { name: 'Healthcare Data Exchange', version: manifest.version },
      },
      {
        method: request.method,
        path: url.pathname.slice(base + 1),
        query: url.searchParams,
        headers: Object.fromEntries(request.headers.entries()),
      },
    );
    const hasBody = answer.resource !== undefined && request.method !== 'HEAD';
    return {
      status: answer.status,
      headers: { 'cache-control': 'no-store', ...answer.headers },
      ...(hasBody ? { body: JSON.stringify(answer.resource) } : {}),
    };
  },
  async renderError(request, error) {
    const response = await renderOutcome(request, error);
    if (error.code !== 'HDE_METHOD_NOT_ALLOWED') return response;
    return { ...response, headers: { ...response.headers, allow: servedMethods.join(', ') } };
  },
};
