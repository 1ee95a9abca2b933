import { ExchangeError } from '../../core/errors.js';
import { declareWithheld, patientsAskedFor } from '../access/declare-withheld.js';
import { guardedRecords } from '../access/guarded-records.js';
import type { ParameterPair } from '../../core/fhir/bundle.js';
import { capabilityStatement, capabilityTag } from '../../core/fhir/capability-statement.js';
import { allowedMethods, isWrite, matchRoute, type RouteMatch } from '../../core/fhir/interactions.js';
import type { Feed } from '../../core/feed.js';
import { readRepresentation } from '../../core/fhir/representation.js';
import type { HistoryDocument } from '../../core/records/types.js';
import { answerWith, type FhirAnswer } from './fhir-answer.js';
import { runOperation } from './operations/run-operation.js';
import { readProvenance } from './read-provenance.js';
import { readHistory, readTypeHistory } from './read-history.js';
import { readResource } from './read-resource.js';
import { countingReads } from './read-together.js';
import { refusalOf } from './refusal.js';
import { reduce, represent } from './represent.js';
import { readForm } from './search-form.js';
import { searchResources } from './search-resources.js';
import { entryRoom } from './transaction/answer-room.js';
import { handleBundle } from './transaction/handle-bundle.js';
import type { WriteDependencies, Writer } from './write-dependencies.js';
import { carryOut, openWrite } from './write-interaction.js';
import type { RequestBody } from './write-request.js';

/** What the FHIR API as a whole needs. */
export interface FhirApiDependencies extends WriteDependencies {
  /** Named in the CapabilityStatement. */
  readonly software: { readonly name: string; readonly version: string };
  /** Where backend services get tokens, for the CapabilityStatement. */
  readonly tokenUrl?: string | undefined;
  /** Whose feeds there are, for the provenance of records; without them it names no organisation. */
  readonly feeds?: ReadonlyMap<string, Pick<Feed, 'organisation'>>;
}

/** The headers that the API looks at. */
export const fhirHeaders = [
  ...(['accept', 'content-type', 'prefer'] as const),
  ...(['if-match', 'if-none-match', 'if-modified-since', 'if-none-exist'] as const),
] as const;

/** Of a request, by their names. */
export type FhirHeaders = Partial<Record<(typeof fhirHeaders)[number], string | undefined>>;

/** A request without its transport. */
export interface FhirRequest {
  readonly method: string;
  /** Below the base, without a slash at its start: `Patient/abc/$everything`. */
  readonly path: string;
  /** Of method and path, where the transport asked for it before. */
  readonly route?: RouteMatch | undefined;
  /** Parameters in their order, decoded; `URLSearchParams` will do. */
  readonly query: Iterable<ParameterPair>;
  readonly headers: Readonly<FhirHeaders>;
  readonly writer: Writer;
  readonly readBytes: () => Promise<Uint8Array>;
  /** The body where it was read before, as that of an entry of a Bundle is. */
  readonly body?: RequestBody;
  /** Told of each failure that an entry of a Bundle answers with. */
  readonly onFailure?: (error: ExchangeError) => void;
}

/**
 * Answers a request to the FHIR API. Whether the caller may read or write records at all is decided before, and about each
 * record here, by the access policy: what reads records reads those that are let out.
 *
 * @throws ExchangeError HDE_FORBIDDEN, HDE_ROUTE_NOT_FOUND, HDE_METHOD_NOT_ALLOWED, HDE_NOT_ACCEPTABLE for a format that is not served,
 * HDE_SEARCH_PARAMETER for a part of the resource that is none, and those of the use cases
 */
export async function handleFhirRequest(
  deps: FhirApiDependencies,
  request: FhirRequest,
): Promise<FhirAnswer> {
  const { method, path, headers } = request;
  const route = request.route ?? matchRoute(method, path);
  if (route === undefined) throw notRouted(path);
  const isForm = method === 'POST' && searches.has(route.interaction);
  const query = isForm ? await withForm(request) : request.query;
  const read = readRepresentation(query, headers.accept);
  if (!read.ok) throw refusalOf(read.error);
  const { view, others } = read.value;
  if (view?.summary === 'count' && !searches.has(route.interaction)) {
    throw new ExchangeError('HDE_SEARCH_PARAMETER', { location: '_summary', detail: 'Only searches count.' });
  }
  const parameters = view?.summary === 'count' ? counted(others) : others;
  const { access } = request.writer;
  const asked = () => patientsAskedFor(route, parameters, deps.baseUrl);
  const whole = await declareWithheld(access, route.interaction, asked, () =>
    dispatch(seenBy(deps, route, request), route, parameters, request),
  );
  request.writer.witness?.answered(route, parameters, whole.resource);
  const answer = represent(view === undefined ? whole : await reduce(whole, view), read.value);
  return method === 'HEAD' ? { status: answer.status, headers: answer.headers } : answer;
}

/**
 * The records as a request may see them. Whoever writes is given those that are stored, and asks the policy before
 * anything is told or changed (`guard-write.ts`).
 *
 * @throws ExchangeError HDE_FORBIDDEN when nothing of the type may be had
 */
