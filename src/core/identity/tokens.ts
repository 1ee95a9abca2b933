/**
 * Ids and keys by hashing (docs/adr/0003): the same input gives the same id on every machine, and none can be turned
 * back into an identifier of a person. All hashes are SHA-256, written as 26 characters of base32 (130 bits), so
 * that `<patient key>.<hash>` fits the 64 characters of a FHIR id.
 */
import { createHmac, hash } from 'node:crypto';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** Two characters for each ten bits. */
const PAIRS = Array.from(
  { length: 1024 },
  (_, bits) => ALPHABET.charAt(bits >> 5) + ALPHABET.charAt(bits & 31),
);

const pair = (bits: number): string => PAIRS[bits & 1023] ?? '';

/** RFC 4648 base32 in lower case of the first 130 bits: 26 characters. @param digest one character a byte */
function base32(digest: string): string {
  let text = '';
  for (let at = 0; at < 15; at += 5) {
    const middle = digest.charCodeAt(at + 2);
    const high = (digest.charCodeAt(at) << 12) | (digest.charCodeAt(at + 1) << 4) | (middle >> 4);
    const low = (middle << 16) | (digest.charCodeAt(at + 3) << 8) | digest.charCodeAt(at + 4);
    text += pair(high >> 10) + pair(high) + pair(low >> 10) + pair(low);
  }
  return text + pair((digest.charCodeAt(15) << 2) | (digest.charCodeAt(16) >> 6));
}

// JSON keeps the parts apart whatever they hold, so that two lists of parts never hash alike.
const keyed = (secret: string, ...parts: string[]): string =>
  base32(createHmac('sha256', secret).update(JSON.stringify(parts)).digest('binary'));

const unkeyed = (...parts: string[]): string => base32(hash('sha256', JSON.stringify(parts), 'binary'));

/** The keyed hash under which an identifier is looked up: identifiers never stand in a partition key or a log. */
export function identifierToken(secret: string, system: string, value: string): string {
  return keyed(secret, 'identifier', system, value);
}

/** The patient key that the first claim of an identifier creates; it does not reveal the token. */
export function patientKeyFromToken(secret: string, token: string): string {
  return keyed(secret, 'patient', token);
}

/**
 * The FHIR id of a record about a person: `<patientKey>.<hash>`.
 *
 * @param identity what the source calls the thing, unique for the resource type within the feed and the person
 */
export function recordId(patientKey: string, type: string, feed: string, identity: string): string {
  return `${patientKey}.${unkeyed('record', patientKey, type, feed, identity)}`;
}

/** Ids of shared resources that were asked for lately: the same wards and doctors appear in message after message. */
const sharedIds = new Map<string, Map<string, string>>();
const SHARED_IDS_KEPT = 10_000;
let sharedIdCount = 0;

/**
 * The FHIR id of a resource that belongs to no person, which is also its partition.
 *
 * @param scope the identifier system, or the feed for things known by name only
 */
export function sharedId(type: string, scope: string, identity: string): string {
  if (sharedIdCount >= SHARED_IDS_KEPT) {
    sharedIds.clear();
    sharedIdCount = 0;
  }
  // No type has a space in it, so this keeps the two apart.
  const kind = `${type} ${scope}`;
  let ids = sharedIds.get(kind);
  if (ids === undefined) {
    ids = new Map();
    sharedIds.set(kind, ids);
  }
  let id = ids.get(identity);
  if (id === undefined) {
    id = unkeyed('shared', type, scope, identity);
    ids.set(identity, id);
    sharedIdCount++;
  }
  return id;
}
