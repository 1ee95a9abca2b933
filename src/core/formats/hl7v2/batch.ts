import { asBuffer, recogniseUtf16 } from './decode.js';
import { isDelimiter } from './delimiters.js';

/** What a batch says of itself and what it holds (HL7 v2.5.1 section 2.10.3). */
export interface BatchCount {
  readonly messages: number;
  /** Sum of BTS-1 over all batches; undefined when none is stated, so that nothing can be checked. */
  readonly declaredMessages: number | undefined;
  readonly batches: number;
  /** FTS-1. */
  readonly declaredBatches: number | undefined;
}

/**
 * Splits a file of messages: FHS, BHS, BTS and FTS segments and MLLP blocks are removed, each MSH begins a message.
 * What precedes the first MSH and is no such segment is handed out as well, so that the parser can refuse it: nothing
 * is dropped silently. Bytes come out as views of the input, text as text; a single message comes out alone.
 */
export function splitBatch(input: Uint8Array): Generator<Uint8Array, void>;
export function splitBatch(input: string): Generator<string, void>;
export function splitBatch(input: Uint8Array | string): Generator<Uint8Array | string, void>;
export function* splitBatch(input: Uint8Array | string): Generator<Uint8Array | string, void> {
  const units = unitsOf(input);
  for (const piece of pieces(units)) {
    if (piece.kind === 'message') yield units.slice(piece.start, piece.end);
  }
}

/** Counts what a file of messages holds and what its trailers say it should: a cut file shows here. */
export function countBatch(input: Uint8Array | string): BatchCount {
  const units = unitsOf(input);
  let messages = 0;
  let batches = 0;
  let declaredMessages: number | undefined;
  let declaredBatches: number | undefined;
  for (const { kind, start, end } of pieces(units)) {
    if (kind === 'message') messages++;
    if (kind === 'BHS') batches++;
    if (kind === 'BTS') declaredMessages = sum(declaredMessages, countField(units, start, end));
    if (kind === 'FTS') declaredBatches = countField(units, start, end);
  }
  return { messages, declaredMessages, batches, declaredBatches };
}

/** Characters of an input whose character set is not known: enough to find segment names and line ends. */
interface Units {
  readonly length: number;
  codeAt(index: number): number;
  slice(start: number, end: number): Uint8Array | string;
}

function unitsOf(input: Uint8Array | string): Units {
  if (typeof input === 'string') {
    return {
      length: input.length,
      codeAt: (index) => input.charCodeAt(index),
      slice: (start, end) => input.slice(start, end),
    };
  }
  const utf16 = recogniseUtf16(input, 0);
  if (utf16 === undefined) {
    return {
      length: input.length,
      codeAt: (index) => input[index] ?? 0,
      slice: (start, end) => input.subarray(start, end),
    };
  }
  const bytes = asBuffer(input);
  const isLittle = utf16.charset === 'utf-16le';
  return {
    length: bytes.length >> 1,
    codeAt: (index) => (isLittle ? bytes.readUInt16LE(2 * index) : bytes.readUInt16BE(2 * index)),
    slice: (start, end) => input.subarray(2 * start, 2 * end),
  };
}

type Trailer = 'FHS' | 'BHS' | 'BTS' | 'FTS';

interface Piece {
  readonly kind: 'message' | Trailer;
  readonly start: number;
  readonly end: number;
}

/**
 * Cuts the input line by line, without looking inside a line beyond its name and its last character. Where blank lines
 * part messages, what follows one without an MSH is no part of the message before it, which may be about somebody else.
 */
function* pieces(units: Units): Generator<Piece, void> {
  const isParted = blankLinesPartMessages(units);
  let message: number | undefined;
  let isAfterBlank = false;
  for (let line = 0; line < units.length;) {
    const end = lineEnd(units, line);
    const start = skipBlank(units, line, end);
    const name = segmentName(units, start, end);
    const isHeadless = isParted && isAfterBlank && start < end;
    if (message !== undefined && (name !== undefined || isHeadless)) {
      yield { kind: 'message', start: message, end: line };
      message = undefined;
    }
    if (!isRestOfCrLf(units, line, end)) isAfterBlank = start === end;
    if (name !== undefined && name !== 'MSH') yield { kind: name, start, end };
    else if (start < end) message ??= start;
    if (message !== undefined && endsBlock(units, line, end)) {
      yield { kind: 'message', start: message, end: end - 1 };
      message = undefined;
    }
    line = end + 1;
  }
  if (message !== undefined) yield { kind: 'message', start: message, end: units.length };
}

/** Whether a line is no more than the LF of a CRLF. */
const isRestOfCrLf = (units: Units, line: number, end: number): boolean =>
  line === end && line > 0 && units.codeAt(line - 1) === 0x0d && units.codeAt(line) === 0x0a;

/**
 * Whether every message after the first follows a blank line. Some senders write one after each segment: in their
 * files it parts nothing.
 */
function blankLinesPartMessages(units: Units): boolean {
  let isAfterBlank = true;
  let messages = 0;
  let hasLinesTogether = false;
  for (let line = 0; line < units.length;) {
    const end = lineEnd(units, line);
    if (!isRestOfCrLf(units, line, end)) {
      const start = skipBlank(units, line, end);
      const isMessage = segmentName(units, start, end) === 'MSH';
      if (isMessage && ++messages > 1 && !isAfterBlank) return false;
      if (start < end && !isMessage && !isAfterBlank) hasLinesTogether = true;
      isAfterBlank = start === end;
    }
    line = end + 1;
  }
  return messages > 1 && hasLinesTogether;
}

const endBlock = 0x1c;

/** Whether a line ends with the end of an MLLP block. */
const endsBlock = (units: Units, line: number, end: number): boolean =>
  end > line && units.codeAt(end - 1) === endBlock;

function lineEnd(units: Units, start: number): number {
  let position = start;
  for (; position < units.length; position++) {
    const code = units.codeAt(position);
    if (code === 0x0d || code === 0x0a) break;
  }
  return position;
}

/** Skips blanks, control characters (MLLP blocks among them) and byte order marks at the start of a line. */
function skipBlank(units: Units, start: number, end: number): number {
  let position = start;
  for (;;) {
    const code = position < end ? units.codeAt(position) : undefined;
    if (code === undefined) return end;
    if (code <= 0x20 || code === 0xfeff) position++;
    else if (code === 0xef && units.codeAt(position + 1) === 0xbb && units.codeAt(position + 2) === 0xbf)
      position += 3;
    else return position;
  }
}

/** The name of a segment that begins or surrounds messages; undefined for any other line. */
function segmentName(units: Units, start: number, end: number): Trailer | 'MSH' | undefined {
  if (end - start < 3 || (end - start > 3 && !isDelimiter(units.codeAt(start + 3)))) return undefined;
  const name = String.fromCharCode(units.codeAt(start), units.codeAt(start + 1), units.codeAt(start + 2));
  return name === 'MSH' || name === 'FHS' || name === 'BHS' || name === 'BTS' || name === 'FTS'
    ? name
    : undefined;
}

/** Field 1 of a trailer, a count; undefined when it is blank. */
function countField(units: Units, start: number, end: number): number | undefined {
  let count: number | undefined;
  for (let position = start + 4; position < end; position++) {
    const digit = units.codeAt(position) - 0x30;
    if (digit < 0 || digit > 9) break;
    count = (count ?? 0) * 10 + digit;
  }
  return count;
}

const sum = (total: number | undefined, count: number | undefined): number | undefined =>
  count === undefined ? total : (total ?? 0) + count;
