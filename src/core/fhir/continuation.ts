import { Buffer } from 'node:buffer';
import { createCipheriv, createDecipheriv, createHash, createHmac } from 'node:crypto';

/** What a page token is made of. */
export interface PageSeal {
  /** The secret of the deployment. */
  readonly secret: string;
  /** What the client asked, without its page and page size: the token serves no other request. */
  readonly request: string;
}

/** Where a page begins: after the entry of which these are the values that it is sorted by, and its id. */
export type PagePosition = readonly (string | number | null)[];

const hourMs = 60 * 60 * 1000;
/** Time for which a page token is taken, at least; at most an hour longer. */
export const pageLifetimeMs = 24 * hourMs;

const algorithm = 'aes-256-gcm';
// Two ids of 64 characters and the longest name of a type must find room: every byte counts.
const [ivBytes, tagBytes] = [12, 12];
/** No token is longer: Base64 of the position, sealed. */
const maxLength = 256;

/**
 * The opaque token of a next page. The position may tell of a person (a name that results are sorted by), so it is
 * encrypted; and it is bound to the request, so that no token can be made up, altered or used for another search. The
 * same position gives the same token: the initialisation vector is a keyed hash of what it seals.
 *
 * @param now ISO instant from which the token is taken for `pageLifetimeMs`
 * @returns at most 256 characters, safe in a URL
 * @throws RangeError for a position that needs more: keys of a sort are cut before
 */
export function encodeContinuation(seal: PageSeal, position: PagePosition, now: string): string {
  const expires = Math.ceil((Date.parse(now) + pageLifetimeMs) / hourMs);
  const plain = Buffer.from(JSON.stringify([expires, ...position]));
  const key = keyOf(seal);
  const iv = createHmac('sha256', key)
    .update(seal.request)
    .update('\n')
    .update(plain)
    .digest()
    .subarray(0, ivBytes);
  const cipher = createCipheriv(algorithm, key, iv, { authTagLength: tagBytes }).setAAD(
    Buffer.from(seal.request),
  );
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
  const token = Buffer.concat([iv, sealed, cipher.getAuthTag()]).toString('base64url');
  if (token.length > maxLength) throw new RangeError('the position is too long for a page token');
  return token;
}

/** Where the page begins; undefined when the token was altered, made for another request, or has expired. */
export function decodeContinuation(seal: PageSeal, token: string, now: string): PagePosition | undefined {
  const bytes = Buffer.from(token.slice(0, maxLength), 'base64url');
  // Base64 can be written in several ways; only ours is taken.
  if (bytes.length <= ivBytes + tagBytes || bytes.toString('base64url') !== token) return undefined;
  const opened = open(seal, bytes);
  if (!Array.isArray(opened)) return undefined;
  const [expires, ...position] = opened as [number, ...PagePosition];
  return expires * hourMs > Date.parse(now) ? position : undefined;
}

function open(seal: PageSeal, bytes: Buffer): unknown {
  const decipher = createDecipheriv(algorithm, keyOf(seal), bytes.subarray(0, ivBytes), {
    authTagLength: tagBytes,
  })
    .setAAD(Buffer.from(seal.request))
    .setAuthTag(bytes.subarray(-tagBytes));
  try {
    const plain = Buffer.concat([decipher.update(bytes.subarray(ivBytes, -tagBytes)), decipher.final()]);
    return JSON.parse(plain.toString()) as unknown;
  } catch {
    return undefined;
  }
}

const keyOf = ({ secret }: PageSeal): Buffer =>
  createHash('sha256').update(`hde page tokens\n${secret}`).digest();
