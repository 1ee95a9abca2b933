/** `/fhir/...`: the FHIR R4 API. */
import { randomUUID } from 'node:crypto';
import manifest from '../../package.json' with { type: 'json' };
import type { AuditTrail } from '../app/audit/audit-trail.js';
import { Witness } from '../app/audit/witness.js';
import type { FhirAnswer } from '../app/fhir/fhir-answer.js';
import {
  fhirHeaders,
  handleFhirRequest,
  type FhirApiDependencies,
  type FhirHeaders,
  type FhirRequest,
} from '../app/fhir/handle-fhir-request.js';
import { findingPlaces } from '../app/fhir/record-places.js';
import { createTurns } from '../app/in-turn.js';
import type { ParameterPair } from '../core/fhir/bundle.js';
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
import type { Principal } from '../core/governance/access.js';
import type { GovernanceStore } from '../ports/governance-store.js';
import { demandTo, mayAskFor, purposeHeader, requestAccess } from './access.js';
import { auditedFhir } from './audit.js';
import { compressAnswer } from './compress.js';
import { container, type Container } from './container.js';
import { answerInSession, sessionHeader } from './fhir-session.js';
import { type EdgeRequest, type HttpAnswer, logFailure, readBody, type Route } from './http.js';

/** A record of Cosmos DB has 2 MB; texts may be written more widely than they are stored. */
const maxBytes = 4 * 1024 * 1024;

/** Those who write through this process. */
const inTurn = createTurns();

export const fhirRoute: Route<EdgeRequest> = {
  name: 'fhir/{*path}',
  // Clients ask what they can do, and where they get a token, before they have one.
  isOpen: (request) => isMetadata(askedOf(request).route),
  async handle(exchange) {
    const { request, principal, traceparent, logger } = exchange;
    const { method } = request;
    const { address, route } = askedOf(request);
    const deps = latestDependencies(address) ?? (await makeDependencies(address));
    const { clock, identitySecret, records, trail } = deps;
    const requestId = randomUUID();
    const witness = new Witness(deps.baseUrl);
    const purpose = request.headers.get(purposeHeader);
    const deciding = requestAccess(container(), deps, principal, purpose);
    const access = deciding instanceof Promise ? await deciding : deciding;
    const asked: FhirRequest = {
      method,
      path: address.path,
      route,
      query: queryOf(address),
      headers: headersOf(request),
      writer: {
        client: principal.subject,
        requestId,
        access,
        mayRead: mayAskFor(principal, 'read-records'),
        mayWrite: mayAskFor(principal, 'write-records'),
        traceparent,
        witness,
      },
      readBytes: () => readBody(request, maxBytes),
      onFailure: (error) => {
        logFailure(logger, error);
      },
    };
    const session = {
      secret: identitySecret,
      now: clock.now(),
      header: request.headers.get(sessionHeader) ?? undefined,
      isWriting: route !== undefined && (isWrite(route) || route.interaction === 'transaction'),
    };
    const answer = await auditedFhir(
      exchange,
      { match: route, requestId, witness, access, records, recording: { trail, clock } },
      () => {
        demandFor(route, principal);
        return answerInSession(session, () => handleFhirRequest(deps, asked));
      },
    );
    return answerRequest(request, answer);
  },
  async renderError(request, error) {
    const outcome = operationOutcome([error.toIssue(), ...error.others]);
    const allow = allowedMethods(askedOf(request).address.path).join(', ');
    const headers = error.code === 'HDE_METHOD_NOT_ALLOWED' ? { allow } : {};
    return answerRequest(request, { status: error.definition.http, headers, resource: outcome });
  },
};

