import { Buffer, isUtf8 } from 'node:buffer';
import type { Hl7Delimiters } from './types.js';

/** Longest run of blank lines or spaces that one formatting command may ask for. */
const longestSkip = 99;

/**
 * Resolves escape sequences (HL7 v2.5.1 section 2.7): delimiters, hexadecimal data (read as UTF-8 when valid, else
 * byte by byte), line breaks and skips of formatted text. Highlighting and indentation leave no trace. Local
 * (`\Z..\`), character-set (`\C..\`, `\M..\`) and unknown sequences are kept as sent.
 */
export function unescape(text: string, delimiters: Hl7Delimiters): string {
  const mark = delimiters.escape;
  let open = mark === '' ? -1 : text.indexOf(mark);
  if (open < 0) return text;
  const parts: string[] = [];
  let copied = 0;
  while (open >= 0) {
    const close = text.indexOf(mark, open + 1);
    if (close < 0) break;
    const body = text.slice(open + 1, close);
    const meaning = resolve(body, delimiters);
    if (meaning !== undefined) {
      parts.push(text.slice(copied, open), meaning);
      copied = close + 1;
    }
    // A path such as C:\temp\T\ is no sequence: its second backslash may open one.
    open = meaning !== undefined || isKeptSequence(body) ? text.indexOf(mark, close + 1) : close;
  }
  parts.push(text.slice(copied));
  return parts.join('');
}

/**
 * Writes a value so that `unescape` returns it: delimiters and the escape character become their sequences, control
 * characters (line ends among them) hexadecimal data, and so does the text `""`, which would mean delete. A character
 * that cannot be written because the sender declared no escape character becomes a space.
 */
export function escape(value: string, delimiters: Hl7Delimiters): string {
  const mark = delimiters.escape;
  if (value === '""' && mark !== '') return `${mark}X2222${mark}`;
  const parts: string[] = [];
  let copied = 0;
  for (let i = 0; i < value.length; i++) {
    const sequence = sequenceFor(value.charAt(i), delimiters);
    if (sequence === undefined) continue;
    parts.push(value.slice(copied, i), mark === '' ? ' ' : mark + sequence + mark);
    copied = i + 1;
  }
  return copied === 0 ? value : parts.join('') + value.slice(copied);
}

/** True when the sender cut the value short (HL7 v2.7 section 2.5.5.2). */
export function isTruncated(raw: string, delimiters: Hl7Delimiters): boolean {
  return delimiters.truncation !== '' && raw.endsWith(delimiters.truncation);
}

function sequenceFor(character: string, delimiters: Hl7Delimiters): string | undefined {
  switch (character) {
    case delimiters.field:
      return 'F';
    case delimiters.component:
      return 'S';
    case delimiters.subcomponent:
      return 'T';
    case delimiters.repetition:
      return 'R';
    case delimiters.escape:
      return 'E';
    case delimiters.truncation:
      return 'P';
    default:
  }
  const code = character.charCodeAt(0);
  return code < 0x20 ? `X${code.toString(16).toUpperCase().padStart(2, '0')}` : undefined;
}

/** The text that a sequence stands for, or undefined when it is kept as sent. */
function resolve(body: string, delimiters: Hl7Delimiters): string | undefined {
  switch (body) {
    case 'F':
      return delimiters.field;
    case 'S':
      return delimiters.component || undefined;
    case 'T':
      return delimiters.subcomponent || undefined;
    case 'R':
      return delimiters.repetition || undefined;
    case 'E':
      return delimiters.escape;
    case 'P':
      return delimiters.truncation || undefined;
    case 'H':
    case 'N':
      return '';
    default:
      if (body.startsWith('X')) return resolveHexadecimal(body.slice(1));
      return body.startsWith('.') ? resolveFormatting(body.slice(1)) : undefined;
  }
}

function resolveHexadecimal(digits: string): string | undefined {
  const bytes = Buffer.from(digits, 'hex');
  // Buffer stops at the first character that is no digit.
  if (digits === '' || bytes.length * 2 !== digits.length) return undefined;
  return isUtf8(bytes) ? bytes.toString('utf8') : bytes.toString('latin1');
}

/** Formatting commands of FT fields (HL7 v2.5.1 section 2.7.6), without their leading dot. */
function resolveFormatting(command: string): string | undefined {
  const name = command.slice(0, 2);
  const argument = command.slice(2);
  if (!isShortNumber(argument)) return undefined;
  const count = argument === '' ? 1 : Math.abs(Number(argument));
  switch (name) {
    case 'br':
    case 'ce':
      return argument === '' ? '\n' : undefined;
    case 'sp':
      return count > longestSkip ? undefined : '\n'.repeat(count);
    case 'sk':
      return count > longestSkip ? undefined : ' '.repeat(count);
    case 'fi':
    case 'nf':
      return argument === '' ? '' : undefined;
    case 'in':
    case 'ti':
      return '';
    default:
      return undefined;
  }
}

/** Nothing, or a sign and at most three digits. */
function isShortNumber(text: string): boolean {
  if (text.length > 4) return false;
  return /^(?:[+-]?\d+)?$/.test(text);
}

/** Sequences that the standard knows and this exchange passes on: their end must not open another one. */
function isKeptSequence(body: string): boolean {
  if (body.length > 64) return false;
  return /^(?:Z[^\s]*|[CM][0-9A-Fa-f]+|\.[a-z]{2}[+-]?\d*)$/.test(body);
}
