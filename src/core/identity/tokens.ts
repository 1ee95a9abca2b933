/**
 * Ids and keys by hashing (docs/adr/0003): the same input gives the same id on every machine, and none can be turned
 * back into an identifier of a person. All hashes are SHA-256, written as 26 characters of base32 (130 bits), so
 * that `<patient key>.<hash>` fits the 64 characters of a FHIR id.
 */
import { createHmac, hash } from 'node:crypto';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const LENGTH = 26;

/** RFC 4648 base32 in lower case, cut to 26 characters. */
function base32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let buffer = 0;
  for (const byte of bytes) {
    buffer = (buffer << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET.charAt((buffer >>> bits) & 31);
      if (text.length === LENGTH) return text;
    }
    buffer &= (1 << bits) - 1;
  }
  return text;
}

// JSON keeps the parts apart whatever they hold, so that two lists of parts never hash alike.
const keyed = (secret: string, ...parts: string[]): string =>
  base32(createHmac('sha256', secret).update(JSON.stringify(parts)).digest());

const unkeyed = (...parts: string[]): string => base32(hash('sha256', JSON.stringify(parts), 'buffer'));

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

/**
 * The FHIR id of a resource that belongs to no person, which is also its partition.
 *
 * @param scope the identifier system, or the feed for things known by name only
 */
export function sharedId(type: string, scope: string, identity: string): string {
  return unkeyed('shared', type, scope, identity);
}
