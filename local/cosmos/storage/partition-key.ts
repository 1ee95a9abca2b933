import { badRequest } from '../errors.js';
import type { Json, Value } from '../json.js';
import { isArray, isObject, parseJson, splitPath, valueAt } from '../json.js';
import type { KeyPart } from '../murmur.js';

/** The partition key of a container as the service returns it; the hash is always version 2. */
export interface PartitionKeyDefinition {
  readonly paths: readonly string[];
  readonly kind: 'Hash' | 'MultiHash';
  readonly version: 2;
}

/** A full partition key, or the leading parts of a hierarchical one. */
export interface PartitionKey {
  readonly parts: readonly KeyPart[];
  /** Canonical JSON text, `{}` for a missing property: the key of in-memory maps. */
  readonly text: string;
}

const invalidDefinition = (reason: string): Error =>
  badRequest(`The partition key definition is invalid: ${reason}`);

/**
 * Checks a definition. A missing `version` counts as 2 and is returned so, because the client decides by it how to
 * route bulk operations; Azure itself would take 1.
 *
 * @throws CosmosError 400 for version 1, more than three paths, or malformed paths.
 */
export function parsePartitionKeyDefinition(value: Value): PartitionKeyDefinition {
  if (!isObject(value)) throw invalidDefinition('it is missing.');
  const { paths, kind, version = 2 } = value;
  if (!isArray(paths) || paths.length < 1 || paths.length > 3)
    throw invalidDefinition('it needs 1 to 3 paths.');
  const names = paths.filter((path) => typeof path === 'string' && /^\/[^/].*[^/]$|^\/[^/]$/.test(path));
  if (names.length !== paths.length) throw invalidDefinition("every path must start with '/'.");
  if (version !== 2) throw invalidDefinition('the local endpoint hashes with version 2 only.');
  const expected = paths.length > 1 ? 'MultiHash' : 'Hash';
  if (kind !== undefined && kind !== 'Hash' && kind !== 'MultiHash')
    throw invalidDefinition('its kind is unknown.');
  if (kind === 'Hash' && expected === 'MultiHash')
    throw invalidDefinition('several paths need kind MultiHash.');
  return { paths: names as string[], kind: kind ?? expected, version };
}

/** Makes a key of its parts. */
export const partitionKeyOf = (parts: readonly KeyPart[]): PartitionKey => ({
  parts,
  text: JSON.stringify(parts.map((part) => (part === undefined ? {} : part))),
});

function toPart(value: Value): KeyPart {
  if (typeof value === 'object' && value !== null) {
    if (isObject(value) && Object.keys(value).length === 0) return undefined;
    throw badRequest('A partition key value must be a string, number, boolean or null.');
  }
  return value;
}

/** Reads the partition keys of documents. */
export class PartitionKeyReader {
  readonly #paths: readonly (readonly string[])[];

  constructor(definition: PartitionKeyDefinition) {
    this.#paths = definition.paths.map(splitPath);
  }

  /** The property paths in the form that query narrowing uses. */
  get pathTexts(): readonly string[] {
    return this.#paths.map((path) => JSON.stringify(path));
  }

  /** @throws CosmosError 400 when the value in the document is an object or array. */
  ofDocument(document: Json): PartitionKey {
    return partitionKeyOf(this.#paths.map((path) => toPart(valueAt(document, path))));
  }

  /**
   * Parses the header `x-ms-documentdb-partitionkey`, a JSON array of parts.
   *
   * @throws CosmosError 400 (substatus 1001 when it has too many parts).
   */
  ofHeader(header: string): PartitionKey {
    const parts = parseJson(header);
    if (!isArray(parts)) throw badRequest('The partition key header is not a JSON array.');
    if (parts.length > this.#paths.length) {
      throw badRequest('The partition key header has more components than defined in the collection.', 1001);
    }
    return partitionKeyOf(parts.map(toPart));
  }

  /** Whether the key has all its parts, or is only the prefix of a hierarchical key. */
  isFull(key: PartitionKey): boolean {
    return key.parts.length === this.#paths.length;
  }
}
