import { Buffer } from 'node:buffer';
import { seal, type Seal, unseal } from './seal.js';

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

/** No token is longer; two ids of 64 characters and the longest name of a type find room in it. */
const maxLength = 256;

/**
 * The opaque token of a next page. The position may tell of a person (a name that results are sorted by), so it is
 * encrypted; and it is bound to the request, so that no token can be made up, altered or used for another search.
 *
 * @param now ISO instant from which the token is taken for `pageLifetimeMs`
 * @returns at most 256 characters, safe in a URL
 * @throws RangeError for a position that needs more: keys of a sort are cut before
 */
export function encodeContinuation(page: PageSeal, position: PagePosition, now: string): string {
  const expires = Math.ceil((Date.parse(now) + pageLifetimeMs) / hourMs);
  const token = seal(sealOf(page), Buffer.from(JSON.stringify([expires, ...position])));
  if (token.length > maxLength) throw new RangeError('the position is too long for a page token');
  return token;
}

/** Where the page begins; undefined when the token was altered, made for another request, or has expired. */
export function decodeContinuation(page: PageSeal, token: string, now: string): PagePosition | undefined {
  const plain = token.length > maxLength ? undefined : unseal(sealOf(page), token);
  if (plain === undefined) return undefined;
  const [expires, ...position] = JSON.parse(plain.toString()) as [number, ...PagePosition];
  return expires * hourMs > Date.parse(now) ? position : undefined;
}

const sealOf = ({ secret, request }: PageSeal): Seal => ({ secret, kind: 'page tokens', purpose: request });
