/**
 * Ids and keys by hashing (docs/adr/0003): the same input gives the same id on every machine, and none can be turned
 * back into an identifier of a person. All hashes are SHA-256, written as 26 characters of base32 (130 bits), so
 * that `<patient key>.<hash>` fits the 64 characters of a FHIR id.
 */
import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** Two characters for each ten bits. */
const PAIRS = Array.from(
  { length: 1024 },
  (_, bits) => ALPHABET.charAt(bits >> 5) + ALPHABET.charAt(bits & 31),
);

const pair = (bits: number): string => PAIRS[bits & 1023] ?? '';

/** RFC 4648 base32 in lower case of the first 130 bits: 26 characters. @param digest one character a byte */
function base32(digest: string): string {
  const byte = (at: number): number => digest.charCodeAt(at);
  let text = '';
  for (let at = 0; at < 15; at += 5) {
    const high = (byte(at) << 12) | (byte(at + 1) << 4) | (byte(at + 2) >> 4);
    const low = (byte(at + 2) << 16) | (byte(at + 3) << 8) | byte(at + 4);
    text += pair(high >> 10) + pair(high) + pair(low >> 10) + pair(low);
  }
  return text + pair((byte(15) << 2) | (byte(16) >> 6));
}

/** The key made of the last secret: a deployment has one. */
let lastKey: { readonly secret: string; readonly key: KeyObject } | undefined;

function keyOf(secret: string): KeyObject {
  if (lastKey?.secret !== secret) lastKey = { secret, key: createSecretKey(secret, 'utf8') };
  return lastKey.key;
}

const keyed = (secret: string, first: string, ...others: string[]): string =>
  base32(createHmac('sha256', keyOf(secret)).update(toJson(first, others)).digest('binary'));

const unkeyed = (json: string): string => base32(hash('sha256', json, 'binary'));

/** The parts as JSON, which keeps them apart whatever they hold, so that two lists of parts never hash alike. */
function toJson(first: string, others: readonly string[]): string {
  let text = `[${quote(first)}`;
  for (const part of others) text += `,${quote(part)}`;
  return `${text}]`;
}

/** As `JSON.stringify`, which is slow to start for texts that need no escape. */
function quote(text: string): string {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x20 || code > 0x7e || code === 0x22 || code === 0x5c) return JSON.stringify(text);
  }
  return `"${text}"`;
}

/** The keyed hash under which an identifier is looked up: identifiers never stand in a partition key or a log. */
export function identifierToken(secret: string, system: string, value: string): string {
  return keyed(secret, 'identifier', system, value);
}

/**
 * The patient key that a claim of an identifier creates; it does not reveal the token.
 *
 * @param generation how often the identifier was claimed anew: the person before keeps the key that was made of it
 */
export function patientKeyFromToken(secret: string, token: string, generation = 0): string {
  return generation === 0
    ? keyed(secret, 'patient', token)
    : keyed(secret, 'patient', token, String(generation));
}

/** Whose records got ids last, with what these ids have in common as JSON: a message states many records of a person. */
let lastPerson:
  | {
      readonly patientKey: string;
      readonly feed: string;
      readonly quotedKey: string;
      readonly quotedFeed: string;
    }
  | undefined;

/**
 * The FHIR id of a record about a person: `<patientKey>.<hash>`.
 *
 * @param identity what the source calls the thing, unique for the resource type within the feed and the person
 */
export function recordId(patientKey: string, type: string, feed: string, identity: string): string {
  if (lastPerson?.patientKey !== patientKey || lastPerson.feed !== feed)
    lastPerson = { patientKey, feed, quotedKey: quote(patientKey), quotedFeed: quote(feed) };
  const { quotedKey, quotedFeed } = lastPerson;
  return `${patientKey}.${unkeyed(`["record",${quotedKey},${quote(type)},${quotedFeed},${quote(identity)}]`)}`;
}

/** The map under a key. A map in a map spares the joined key, which costs more than both look-ups. */
function within<T>(maps: Map<string, Map<string, T>>, key: string): Map<string, T> {
  let map = maps.get(key);
  if (map === undefined) maps.set(key, (map = new Map<string, T>()));
  return map;
}

/** Ids of shared resources that were asked for lately: the same wards and doctors appear in message after message. */
const sharedIds = new Map<string, Map<string, Map<string, string>>>();
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
  const ids = within(within(sharedIds, type), scope);
  let id = ids.get(identity);
  if (id === undefined) {
    id = unkeyed(toJson('shared', [type, scope, identity]));
    ids.set(identity, id);
    sharedIdCount++;
  }
  return id;
}
