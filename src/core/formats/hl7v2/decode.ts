import { Buffer, isAscii, isUtf8 } from 'node:buffer';
import { chooseCharset, decodeCharset, encodingError } from './charset.js';
import type { Hl7Source } from './types.js';

/** A message as text, and how it was read. */
export interface DecodedText {
  readonly text: string;
  readonly source: Hl7Source;
}

const startBlock = 0x0b;
const endBlock = 0x1c;

/**
 * Decodes a message by its byte order mark, its zero bytes (UTF-16) or MSH-18, and removes the MLLP frame (HL7
 * Transport Specification: 0x0B, message, 0x1C, CR) and the mark.
 * @throws ExchangeError HDE_HL7_ENCODING at `MSH-18`
 */
export function decodeMessage(input: Uint8Array | string): DecodedText {
  return typeof input === 'string' ? unwrapText(input) : decodeBytes(asBuffer(input));
}

/** The same memory as a Buffer. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** How to read bytes as UTF-16, and how long their mark is. */
export interface Utf16 {
  readonly charset: 'utf-16le' | 'utf-16be';
  readonly mark: 0 | 2;
}

/** Recognises UTF-16 by a byte order mark, or because exactly one byte of the first character is zero. */
export function recogniseUtf16(bytes: Uint8Array, at: number): Utf16 | undefined {
  const first = bytes[at];
  const second = bytes[at + 1];
  if (first === undefined || second === undefined) return undefined;
  if (first === 0xff && second === 0xfe) return { charset: 'utf-16le', mark: 2 };
  if (first === 0xfe && second === 0xff) return { charset: 'utf-16be', mark: 2 };
  if (first !== 0 && second === 0) return { charset: 'utf-16le', mark: 0 };
  if (first === 0 && second !== 0) return { charset: 'utf-16be', mark: 0 };
  return undefined;
}

function unwrapText(input: string): DecodedText {
  const framed = input.charCodeAt(0) === startBlock;
  const head = framed ? 1 : 0;
  const marked = input.charCodeAt(head) === 0xfeff;
  const start = marked ? head + 1 : head;
  const end = frameEnd((index) => input.charCodeAt(index), start, input.length);
  if (start === 0 && end === input.length) return { text: input, source: textSource };
  const before = (framed ? '\x0b' : '') + (marked ? '\xef\xbb\xbf' : '');
  return { text: input.slice(start, end), source: { charset: 'utf-8', before, after: input.slice(end) } };
}

const textSource: Hl7Source = { charset: 'utf-8', before: '', after: '' };
const asciiSource: Hl7Source = { charset: 'ascii', before: '', after: '' };

function decodeBytes(input: Buffer): DecodedText {
  const framed = input[0] === startBlock;
  const head = framed ? 1 : 0;
  const utf16 = recogniseUtf16(input, head);
  if (utf16 !== undefined) return decodeUtf16(input, utf16, framed);
  const marked = input[head] === 0xef && input[head + 1] === 0xbb && input[head + 2] === 0xbf;
  const start = marked ? head + 3 : head;
  const end = frameEnd((index) => input[index] ?? 0, start, input.length);
  // A view costs as much as decoding a short message.
  const body = start === 0 && end === input.length ? input : input.subarray(start, end);
  if (isAscii(body)) {
    const source = body === input ? asciiSource : sourceOf(input, 'ascii', start, end);
    return { text: decodeCharset(body, 'ascii'), source };
  }
  if (marked && !isUtf8(body)) throw encodingError('well-formed UTF-8');
  const charset = marked ? 'utf-8' : chooseCharset(body, declaredCharset(body));
  return { text: decodeCharset(body, charset), source: sourceOf(input, charset, start, end) };
}

function decodeUtf16(input: Buffer, { charset, mark }: Utf16, framed: boolean): DecodedText {
  const start = mark + (framed ? 1 : 0);
  // Without a start block, 0x1C 0x0D at the end is a character, not an end block.
  const end = framed ? frameEnd((index) => input[index] ?? 0, start, input.length) : input.length;
  try {
    const decoder = new TextDecoder(charset, { fatal: true, ignoreBOM: true });
    return {
      text: decoder.decode(input.subarray(start, end)),
      source: sourceOf(input, charset, start, end),
    };
  } catch {
    throw encodingError('well-formed UTF-16');
  }
}

const sourceOf = (input: Buffer, charset: string, start: number, end: number): Hl7Source => ({
  charset,
  before: input.toString('latin1', 0, start),
  after: input.toString('latin1', end),
});

/** Where the MLLP end block (0x1C, then at most CR and LF) begins; `end` when there is none. */
function frameEnd(codeAt: (index: number) => number, start: number, end: number): number {
  for (let index = end - 1; index >= start && index >= end - 3; index--) {
    const code = codeAt(index);
    if (code === endBlock) return index;
    if (code !== 0x0d && code !== 0x0a) return end;
  }
  return end;
}

/** MSH-18 (first repetition) of bytes whose character set is not known yet. */
function declaredCharset(body: Buffer): string {
  const head = body.toString('latin1', 0, 4096);
  const name = head.indexOf('MSH');
  if (name < 0) return '';
  const [line = ''] = head.slice(name).split(/[\r\n]/, 1);
  const field = line.split(line.charAt(3), 18)[17] ?? '';
  return field.split(line.charAt(5), 1)[0] ?? '';
}