function seenBy<D extends FhirApiDependencies>(deps: D, route: RouteMatch, { writer }: FhirRequest): D {
  const { interaction, type } = route;
  if (interaction === 'capabilities' || interaction === 'transaction') return deps;
  writer.access.demand(interaction, type);
  if (isWrite(route)) return deps;
  const { records } = deps;
  const { access } = writer;
  if (!gathering.has(interaction))
    return { ...deps, records: guardedRecords(records, access, interaction), stored: records };
  const counted = countingReads(records);
  return {
    ...{ ...deps, records: guardedRecords(counted.records, access, interaction), stored: records },
    reads: counted.reads,
  };
}

/** What may read several times for one answer. */
const gathering: ReadonlySet<string> = new Set(['search-type', 'search-compartment', 'everything', 'lastn']);

/** Of a search by POST the parameters of its body too. */
const withForm = async ({ query, headers, readBytes }: FhirRequest): Promise<Iterable<ParameterPair>> => [
  ...query,
  ...readForm(headers['content-type'], await readBytes()),
];

/** Who wants nothing but the count is given it, whatever `_total` says of pages (FHIR R4 section 3.1.1.5.8). */
const counted = (parameters: readonly ParameterPair[]): readonly ParameterPair[] => {
  const others = parameters.filter(([name, value]) => name !== '_total' || !noTotal.has(value));
  return others.some(([name]) => name === '_total') ? others : [...others, ['_total', 'accurate']];
};

/** Values of `_total` that leave the count out; without one the parameter is ignored. */
const noTotal: ReadonlySet<string> = new Set(['none', '']);

/** What finds resources that can be counted: of anything else, a write too, nothing would be left of the answer. */
const searches: ReadonlySet<string> = new Set(['search-type', 'search-compartment', 'provenance']);

function notRouted(path: string): ExchangeError {
  const allowed = allowedMethods(path);
  return allowed.length === 0
    ? new ExchangeError('HDE_ROUTE_NOT_FOUND')
    : new ExchangeError('HDE_METHOD_NOT_ALLOWED', { detail: `Allowed: ${allowed.join(', ')}.` });
}

function dispatch(
  deps: FhirApiDependencies,
  route: RouteMatch,
  parameters: readonly ParameterPair[],
  request: FhirRequest,
): Promise<FhirAnswer> {
  const { interaction, type, id } = route;
  const { method, headers, writer, onFailure = ignore } = request;
  const prefer = headers['prefer'];
  const readBody = async () =>
    request.body ?? { contentType: headers['content-type'], bytes: await request.readBytes() };
  switch (interaction) {
    case 'capabilities': {
      const statement = capabilityStatement(deps);
      return Promise.resolve(answerWith(statement, { etag: capabilityTag(statement) }));
    }
    case 'transaction': {
      const answer = (entry: FhirRequest) => handleFhirRequest({ ...deps, room: entryRoom }, entry);
      return readBody().then((body) => handleBundle({ deps, writer, prefer, answer, onFailure }, body));
    }
    case 'create':
    case 'update':
    case 'patch':
    case 'delete':
      return openWrite({ route, parameters, headers, writer, readBody }).then((write) =>
        carryOut(deps, write, prefer),
      );
    case 'everything':
    case 'lastn':
    case 'match':
    case 'validate':
    case 'meta':
    case 'meta-add':
    case 'meta-delete':
      return runOperation(deps, interaction, {
        ...{ type, id, parameters, prefer, isPosted: method === 'POST', headers, writer, readBody },
      });
    default:
      return dispatchRead(deps, { ...route, interaction }, parameters, request);
  }
}

type ReadInteraction =
  | 'read'
  | 'vread'
  | 'search-type'
  | 'search-compartment'
  | 'history-instance'
  | 'history-type'
  | 'provenance';

function dispatchRead(
  deps: FhirApiDependencies,
  { interaction, type, id, versionId }: RouteMatch & { readonly interaction: ReadInteraction },
  parameters: readonly ParameterPair[],
  { method, headers, writer }: FhirRequest,
): Promise<FhirAnswer> {
  const isPosted = method === 'POST';
  const prefer = headers['prefer'];
  const { access } = writer;
  const isRedacted = (document: HistoryDocument): boolean => access.isRedacted(document);
  const conditions = {
    ifNoneMatch: headers['if-none-match'],
    // A date does not tell whether places were left out of the copy that the client holds.
    ifModifiedSince: access.mayRedact ? undefined : headers['if-modified-since'],
    isRedacted,
  };
  switch (interaction) {
    case 'search-type':
      return searchResources(deps, { type, parameters, prefer, isPosted });
    case 'search-compartment':
      return searchResources(deps, { type, patientId: id, parameters, prefer, isPosted });
    case 'read':
      return readResource(deps, { type, id, ...conditions });
    case 'vread':
      return readResource(deps, { type, id, versionId, ...conditions });
    case 'history-instance':
      return readHistory(deps, { type, id, parameters, isRedacted });
    case 'history-type':
      return readTypeHistory(deps, { type, parameters, isRedacted });
    case 'provenance':
      return readProvenance(deps, parameters, {
        organisationOf: (feed) => deps.feeds?.get(feed)?.organisation,
        // Patients are told of organisations, not of their staff.
        namesClients: access.asker.principal.kind !== 'patient',
        hidesPlaces: isRedacted,
      });
  }
}

const ignore = (): void => undefined;
