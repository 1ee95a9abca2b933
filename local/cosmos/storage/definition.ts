import { badRequest, forbidden } from '../errors.js';
import type { Json, Value } from '../json.js';
import { isArray, isObject } from '../json.js';
import type { IndexingPolicy } from './indexing-policy.js';
import { parseIndexingPolicy } from './indexing-policy.js';
import type { PartitionKeyDefinition } from './partition-key.js';
import { parsePartitionKeyDefinition } from './partition-key.js';

/** What a client defines about a container, checked, with the service's defaults. */
export interface ContainerDefinition {
  readonly id: string;
  readonly partitionKey: PartitionKeyDefinition;
  readonly indexingPolicy: IndexingPolicy;
  /** -1: items may carry `ttl`; otherwise the seconds that items live. Missing: nothing ever expires. */
  readonly defaultTtl?: number;
  readonly uniqueKeyPolicy?: { readonly uniqueKeys: readonly { readonly paths: readonly string[] }[] };
  readonly conflictResolutionPolicy: Json;
  readonly geospatialConfig: Json;
  readonly changeFeedPolicy?: Json;
}

const lastWriterWins: Json = {
  mode: 'LastWriterWins',
  conflictResolutionPath: '/_ts',
  conflictResolutionProcedure: '',
};

/** Features whose silent absence would make local tests lie. */
const refused = [
  'computedProperties',
  'vectorEmbeddingPolicy',
  'fullTextPolicy',
  'clientEncryptionPolicy',
  'materializedViewDefinition',
  'analyticalStorageTtl',
];

/**
 * Checks the id of a database, container or item.
 *
 * @throws CosmosError 400 when it is missing, too long, or holds one of `/ \ ? #`.
 */
export function checkId(id: Value): string {
  if (typeof id !== 'string' || id === '') {
    throw badRequest("The input content is invalid because the required properties - 'id; ' - are missing");
  }
  if (/[/\\?#]/.test(id)) throw badRequest("The id contains one of the characters '/', '\\', '?' and '#'.");
  if (Buffer.byteLength(id) > 1023) throw badRequest('The id is longer than 1023 bytes.');
  return id;
}

function parseDefaultTtl(value: Value): { defaultTtl?: number } {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'number' || !Number.isInteger(value) || value === 0 || value < -1) {
    throw badRequest('defaultTtl must be -1 or a positive integer.');
  }
  return { defaultTtl: value };
}

function parseUniqueKeys(value: Value): Pick<ContainerDefinition, 'uniqueKeyPolicy'> {
  if (value === undefined || value === null) return {};
  const keys = isObject(value) ? (value['uniqueKeys'] ?? []) : undefined;
  if (!isArray(keys)) throw badRequest('uniqueKeyPolicy.uniqueKeys must be an array.');
  const uniqueKeys = keys.map((key) => {
    const paths = isObject(key) ? key['paths'] : undefined;
    const names = isArray(paths) ? paths.filter((path) => typeof path === 'string') : [];
    if (!isArray(paths) || names.length === 0 || names.length !== paths.length) {
      throw badRequest('Every unique key needs an array of paths.');
    }
    if (!names.every((path) => path.startsWith('/')))
      throw badRequest("A unique key path must start with '/'.");
    return { paths: names };
  });
  return uniqueKeys.length === 0 ? {} : { uniqueKeyPolicy: { uniqueKeys } };
}

/**
 * Checks a container definition and fills in what Azure fills in.
 *
 * @throws CosmosError 400 for what is malformed or not supported.
 */
export function parseContainerDefinition(body: Value): ContainerDefinition {
  if (!isObject(body)) throw badRequest('The request body must be a JSON object.');
  const unsupported = refused.find((name) => body[name] !== undefined && body[name] !== null);
  if (unsupported !== undefined) {
    throw badRequest(
      `The local Cosmos DB endpoint does not support the container property '${unsupported}'.`,
    );
  }
  return {
    id: checkId(body['id']),
    partitionKey: parsePartitionKeyDefinition(body['partitionKey']),
    indexingPolicy: parseIndexingPolicy(body['indexingPolicy']),
    ...parseDefaultTtl(body['defaultTtl']),
    ...parseUniqueKeys(body['uniqueKeyPolicy']),
    conflictResolutionPolicy: body['conflictResolutionPolicy'] ?? lastWriterWins,
    geospatialConfig: body['geospatialConfig'] ?? { type: 'Geography' },
    ...(body['changeFeedPolicy'] === undefined ? {} : { changeFeedPolicy: body['changeFeedPolicy'] }),
  };
}

const same = (left: unknown, right: unknown): boolean => JSON.stringify(left) === JSON.stringify(right);

/**
 * Checks what may not change after the creation of a container: id, partition key and unique keys.
 *
 * @throws CosmosError 400 or, for unique keys, 403.
 */
export function checkReplacement(current: ContainerDefinition, next: ContainerDefinition): void {
  if (current.id !== next.id) throw badRequest('The id of a container cannot be changed.');
  if (!same(current.partitionKey, next.partitionKey)) {
    throw badRequest('The partition key of a container cannot be changed.');
  }
  if (!same(current.uniqueKeyPolicy, next.uniqueKeyPolicy))
    throw forbidden('The unique index cannot be modified.');
}
