/** `/fhir/...`: the FHIR R4 API. */
import type { HttpRequest } from '@azure/functions';
import { randomUUID } from 'node:crypto';
import manifest from '../../package.json' with { type: 'json' };
import type { FhirAnswer } from '../app/fhir/fhir-answer.js';
import { handleFhirRequest, type FhirApiDependencies } from '../app/fhir/handle-fhir-request.js';
import { findingPlaces } from '../app/fhir/record-places.js';
import { createTurns } from '../app/in-turn.js';
import { mediaTypes } from '../core/fhir/format.js';
import { allowedMethods, isWrite, matchRoute, type RouteMatch } from '../core/fhir/interactions.js';
import { operationOutcome } from '../core/fhir/operation-outcome.js';
import { styleOf, writeResource } from '../core/fhir/representation.js';
import { demand, mayDo } from '../core/governance/access.js';
import { compressAnswer } from './compress.js';
import { container } from './container.js';
import { type HttpAnswer, readBody, type Route } from './http.js';

/** A record of Cosmos DB has 2 MB; texts may be written more widely than they are stored. */
const maxBytes = 4 * 1024 * 1024;

/** Those who write through this process. */
const inTurn = createTurns();

export const fhirRoute: Route = {
  name: 'fhir/{*path}',
  // Clients ask what they can do, and where they get a token, before they have one.
  isOpen: (request) => isMetadata(routeOf(request)),
  async handle({ request, principal, traceparent }) {
    const url = new URL(request.url);
    const path = pathOf(url);
    const match = routeOf(request);
    const isWriting = match !== undefined && isWrite(match);
    if (!isMetadata(match)) demand(principal, { kind: isWriting ? 'write-records' : 'read-records' });
    // What a patch tests, and answers with, is what is stored.
    if (match?.interaction === 'patch') demand(principal, { kind: 'read-records' });
    const answer = await handleFhirRequest(await dependencies(url), {
      method: request.method,
      path,
      query: url.searchParams,
      headers: Object.fromEntries(request.headers.entries()),
      writer: {
        client: principal.subject,
        requestId: randomUUID(),
        mayRead: mayDo(principal, { kind: 'read-records' }),
        traceparent,
      },
      readBytes: () => readBody(request, maxBytes),
    });
    return answerRequest(request, answer);
  },
  async renderError(request, error) {
    const outcome = operationOutcome([error.toIssue(), ...error.others]);
    const allow = allowedMethods(pathOf(new URL(request.url))).join(', ');
    const headers = error.code === 'HDE_METHOD_NOT_ALLOWED' ? { allow } : {};
    return answerRequest(request, { status: error.definition.http, headers, resource: outcome });
  },
};

/** The response in the style that the client asked for. */
async function answerRequest(
  request: HttpRequest,
  answer: Omit<FhirAnswer, 'status'> & { readonly status: number },
): Promise<HttpAnswer> {
  const { status, headers, resource, decimals } = answer;
  const style =
    answer.style ?? styleOf(new URL(request.url).searchParams, request.headers.get('accept') ?? undefined);
  const isBodiless = resource === undefined || request.method === 'HEAD';
  const response: HttpAnswer = {
    status,
    headers: {
      'cache-control': 'no-store',
      vary: 'Accept, Accept-Encoding',
      ...headers,
      ...(resource === undefined ? {} : { 'content-type': mediaTypes[style.format] }),
    },
    ...(isBodiless ? {} : { body: await writeResource(resource, style, decimals) }),
  };
  return compressAnswer(response, request.headers.get('accept-encoding'));
}

const routeOf = ({ method, url }: HttpRequest) => matchRoute(method, pathOf(new URL(url)));

const isMetadata = (match: RouteMatch | undefined): boolean => match?.interaction === 'capabilities';

/** The address below the base of the API, without a slash at its start. */
const pathOf = ({ pathname }: URL): string => pathname.slice(pathname.indexOf('/fhir') + '/fhir'.length + 1);

async function dependencies(url: URL): Promise<FhirApiDependencies> {
  const { config, clock } = container();
  const places = { identities: await container().identities(), identitySecret: config.identitySecret };
  return {
    ...places,
    records: findingPlaces(await container().records(), places),
    clock,
    inTurn,
    baseUrl: `${config.publicUrl ?? url.origin}/fhir`,
    software: { name: 'Healthcare Data Exchange', version: manifest.version },
  };
}
