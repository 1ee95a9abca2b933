import { ExchangeError } from '../../errors.js';
import { decodeMessage } from './decode.js';
import { readDelimiters } from './delimiters.js';
import { ParsedMessage } from './message.js';
import { ParsedSegment } from './segment.js';
import type { Hl7Message } from './types.js';

/**
 * Parses one HL7 v2 message of any version, leniently: segments end with CR, LF or CRLF, blank lines and control
 * characters between them are ignored, an MLLP frame and a byte order mark are removed, unknown segments are kept.
 * Only segment starts are found now; fields are found when they are asked for. A batch must be split first
 * (`splitBatch`).
 * @param input bytes as received, decoded as MSH-18 and the bytes themselves say, or text decoded already
 * @throws ExchangeError HDE_PAYLOAD_EMPTY, HDE_HL7_NO_MSH, HDE_HL7_DELIMITERS, HDE_HL7_ENCODING or
 * HDE_HL7_SEGMENT with the location (`MSH-2`, `segment 5`), never with a value of the message
 */
export function parseHl7v2(input: Uint8Array | string): Hl7Message {
  const decoded = decodeMessage(input);
  const text = decoded.text;
  const start = skipBlank(text, 0, text.length);
  if (start === text.length) throw new ExchangeError('HDE_PAYLOAD_EMPTY', { location: 'segment 1' });
  if (!text.startsWith('MSH', start)) throw new ExchangeError('HDE_HL7_NO_MSH', { location: 'segment 1' });
  const message = new ParsedMessage(decoded, readDelimiters(text, start));
  findSegments(message, start);
  return message;
}

/** Adds the segments from a position on; looks for each kind of terminator only once over the whole text. */
function findSegments(message: ParsedMessage, from: number): void {
  const { text } = message;
  let start = from;
  let carriageReturn = indexOrEnd(text, '\r', start);
  let lineFeed = indexOrEnd(text, '\n', start);
  while (start < text.length) {
    if (carriageReturn < start) carriageReturn = indexOrEnd(text, '\r', start);
    if (lineFeed < start) lineFeed = indexOrEnd(text, '\n', start);
    const end = Math.min(carriageReturn, lineFeed);
    addSegment(message, start, end);
    start = end + 1;
  }
}

function indexOrEnd(text: string, terminator: string, from: number): number {
  const found = text.indexOf(terminator, from);
  return found < 0 ? text.length : found;
}

function addSegment(message: ParsedMessage, start: number, end: number): void {
  if (start === end) return;
  const { text, segments } = message;
  const name = segmentName(text, start, end, message.fieldCode);
  if (name === undefined) {
    if (skipBlank(text, start, end) === end) return;
    throw new ExchangeError('HDE_HL7_SEGMENT', {
      location: `segment ${segments.length + 1}`,
      detail: 'three characters A-Z or 0-9, beginning with a letter, then the field separator',
    });
  }
  if (name === 'MSH' && segments.length > 0) {
    // Read as one message, the second patient's segments would be filed under the first.
    throw new ExchangeError('HDE_HL7_SEGMENT', {
      location: `segment ${segments.length + 1}`,
      detail: 'one message; another MSH begins here, split batches first',
    });
  }
  segments.push(new ParsedSegment(message, name, segments.length, start, end));
}

/** First position after blanks and control characters (MLLP blocks, padding); `end` when there is nothing else. */
function skipBlank(text: string, start: number, end: number): number {
  let position = start;
  while (position < end && text.charCodeAt(position) <= 0x20) position++;
  return position;
}

const isUpper = (code: number): boolean => code >= 0x41 && code <= 0x5a;
const isUpperOrDigit = (code: number): boolean => isUpper(code) || (code >= 0x30 && code <= 0x39);

/** One string per name, so that comparing names compares addresses. Bounded: there are 33,696 legal names. */
const names = new Map<number, string>();

/** The name of the segment (HL7 v2.5.1 section 2.5.2), or undefined when the line has no legal one. */
function segmentName(text: string, start: number, end: number, fieldCode: number): string | undefined {
  if (end - start < 3 || (end - start > 3 && text.charCodeAt(start + 3) !== fieldCode)) return undefined;
  const first = text.charCodeAt(start);
  const second = text.charCodeAt(start + 1);
  const third = text.charCodeAt(start + 2);
  if (!isUpper(first) || !isUpperOrDigit(second) || !isUpperOrDigit(third)) return undefined;
  const key = (first << 16) | (second << 8) | third;
  let name = names.get(key);
  if (name === undefined) {
    name = asLiteral(String.fromCharCode(first, second, third));
    names.set(key, name);
  }
  return name;
}

/** The same text as a name in a program is kept: of two such texts the engine compares addresses, not characters. */
const asLiteral = (text: string): string => Object.keys({ [text]: true })[0] ?? text;