/** The response in the style that the client asked for; a promise where its body is XML, or compressed. */
export function answerRequest(
  request: EdgeRequest,
  answer: Omit<FhirAnswer, 'status'> & { readonly status: number },
): HttpAnswer | Promise<HttpAnswer> {
  const { status, resource, decimals } = answer;
  const headers: Record<string, string> = { ...answer.headers, vary: 'Accept, Accept-Encoding' };
  if (resource === undefined) return { status, headers };
  const style =
    answer.style ?? styleOf(queryOf(askedOf(request).address), request.headers.get('accept') ?? undefined);
  headers['content-type'] = mediaTypes[style.format];
  if (request.method === 'HEAD') return { status, headers };
  const written = writeResource(resource, style, decimals);
  const compressed = (body: string) =>
    compressAnswer({ status, headers, body }, request.headers.get('accept-encoding'));
  return typeof written === 'string' ? compressed(written) : written.then(compressed);
}

/** Those headers of a request that the API looks at. */
function headersOf({ headers }: EdgeRequest): FhirHeaders {
  const found: FhirHeaders = {};
  for (const name of fhirHeaders) {
    const value = headers.get(name);
    if (value !== null) found[name] = value;
  }
  return found;
}

/** @throws ExchangeError HDE_FORBIDDEN */
function demandFor(match: RouteMatch | undefined, principal: Principal): void {
  if (isMetadata(match)) return;
  const isWriting = match !== undefined && isWrite(match);
  // Of a Bundle each entry is asked for by itself: who may do neither gets no answer at all.
  const isBundle = match?.interaction === 'transaction' && mayAskFor(principal, 'write-records');
  demandTo(principal, isWriting || isBundle ? 'write-records' : 'read-records');
  // What a patch tests, and answers with, is what is stored.
  if (match !== undefined && tellsOfStored(match)) demandTo(principal, 'read-records');
}

const isMetadata = (match: RouteMatch | undefined): boolean => match?.interaction === 'capabilities';

interface Address {
  /** Scheme and host. */
  readonly origin: string;
  /** Below the base of the API, without a slash at its start. */
  readonly path: string;
  /** Without its question mark; absent where there is none. */
  readonly query: string | undefined;
}

const addressShape = /^([^/]*\/\/[^/?#]*)([^?#]*)(?:\?([^#]*))?/;

/** The parts of an address, which the server has in its normal form: `URL` would parse it anew. */
function addressOf({ url }: EdgeRequest): Address {
  const [, origin = '', path = '', query] = addressShape.exec(url) ?? [];
  return { origin, path: path.slice(path.indexOf('/fhir') + '/fhir'.length + 1), query };
}

/** What a request asks for. */
interface Asked {
  readonly address: Address;
  readonly route: RouteMatch | undefined;
}

/** Of requests that are under way: who admits one asks, and so does who answers it. */
const asked = new WeakMap<EdgeRequest, Asked>();

function askedOf(request: EdgeRequest): Asked {
  const known = asked.get(request);
  if (known !== undefined) return known;
  const address = addressOf(request);
  const found = { address, route: matchRoute(request.method, address.path) };
  asked.set(request, found);
  return found;
}

const queryOf = ({ query }: Address): Iterable<ParameterPair> =>
  query === undefined ? [] : new URLSearchParams(query);

/** What answers requests, and records and decides about them. */
interface Dependencies extends FhirApiDependencies {
  readonly governance: GovernanceStore;
  readonly trail: AuditTrail;
}

/** What the request before was answered with: most come to one address. */
let latest: { readonly container: Container; readonly deps: Dependencies } | undefined;

const baseUrlOf = ({ origin }: Address): string => `${container().config.publicUrl ?? origin}/fhir`;

const latestDependencies = (address: Address): Dependencies | undefined =>
  latest?.container === container() && latest.deps.baseUrl === baseUrlOf(address) ? latest.deps : undefined;

async function makeDependencies(address: Address): Promise<Dependencies> {
  const current = container();
  const { config, clock } = current;
  const places = { identities: await current.identities(), identitySecret: config.identitySecret };
  const deps = {
    ...places,
    records: findingPlaces(await current.records(), places),
    governance: await current.governance(),
    trail: await current.auditTrail(),
    clock,
    inTurn,
    baseUrl: baseUrlOf(address),
    tokenUrl: config.tokenService?.tokenUrl,
    feeds: config.feeds,
    software: { name: 'Healthcare Data Exchange', version: manifest.version },
  };
  latest = { container: current, deps };
  return deps;
}
