import { Buffer, isUtf8 } from 'node:buffer';
import { ExchangeError } from '../../errors.js';
import type { Hl7Source } from './types.js';

/** Names of HL7 table 0211 and what senders write instead, in upper case without blanks and punctuation. */
const charsetNames = new Map([
  ['', 'guess'],
  ['ASCII', 'guess'],
  ['USASCII', 'guess'],
  ['ISOIR6', 'guess'],
  // Gateways decode UTF-16 without changing MSH-18; true UTF-16 is recognised by its bytes before MSH-18 is read.
  ['UNICODEUTF16', 'utf-8'],
  ['UTF16', 'utf-8'],
  ['UNICODE', 'utf-8'],
  ['UNICODEUTF8', 'utf-8'],
  ['UTF8', 'utf-8'],
  // ISO 8859-1 leaves 0x80 to 0x9F to control characters, which no message means: its superset reads both.
  ['ISOIR100', 'windows-1252'],
  ['LATIN1', 'windows-1252'],
  ['CP1252', 'windows-1252'],
  ['WINDOWS1252', 'windows-1252'],
  ['88591', 'windows-1252'],
  ['ISO88591', 'windows-1252'],
  // The other parts of ISO 8859 that the table names, and part 14 for Welsh.
  ...['2', '3', '4', '5', '6', '7', '8', '9', '14', '15'].flatMap((part): [string, string][] => [
    [`8859${part}`, `iso-8859-${part}`],
    [`ISO8859${part}`, `iso-8859-${part}`],
  ]),
]);

/** The error of bytes that do not fit their character set. @param detail what was expected */
export const encodingError = (detail: string): ExchangeError =>
  new ExchangeError('HDE_HL7_ENCODING', { location: 'MSH-18', detail });

/**
 * The character set by which to read bytes that are neither ASCII nor UTF-16 (HL7 v2.5.1 section 2.15.9.18): what
 * MSH-18 declares; where it is blank or says ASCII, UTF-8 when the bytes are valid UTF-8, else windows-1252.
 * @param declared MSH-18 as sent
 * @throws ExchangeError HDE_HL7_ENCODING
 */
export function chooseCharset(bytes: Uint8Array, declared: string): string {
  const charset = charsetOf(declared);
  const valid = isUtf8(bytes);
  if (charset === 'guess') return valid ? 'utf-8' : 'windows-1252';
  if (charset === 'utf-8' && !valid) throw encodingError('well-formed UTF-8');
  // Guessing a single-byte set against the sender's word would silently change what the text says.
  if (charset === undefined && !valid) throw encodingError('a supported character set, or UTF-8');
  return charset ?? 'utf-8';
}

/**
 * Decodes bytes of a single-byte character set or of valid UTF-8.
 * @throws ExchangeError HDE_HL7_ENCODING for a byte without a character
 */
export function decodeCharset(bytes: Buffer, charset: string): string {
  if (charset === 'ascii') return bytes.toString('latin1');
  if (charset === 'utf-8') return bytes.toString('utf8');
  const table = charsetTable(charset);
  const units = new Uint16Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) {
    const unit = table[bytes[i] ?? 0] ?? missing;
    if (unit === missing) throw encodingError('characters of the declared character set');
    units[i] = unit;
  }
  return Buffer.from(units.buffer).toString('utf16le');
}

/** Encodes text in the character set that MSH-18 declares, UTF-8 when in doubt; characters it lacks become `?`. */
export function encodeText(text: string, declared: string): Uint8Array {
  const charset = charsetOf(declared);
  return encode(text, charset === undefined || charset === 'guess' ? 'utf-8' : charset);
}

/** The bytes that were read as `text` from `source`, frame and mark included. */
export function encodeMessage(text: string, source: Hl7Source): Uint8Array {
  return Buffer.concat([
    Buffer.from(source.before, 'latin1'),
    encode(text, source.charset),
    Buffer.from(source.after, 'latin1'),
  ]);
}

/** `guess` where any character set is possible, undefined for a name that is not known. */
function charsetOf(declared: string): string | undefined {
  return charsetNames.get(declared.toUpperCase().replace(/[^A-Z0-9]/g, ''));
}

/** Stands in a table for a byte without a character. */
const missing = 0xfffd;

/** 0x80 to 0x9F of windows-1252; as on the web, bytes without a character stand for the control of that number. */
const windows1252High =
  '\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f' +
  '\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\x9d\u017e\u0178';

const tables = new Map<string, Uint16Array>();

/** UTF-16 unit of each byte of a single-byte character set. */
function charsetTable(charset: string): Uint16Array {
  let table = tables.get(charset);
  if (table === undefined) {
    const allBytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    // Some releases of Node.js decode windows-1252 as ISO 8859-1, hence the table here.
    const text =
      charset === 'windows-1252'
        ? decodeLatin1(allBytes.subarray(0, 0x80)) + windows1252High + decodeLatin1(allBytes.subarray(0xa0))
        : new TextDecoder(charset).decode(allBytes);
    table = Uint16Array.from({ length: 256 }, (_, byte) => text.charCodeAt(byte));
    tables.set(charset, table);
  }
  return table;
}

const decodeLatin1 = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

function encode(text: string, charset: string): Buffer {
  switch (charset) {
    case 'ascii':
      return Buffer.from(text, 'latin1');
    case 'utf-8':
      return Buffer.from(text, 'utf8');
    case 'utf-16le':
      return Buffer.from(text, 'utf16le');
    case 'utf-16be':
      return Buffer.from(text, 'utf16le').swap16();
    default: {
      const byteOf = new Map<number, number>();
      charsetTable(charset).forEach((unit, byte) => byteOf.set(unit, byte));
      return Buffer.from(Array.from(text, (character) => byteOf.get(character.codePointAt(0) ?? 0) ?? 0x3f));
    }
  }
}
