import { createHmac, timingSafeEqual } from 'node:crypto';
import { unauthorized } from '../errors.js';
import type { ApiRequest } from './api-request.js';

/** The resource that a signature is made for: its type and its address. */
interface SignedResource {
  readonly type: string;
  readonly link: string;
}

/** An odd number of path segments ends in a type (a feed), an even one in an id (a resource). */
function signedResource(segments: readonly string[]): SignedResource {
  if (segments[0] === 'offers') return { type: 'offers', link: (segments[1] ?? '').toLowerCase() };
  // Operations on a container are signed as the container.
  const parts = segments.at(-2) === 'operations' ? segments.slice(0, -2) : segments;
  if (parts.length % 2 === 0) return { type: parts.at(-2) ?? '', link: parts.join('/') };
  return { type: parts.at(-1) ?? '', link: parts.slice(0, -1).join('/') };
}

function signatureOf(request: ApiRequest, key: string): Buffer {
  const { type, link } = signedResource(request.segments);
  const date = request.header('x-ms-date') ?? request.header('date') ?? '';
  const text = `${request.method.toLowerCase()}\n${type.toLowerCase()}\n${link}\n${date.toLowerCase()}\n\n`;
  return createHmac('sha256', Buffer.from(key, 'base64')).update(text, 'utf8').digest();
}

function decode(header: string): string {
  try {
    return decodeURIComponent(header);
  } catch {
    throw unauthorized('The authorization header is malformed.');
  }
}

/**
 * Checks the master-key signature of a request.
 *
 * @throws CosmosError 401 when it is missing, of another kind (Entra ID, resource tokens), or wrong.
 */
export function authorise(request: ApiRequest, key: string): void {
  const header = request.header('authorization');
  if (header === undefined) throw unauthorized('Required Header authorization is missing.');
  const fields = new Map<string, string>();
  for (const field of decode(header).split('&')) {
    // The signature is base64 and may itself hold '='.
    const at = field.indexOf('=');
    fields.set(field.slice(0, at), field.slice(at + 1));
  }
  if (fields.get('type') !== 'master') {
    throw unauthorized('The local Cosmos DB endpoint accepts master key authorization only.');
  }
  const given = Buffer.from(fields.get('sig') ?? '', 'base64');
  const expected = signatureOf(request, key);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw unauthorized(
      "The input authorization token can't serve the request. The wrong key is being used or the expected " +
        'payload is not built as per the protocol.',
    );
  }
}
