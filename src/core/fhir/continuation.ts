import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { isFhirId } from './references.js';

/**
 * The opaque token of a next page: the id after which it begins, sealed to the request so that it serves no other.
 * The seal guards against mistakes; it needs no secret, because whoever forges a position only pages elsewhere in
 * what their own request may see.
 *
 * @param request what the client asked, without its page and page size
 * @param after the FHIR id of the last entry of this page
 * @returns at most 110 characters, safe in a URL
 */
export function encodeContinuation(request: string, after: string): string {
  const seal = createHash('sha256')
    .update(JSON.stringify([request, after]))
    .digest('base64url');
  return `${Buffer.from(after).toString('base64url')}.${seal.slice(0, 22)}`;
}

/** The id after which the page begins; undefined when the token was altered or made for another request. */
export function decodeContinuation(request: string, token: string): string | undefined {
  const after = Buffer.from(token.split('.', 1)[0] ?? '', 'base64url').toString();
  return isFhirId(after) && encodeContinuation(request, after) === token ? after : undefined;
}
