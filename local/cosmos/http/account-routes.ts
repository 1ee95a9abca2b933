import { badRequest, notSupported } from '../errors.js';
import type { Json, JsonObject } from '../json.js';
import { isObject } from '../json.js';
import { prepareQuery } from '../sql/prepare.js';
import type { Account, Database } from '../storage/account.js';
import type { Container } from '../storage/container.js';
import { checkId, parseContainerDefinition } from '../storage/definition.js';
import { containerLink } from '../storage/resource-id.js';
import type { ApiRequest } from './api-request.js';
import type { Reply } from './reply.js';
import { containerHeaders, emptyReply, jsonReply, listReply } from './reply.js';

/** The account document: the client sends everything to the address in it, so it repeats the one it was asked at. */
export function readAccount(request: ApiRequest): Reply {
  const location = {
    name: 'Local',
    databaseAccountEndpoint: `http://${request.header('host') ?? '127.0.0.1'}/`,
  };
  return jsonReply(200, {
    _self: '',
    // The client ignores the locations of an account whose id is localhost.
    id: 'hde-local',
    _rid: 'hde-local',
    media: '//media/',
    addresses: '//addresses/',
    _dbs: '//dbs/',
    writableLocations: [location],
    readableLocations: [location],
    enableMultipleWriteLocations: false,
    userReplicationPolicy: { minReplicaSetSize: 1, maxReplicasetSize: 4 },
    userConsistencyPolicy: { defaultConsistencyLevel: 'Session' },
    systemReplicationPolicy: { minReplicaSetSize: 1, maxReplicasetSize: 4 },
    readPolicy: { primaryReadCoefficient: 1, secondaryReadCoefficient: 1 },
    queryEngineConfiguration: '{}',
  });
}

const databaseResource = ({ record }: Database): JsonObject => ({
  id: record.id,
  _rid: record.rid,
  _self: `dbs/${record.rid}/`,
  _etag: record.etag,
  _colls: 'colls/',
  _users: 'users/',
  _ts: record.ts,
});

function containerResource({ record }: Container): JsonObject {
  return {
    ...(record.definition as unknown as JsonObject),
    _rid: record.rid,
    _ts: record.ts,
    _self: containerLink(record.rid),
    _etag: record.etag,
    _docs: 'docs/',
    _sprocs: 'sprocs/',
    _triggers: 'triggers/',
    _udfs: 'udfs/',
    _conflicts: 'conflicts/',
  };
}

/** The resources that a feed request lists: all of them, or what its query selects. */
function selectFrom(request: ApiRequest, resources: readonly Json[]): readonly Json[] {
  if (!request.isQuery) return resources;
  const { sql, parameters } = request.query();
  const query = prepareQuery(sql);
  if (query.mode !== 'streamed')
    throw badRequest('Only filters and projections are supported on this resource.');
  return resources.flatMap((resource) => query.rowsOf(resource, { parameters }));
}

const isCreation = (request: ApiRequest): boolean => request.method === 'POST' && !request.isQuery;
const isListing = (request: ApiRequest): boolean => request.method === 'GET' || request.isQuery;

/** `/dbs` */
export function routeDatabases(account: Account, request: ApiRequest): Reply {
  if (isCreation(request)) {
    const body = request.json();
    const database = account.createDatabase(checkId(isObject(body) ? body['id'] : undefined));
    return jsonReply(201, databaseResource(database), { etag: database.record.etag });
  }
  if (!isListing(request)) throw notSupported(`${request.method} on databases`);
  return listReply(
    'Databases',
    '',
    selectFrom(request, [...account.databases.values()].map(databaseResource)),
  );
}

/** `/dbs/{database}` */
export function routeDatabase(account: Account, request: ApiRequest, id: string): Reply {
  const database = account.database(id);
  switch (request.method) {
    case 'GET':
      return jsonReply(200, databaseResource(database), { etag: database.record.etag });
    case 'DELETE':
      account.deleteDatabase(id);
      return emptyReply(204);
    default:
      throw notSupported(`${request.method} on a database`);
  }
}

function throughputOf(request: ApiRequest): number | undefined {
  const manual = request.header('x-ms-offer-throughput');
  if (manual === undefined) return undefined;
  const throughput = Number(manual);
  if (!Number.isInteger(throughput) || throughput < 400) {
    throw badRequest('The throughput of a container must be an integer of at least 400.');
  }
  return throughput;
}

/** `/dbs/{database}/colls` */
export function routeContainers(account: Account, request: ApiRequest, databaseId: string): Reply {
  const { record, containers } = account.database(databaseId);
  if (isCreation(request)) {
    const definition = parseContainerDefinition(request.json());
    const container = account.createContainer(databaseId, definition, throughputOf(request));
    return jsonReply(201, containerResource(container), {
      etag: container.record.etag,
      ...containerHeaders(container),
    });
  }
  if (!isListing(request)) throw notSupported(`${request.method} on containers`);
  const resources = [...containers.values()].map(containerResource);
  return listReply('DocumentCollections', record.rid, selectFrom(request, resources));
}

/** `/dbs/{database}/colls/{container}` */
export function routeContainer(account: Account, request: ApiRequest, container: Container): Reply {
  switch (request.method) {
    case 'GET':
      break;
    case 'PUT':
      account.replaceContainer(container, parseContainerDefinition(request.json()));
      break;
    case 'DELETE':
      account.deleteContainer(container.record.database, container.record.id);
      return emptyReply(204);
    default:
      throw notSupported(`${request.method} on a container`);
  }
  return jsonReply(200, containerResource(container), {
    etag: container.record.etag,
    ...containerHeaders(container),
  });
}

/** `/dbs/{database}/colls/{container}/pkranges` */
export function routePartitionKeyRanges(request: ApiRequest, container: Container): Reply {
  if (request.method !== 'GET') throw notSupported(`${request.method} on partition key ranges`);
  const { rid, etag, ts } = container.record;
  const headers = { etag, ...containerHeaders(container) };
  // Ranges never split, so what the client has cached under this tag stays true.
  if (request.header('a-im') !== undefined && request.header('if-none-match') === etag) {
    return emptyReply(304, headers);
  }
  const ranges = container.hashRanges.map(({ id, min, max }, index) => ({
    _rid: `${rid.replace(/=+$/, '')}${id}==`,
    id,
    _etag: etag,
    minInclusive: min,
    maxExclusive: max,
    ridPrefix: index,
    _self: `${containerLink(rid)}pkranges/${id}/`,
    throughputFraction: 1 / container.hashRanges.length,
    status: 'online',
    parents: [],
    _ts: ts,
    _lsn: 1,
  }));
  return jsonReply(200, { _rid: rid, PartitionKeyRanges: ranges, _count: ranges.length }, headers);
}

/** `/offers`: the provisioned throughput of containers, for reading only. */
export function routeOffers(account: Account, request: ApiRequest): Reply {
  if (request.segments.length !== 1 || !isListing(request)) throw notSupported('changing throughput');
  const containers = [...account.databases.values()].flatMap((database) => [...database.containers.values()]);
  const offers = containers.flatMap(({ record }): JsonObject[] => {
    if (record.throughput === undefined) return [];
    const id = record.rid.replace(/=+$/, '');
    return [
      {
        id,
        _rid: id,
        _self: `offers/${id}/`,
        _etag: record.etag,
        _ts: record.ts,
        offerVersion: 'V2',
        offerType: 'Invalid',
        content: { offerThroughput: record.throughput },
        resource: containerLink(record.rid),
        offerResourceId: record.rid,
      },
    ];
  });
  return listReply('Offers', '', selectFrom(request, offers));
}
