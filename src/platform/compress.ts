/** Bodies are sent compressed to whoever takes it (RFC 9110 section 8.4.1.3). */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { HttpAnswer } from './http.js';

const compress = promisify(gzip);

/** Below this, compression costs more than it saves. */
const minBytes = 1024;

/** The answer with its body compressed, where that pays, the client takes it and it was not done before. */
export function compressAnswer(
  answer: HttpAnswer,
  acceptEncoding: string | null | undefined,
): HttpAnswer | Promise<HttpAnswer> {
  const { body, headers = {} } = answer;
  if (typeof body !== 'string' || headers['content-encoding'] !== undefined) return answer;
  if (!acceptsGzip(acceptEncoding) || Buffer.byteLength(body) <= minBytes) return answer;
  return compress(body).then((compressed) => ({
    ...answer,
    headers: { ...headers, 'content-encoding': 'gzip' },
    body: compressed,
  }));
}

/** Whether a header Accept-Encoding takes gzip: by its name, else by `*`; quality 0 refuses it (RFC 9110 section 12.5.3). */
export function acceptsGzip(acceptEncoding: string | null | undefined): boolean {
  if (!acceptEncoding) return false;
  const codings = acceptEncoding.split(',').map((part) => {
    const [name = '', ...parameters] = part.split(';').map((each) => each.trim().toLowerCase());
    const quality = parameters.find((each) => each.startsWith('q='))?.slice(2) ?? '1';
    return { name, isTaken: Number(quality) > 0 };
  });
  const named = codings.find(({ name }) => name === 'gzip' || name === 'x-gzip');
  return (named ?? codings.find(({ name }) => name === '*'))?.isTaken === true;
}
