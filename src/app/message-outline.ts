/** What is kept in memory of a message that is too large for it: enough to read its envelope. */

/** Takes the pieces of a message after its beginning. */
export interface MessageOutline {
  push(bytes: Uint8Array): void;
  /** The beginning, up to the end of its last whole segment, and of all later segments those that name a patient. */
  bytes(): Uint8Array;
}

/** So much of a later segment is kept, in bytes: what identifies stands at its beginning. */
const SEGMENT_BYTES = 8_192;
/** So much of all later segments is kept, in bytes. */
const LATER_BYTES = 262_144;
/** Segments that name somebody: whoever looks for their messages must find this one, too. */
const NAMING = new Set(['PID', 'MRG']);

const isEnd = (byte: number): boolean => byte === 0x0d || byte === 0x0a;

/**
 * Outlines a message that begins with these bytes. UTF-16 has no segment ends that could be told from single bytes:
 * of such a message the beginning alone is kept.
 */
export function createMessageOutline(beginning: Uint8Array): MessageOutline {
  const lastEnd = beginning.findLastIndex(isEnd);
  const isCutInside = lastEnd < 0 || beginning.includes(0);
  const head = isCutInside ? beginning : beginning.subarray(0, lastEnd + 1);
  const later = createNamingFilter(isCutInside);
  later.push(beginning.subarray(head.length));
  return {
    push: (bytes) => {
      later.push(bytes);
    },
    bytes: () => Buffer.concat([head, ...later.end()]),
  };
}

/** Keeps segments that name somebody, each between segment ends. */
function createNamingFilter(startsInsideSegment: boolean) {
  const kept: Uint8Array[] = [];
  let room = LATER_BYTES;
  let segment: number[] = [];
  let isSkipped = startsInsideSegment;
  const close = (): void => {
    if (!isSkipped && segment.length > 3) {
      kept.push(Uint8Array.from([0x0d, ...segment, 0x0d]));
      room -= segment.length;
    }
    segment = [];
    isSkipped = room <= 0;
  };
  return {
    push(bytes: Uint8Array): void {
      for (const byte of bytes) {
        if (isEnd(byte)) close();
        else if (!isSkipped && segment.length < SEGMENT_BYTES) {
          segment.push(byte);
          if (segment.length === 3) isSkipped = !NAMING.has(String.fromCharCode(...segment));
        }
      }
    },
    end(): readonly Uint8Array[] {
      close();
      return kept;
    },
  };
}
