import { ExchangeError } from '../../core/errors.js';
import type { ParameterPair } from '../../core/fhir/bundle.js';
import { capabilityStatement } from '../../core/fhir/capability-statement.js';
import { allowedMethods, matchRoute, type RouteMatch } from '../../core/fhir/interactions.js';
import { readRepresentation } from '../../core/fhir/representation.js';
import { createResource } from './create-resource.js';
import { answerWith, type FhirAnswer } from './fhir-answer.js';
import { deleteResource } from './delete-resource.js';
import { patchResource } from './patch-resource.js';
import { readEverything } from './read-everything.js';
import { readHistory, readTypeHistory } from './read-history.js';
import { readResource } from './read-resource.js';
import { refusalOf } from './refusal.js';
import { represent } from './represent.js';
import { requireServed } from './require-served.js';
import { readForm } from './search-form.js';
import { searchResources } from './search-resources.js';
import { updateResource } from './update-resource.js';
import type { WriteDependencies, Writer } from './write-dependencies.js';
import { resourceOf } from './write-request.js';

/** What the FHIR API as a whole needs. */
export interface FhirApiDependencies extends WriteDependencies {
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
  readonly writer: Writer;
  readonly readBytes: () => Promise<Uint8Array>;
}

/**
 * Answers a request to the FHIR API. Whether the caller may read or write records is decided before.
 *
 * @throws ExchangeError HDE_ROUTE_NOT_FOUND, HDE_METHOD_NOT_ALLOWED, HDE_NOT_ACCEPTABLE for a format that is not served,
 * HDE_SEARCH_PARAMETER for a part of the resource that is none, and those of the use cases
 */
export async function handleFhirRequest(
  deps: FhirApiDependencies,
  request: FhirRequest,
): Promise<FhirAnswer> {
  const { method, path, headers } = request;
  const route = matchRoute(method, path);
  if (route === undefined) throw notRouted(path);
  const read = readRepresentation(await parametersOf(route, request), headers['accept']);
  if (!read.ok) throw refusalOf(read.error);
  const { view, others } = read.value;
  if (view?.summary === 'count' && singleInteractions.has(route.interaction)) {
    throw new ExchangeError('HDE_SEARCH_PARAMETER', { location: '_summary', detail: 'Only searches count.' });
  }
  const parameters = view?.summary === 'count' ? counted(others) : others;
  const answer = await represent(await dispatch(deps, route, parameters, request), read.value);
  return method === 'HEAD' ? { status: answer.status, headers: answer.headers } : answer;
}

/** Of a search by POST those of its body too. */
async function parametersOf(
  { interaction }: RouteMatch,
  { method, query, headers, readBytes }: FhirRequest,
): Promise<Iterable<ParameterPair>> {
  const hasForm = method === 'POST' && interaction.startsWith('search-');
  return hasForm ? [...query, ...readForm(headers['content-type'], await readBytes())] : query;
}

/** A count is wanted as it is, unless the client says otherwise. */
const counted = (parameters: readonly ParameterPair[]): readonly ParameterPair[] =>
  parameters.some(([name]) => name === '_total') ? parameters : [...parameters, ['_total', 'accurate']];

/** What answers with one resource. */
const singleInteractions: ReadonlySet<string> = new Set(['capabilities', 'read', 'vread']);

function notRouted(path: string): ExchangeError {
  const allowed = allowedMethods(path);
  return allowed.length === 0
    ? new ExchangeError('HDE_ROUTE_NOT_FOUND')
    : new ExchangeError('HDE_METHOD_NOT_ALLOWED', { detail: `Allowed: ${allowed.join(', ')}.` });
}

async function dispatch(
  deps: FhirApiDependencies,
  { interaction, type, id, versionId }: RouteMatch,
  parameters: readonly ParameterPair[],
  { headers, writer, readBytes }: FhirRequest,
): Promise<FhirAnswer> {
  const ifNoneMatch = headers['if-none-match'];
  const ifModifiedSince = headers['if-modified-since'];
  const prefer = headers['prefer'];
  const preconditions = { ifMatch: headers['if-match'], ifNoneMatch };
  const readBody = async () => ({ contentType: headers['content-type'], bytes: await readBytes() });
  switch (interaction) {
    case 'capabilities':
      return answerWith(capabilityStatement(deps));
    case 'search-type':
      return searchResources(deps, { type, parameters, prefer });
    case 'search-compartment':
      return searchResources(deps, { type, patientId: id, parameters, prefer });
    case 'read':
      return readResource(deps, { type, id, ifNoneMatch, ifModifiedSince });
    case 'vread':
      return readResource(deps, { type, id, versionId, ifNoneMatch, ifModifiedSince });
    case 'everything':
      requireServed(type, 'everything');
      return readEverything(deps, { id, parameters, prefer });
    case 'create':
      return createResource(deps, {
        ...{ type, prefer, writer, ifNoneExist: headers['if-none-exist'] },
        statement: await resourceOf(await readBody()),
      });
    case 'update': {
      const statement = await resourceOf(await readBody());
      return updateResource(deps, { type, id, statement, prefer, preconditions, writer });
    }
    case 'patch':
      return patchResource(deps, { type, id, body: await readBody(), prefer, preconditions, writer });
    case 'delete':
      return deleteResource(deps, { type, id, preconditions, writer });
    case 'history-instance':
      return readHistory(deps, { type, id, parameters });
    case 'history-type':
      return readTypeHistory(deps, { type, parameters });
  }
}
