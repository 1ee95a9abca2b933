/** `/fhir/...`: the FHIR R4 API. */
import type { HttpRequest } from '@azure/functions';
import { randomUUID } from 'node:crypto';
import manifest from '../../package.json' with { type: 'json' };
import type { FhirAnswer } from '../app/fhir/fhir-answer.js';
import {
  handleFhirRequest,
  type FhirApiDependencies,
  type FhirRequest,
} from '../app/fhir/handle-fhir-request.js';
import { findingPlaces } from '../app/fhir/record-places.js';
import { createTurns } from '../app/in-turn.js';
import { mediaTypes } from '../core/fhir/format.js';
import {
  allowedMethods,
  isWrite,
  matchRoute,
  tellsOfStored,
  type RouteMatch,
} from '../core/fhir/interactions.js';
import { operationOutcome } from '../core/fhir/operation-outcome.js';
import { styleOf, writeResource } from '../core/fhir/representation.js';
import { demand, mayDo, type Principal } from '../core/governance/access.js';
import { compressAnswer } from './compress.js';
import { container } from './container.js';
import { answerInSession, sessionHeader } from './fhir-session.js';
import { type HttpAnswer, logFailure, readBody, type Route } from './http.js';

/** A record of Cosmos DB has 2 MB; texts may be written more widely than they are stored. */
const maxBytes = 4 * 1024 * 1024;

/** Those who write through this process. */
const inTurn = createTurns();

export const fhirRoute: Route = {
  name: 'fhir/{*path}',
  // Clients ask what they can do, and where they get a token, before they have one.
  isOpen: (request) => isMetadata(routeOf(request)),
  async handle({ request, principal, traceparent, logger }) {
    const url = new URL(request.url);
    const path = pathOf(url);
    const match = routeOf(request);
    demandFor(match, principal);
    const deps = await dependencies(url);
    const asked: FhirRequest = {
      method: request.method,
      path,
      query: url.searchParams,
      headers: Object.fromEntries(request.headers.entries()),
      writer: {
        client: principal.subject,
        requestId: randomUUID(),
        mayRead: mayDo(principal, { kind: 'read-records' }),
        mayWrite: mayDo(principal, { kind: 'write-records' }),
        traceparent,
      },
      readBytes: () => readBody(request, maxBytes),
      onFailure: (error) => {
        logFailure(logger, error);
      },
    };
    const session = {
      secret: deps.identitySecret,
      now: deps.clock.now(),
      header: request.headers.get(sessionHeader) ?? undefined,
      isWriting: match !== undefined && (isWrite(match) || match.interaction === 'transaction'),
    };
    return answerRequest(request, await answerInSession(session, () => handleFhirRequest(deps, asked)));
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

/** @throws ExchangeError HDE_FORBIDDEN */
function demandFor(match: RouteMatch | undefined, principal: Principal): void {
  if (isMetadata(match)) return;
  const isWriting = match !== undefined && isWrite(match);
  // Of a Bundle each entry is asked for by itself: who may do neither gets no answer at all.
  const isBundle = match?.interaction === 'transaction' && mayDo(principal, { kind: 'write-records' });
  demand(principal, { kind: isWriting || isBundle ? 'write-records' : 'read-records' });
  // What a patch tests, and answers with, is what is stored.
  if (match !== undefined && tellsOfStored(match)) demand(principal, { kind: 'read-records' });
}

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
