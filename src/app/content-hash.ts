/** The hash by which copies of a message are recognised, also of one that nobody holds as a whole. */
import { createHash } from 'node:crypto';

/** Takes a message piece by piece. */
export interface ContentHash {
  update(bytes: Uint8Array): void;
  /** SHA-256 as hexadecimal digits; ends the work. */
  digest(): string;
}

const VT = 0x0b;
const FS = 0x1c;
const LF = 0x0a;
const CR = 0x0d;

/**
 * A SHA-256 without MLLP framing, with CR after each segment and without CR at the end, because a gateway in between
 * may change all of these.
 */
export function createContentHash(): ContentHash {
  const hash = createHash('sha256');
  let previous = -1;
  /** CR that end the message, unless something comes behind them. */
  let ends = 0;
  return {
    update(bytes) {
      const content = new Uint8Array(bytes.length + ends);
      let size = 0;
      for (const byte of bytes) {
        const isEnd = byte === CR || (byte === LF && previous !== CR);
        // The LF of CRLF says nothing; a LF alone ends a segment.
        const isSilent = byte === VT || byte === FS || (byte === LF && !isEnd);
        previous = byte;
        if (isSilent) continue;
        if (isEnd) {
          ends += 1;
          continue;
        }
        for (; ends > 0; ends--) content[size++] = CR;
        content[size++] = byte;
      }
      hash.update(content.subarray(0, size));
    },
    digest: () => hash.digest('hex'),
  };
}

/** The hash of a message that is held as a whole. */
export function hashOf(bytes: Uint8Array): string {
  const hash = createContentHash();
  hash.update(bytes);
  return hash.digest();
}
