import { ExchangeError } from '../../core/errors.js';
import type { ParameterPair } from '../../core/fhir/bundle.js';
import { capabilityStatement } from '../../core/fhir/capability-statement.js';
import { acceptsJson } from '../../core/fhir/format.js';
import { matchRoute, type RouteMatch, servedMethods } from '../../core/fhir/interactions.js';
import { answerWith, type FhirAnswer, type FhirDependencies } from './fhir-answer.js';
import { readEverything } from './read-everything.js';
import { readResource } from './read-resource.js';
import { requireServed } from './require-served.js';
import { searchResources } from './search-resources.js';

/** What the FHIR API as a whole needs. */
export interface FhirApiDependencies extends FhirDependencies {
  /** Named in the CapabilityStatement. */
  readonly software: { readonly name: string; readonly version: string };
}

/** A request without its transport. */
export interface FhirRequest {
  readonly method: string;
  /** Below the base, without a slash at its start: `Patient/abc/$everything`. */
  readonly path: string;
  /** Parameters in their order, decoded; `URLSearchParams` will do. */
  readonly query: Iterable<ParameterPair>;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/**
 * Answers a request to the FHIR API. Whether the caller may read records is decided before, for every route alike.
 *
 * @throws ExchangeError HDE_ROUTE_NOT_FOUND, HDE_METHOD_NOT_ALLOWED, HDE_NOT_ACCEPTABLE for a format that is not served,
 * and those of the use cases
 */
export async function handleFhirRequest(
  deps: FhirApiDependencies,
  request: FhirRequest,
): Promise<FhirAnswer> {
  const { method, path, headers } = request;
  const route = matchRoute(path);
  if (route === undefined) throw new ExchangeError('HDE_ROUTE_NOT_FOUND');
  if (!servedMethods.some((served) => served === method)) {
    throw new ExchangeError('HDE_METHOD_NOT_ALLOWED', { detail: `Allowed: ${servedMethods.join(', ')}.` });
  }
  const pairs = [...request.query];
  const formats = pairs.filter(([name]) => name === '_format').map(([, value]) => value);
  if (!acceptsJson(formats, headers['accept'])) {
    throw new ExchangeError('HDE_NOT_ACCEPTABLE', {
      detail: 'FHIR is served as application/fhir+json only.',
    });
  }
  const parameters = pairs.filter(([name]) => name !== '_format');
  const answer = await dispatch(deps, route, parameters, headers);
  return method === 'HEAD' ? { status: answer.status, headers: answer.headers } : answer;
}

function dispatch(
  deps: FhirApiDependencies,
  { interaction, type, id, versionId }: RouteMatch,
  parameters: readonly ParameterPair[],
  headers: FhirRequest['headers'],
): Promise<FhirAnswer> {
  const ifNoneMatch = headers['if-none-match'];
  const prefer = headers['prefer'];
  switch (interaction) {
    case 'capabilities':
      return Promise.resolve(answerWith(capabilityStatement(deps)));
    case 'search-type':
      return searchResources(deps, { type, parameters, prefer });
    case 'read':
      return readResource(deps, { type, id, ifNoneMatch });
    case 'vread':
      return readResource(deps, { type, id, versionId, ifNoneMatch });
    case 'everything':
      requireServed(type, 'everything');
      return readEverything(deps, { id, parameters, prefer });
  }
}
