/** Takes in the body of a message: in memory where it is small, into the archive as it comes where it is not. */
import type { RawArchive, UnnamedBlob } from '../ports/raw-archive.js';
import { createContentHash, hashOf } from './content-hash.js';
import { createMessageOutline } from './message-outline.js';

/** A body, as far as it is held in memory. */
export interface ReceivedBody {
  /** All of it, or what is kept of a large one (`createMessageOutline`): enough to read its envelope. */
  readonly bytes: Uint8Array;
  /** Of all its bytes (`createContentHash`). */
  readonly sha256: string;
  /** Number of all its bytes. */
  readonly size: number;
  /** Where a large one waits in the archive for its name. */
  readonly unnamed?: UnnamedBlob;
}

/** Up to so many bytes are held in memory. */
const HELD_BYTES = 262_144;

/**
 * Reads a body to its end. Memory stays below a few megabytes for each body, whatever its size. When `chunks` throws,
 * because the body is too large or its sender went away, nothing of it is left that anybody could read.
 *
 * @param beforeLarge asked before anything of a large body is stored
 */
export async function receiveBody(
  archive: RawArchive,
  chunks: AsyncIterable<Uint8Array>,
  { contentType, beforeLarge }: { readonly contentType: string; readonly beforeLarge?: () => Promise<void> },
): Promise<ReceivedBody> {
  const rest = chunks[Symbol.asyncIterator]();
  const held: Uint8Array[] = [];
  let size = 0;
  while (size <= HELD_BYTES) {
    const next = await rest.next();
    if (next.done === true) return wholeBody(Buffer.concat(held));
    held.push(next.value);
    size += next.value.byteLength;
  }
  await beforeLarge?.();
  return storeLarge(archive, Buffer.concat(held), rest, contentType);
}

/** A body that is held as a whole. */
export const wholeBody = (bytes: Uint8Array): ReceivedBody => ({
  bytes,
  sha256: hashOf(bytes),
  size: bytes.length,
});

async function storeLarge(
  archive: RawArchive,
  beginning: Uint8Array,
  rest: AsyncIterator<Uint8Array>,
  contentType: string,
): Promise<ReceivedBody> {
  const hash = createContentHash();
  hash.update(beginning);
  const outline = createMessageOutline(beginning);
  let size = beginning.length;
  const passing = async function* (): AsyncGenerator<Uint8Array> {
    yield beginning;
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) {
      hash.update(next.value);
      outline.push(next.value);
      size += next.value.byteLength;
      yield next.value;
    }
  };
  const unnamed = await archive.putUnnamed(passing(), contentType);
  return { bytes: outline.bytes(), sha256: hash.digest(), size, unnamed };
}
