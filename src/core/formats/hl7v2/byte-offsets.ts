/** Characters between two remembered byte offsets. */
const stride = 1024;

/**
 * Makes the function that converts a position in `text` to a byte offset in the input it was decoded from.
 * Single-byte character sets need no table; for UTF-8 one offset per 1,024 characters is kept, made at first use.
 * @param lead bytes before the text (MLLP start block, byte order mark)
 */
export function byteOffsets(text: string, charset: string, lead: number): (position: number) => number {
  const clamp = (position: number): number => Math.max(0, Math.min(position, text.length));
  if (charset.startsWith('utf-16')) return (position) => lead + 2 * clamp(position);
  if (charset !== 'utf-8') return (position) => lead + clamp(position);
  let checkpoints: readonly number[] | undefined;
  return (position) => {
    checkpoints ??= utf8Checkpoints(text, lead);
    const target = clamp(position);
    const checkpoint = Math.floor(target / stride);
    return (checkpoints[checkpoint] ?? lead) + utf8Length(text, checkpoint * stride, target);
  };
}

function utf8Checkpoints(text: string, lead: number): readonly number[] {
  const checkpoints = [lead];
  let offset = lead;
  for (let start = 0; start + stride <= text.length; start += stride) {
    offset += utf8Length(text, start, start + stride);
    checkpoints.push(offset);
  }
  return checkpoints;
}

/** Bytes of a range in UTF-8; each half of a surrogate pair counts as two of the four bytes. */
function utf8Length(text: string, start: number, end: number): number {
  let length = 0;
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x80) length += 1;
    else if (code < 0x800 || (code >= 0xd800 && code <= 0xdfff)) length += 2;
    else length += 3;
  }
  return length;
}
