/** Reads what can be read of a message that does not parse; never throws. */
import { asBuffer, decodeMessage, type DecodedText } from './decode.js';
import { readDelimiters, standardDelimiters } from './delimiters.js';
import { ParsedMessage } from './message.js';
import { ParsedSegment } from './segment.js';
import type { Hl7Delimiters, Hl7Message, Hl7Segment } from './types.js';

/**
 * MSH as far as it can be read, for answering a message that does not parse. Unusable delimiters are replaced by the standard
 * ones; bytes that do not fit their character set are read as Latin-1.
 *
 * @param input a message or the beginning of one
 */
export const readHeaderLeniently = (input: Uint8Array | string): Hl7Segment | undefined =>
  parseLeniently(input, [])?.msh;

/**
 * MSH as `readHeaderLeniently` reads it, and after it the segments of some names, up to the next MSH: that is another message.
 * Lines that are no segments are passed over. Positions are those of the text.
 */
export function parseLeniently(input: Uint8Array | string, names: readonly string[]): Hl7Message | undefined {
  const decoded = decodeLeniently(input);
  const { text } = decoded;
  const start = /(?<![A-Za-z0-9])MSH(?=[!-/:-@[-`{-~])/.exec(text)?.index;
  if (start === undefined) return undefined;
  const message = new ParsedMessage(decoded, delimitersLeniently(text, start));
  let end = endOfLine(text, start);
  message.segments.push(new ParsedSegment(message, 'MSH', 0, start, end));
  while (names.length > 0 && end < text.length) {
    const from = end + 1;
    end = endOfLine(text, from);
    const name = text.slice(from, from + 3);
    if (text.charAt(from + 3) !== message.delimiters.field) continue;
    if (name === 'MSH') break;
    if (!names.includes(name)) continue;
    message.segments.push(new ParsedSegment(message, name, message.segments.length, from, end));
  }
  return message;
}

const LINE_END = /[\r\n]/g;

function endOfLine(text: string, from: number): number {
  LINE_END.lastIndex = from;
  return LINE_END.exec(text)?.index ?? text.length;
}

function decodeLeniently(input: Uint8Array | string): DecodedText {
  try {
    return decodeMessage(input);
  } catch {
    // Latin-1 reads any bytes; without zero bytes it reads the ASCII part of UTF-16 too.
    const text = typeof input === 'string' ? input : asBuffer(input).toString('latin1').replaceAll('\0', '');
    return decodeMessage(text);
  }
}

function delimitersLeniently(text: string, start: number): Hl7Delimiters {
  try {
    return readDelimiters(text, start);
  } catch {
    const field = text.charAt(start + 3);
    const unlessField = (delimiter: string): string => (delimiter === field ? '' : delimiter);
    const { component, repetition, escape: mark, subcomponent } = standardDelimiters;
    return {
      field,
      component: unlessField(component),
      repetition: unlessField(repetition),
      escape: unlessField(mark),
      subcomponent: unlessField(subcomponent),
      truncation: '',
    };
  }
}
