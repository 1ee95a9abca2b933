import { ExchangeError } from '../../errors.js';
import type { Hl7Delimiters } from './types.js';

/** The delimiters that the standard recommends (HL7 v2.5.1 section 2.5.4). */
export const standardDelimiters: Hl7Delimiters = {
  field: '|',
  component: '^',
  repetition: '~',
  escape: '\\',
  subcomponent: '&',
  truncation: '',
};

const unusable = (location: string, detail: string): ExchangeError =>
  new ExchangeError('HDE_HL7_DELIMITERS', { location, detail });

/** Printable ASCII that is no letter, digit or blank, nor the quotation mark, which spells the delete value `""`. */
export function isDelimiter(code: number): boolean {
  return (
    code > 0x20 &&
    code < 0x7f &&
    code !== 0x22 &&
    !(code >= 0x30 && code <= 0x39) &&
    !((code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a)
  );
}

/**
 * Reads the delimiters that the header segment at `position` declares.
 * @throws ExchangeError HDE_HL7_DELIMITERS at `MSH-1` or `MSH-2`
 */
export function readDelimiters(text: string, position: number): Hl7Delimiters {
  // Nearly every message declares these: no need to look closer.
  if (text.startsWith('|^~\\&|', position + 3)) return standardDelimiters;
  const field = text.charAt(position + 3);
  if (field === '' || !isDelimiter(field.charCodeAt(0))) {
    throw unusable('MSH-1', 'one punctuation character that separates fields');
  }
  // The sixth encoding character already is one too many, so a longer search is pointless.
  const [line = ''] = text.slice(position + 4, position + 20).split(/[\r\n]/, 1);
  const [encodingCharacters = ''] = line.split(field, 1);
  return parseDelimiters(field, encodingCharacters);
}

/** The delimiters declared by MSH-1 and MSH-2. @throws ExchangeError HDE_HL7_DELIMITERS */
export function parseDelimiters(field: string, encodingCharacters: string): Hl7Delimiters {
  const declared = withoutDoubledEscape(encodingCharacters.trimEnd());
  if (declared === '' || declared.length > 5) {
    throw unusable('MSH-2', 'between one and five encoding characters');
  }
  const all = field + declared;
  for (let i = 0; i < all.length; i++) {
    // A blank in the place of the escape character: the sender has none.
    if (i === 3 && all.charAt(i) === ' ') continue;
    if (!isDelimiter(all.charCodeAt(i)) || all.indexOf(all.charAt(i)) !== i) {
      throw unusable('MSH-2', 'punctuation characters that differ from one another and from MSH-1');
    }
  }
  return {
    field,
    component: declared.charAt(0),
    repetition: declared.charAt(1),
    escape: declared.charAt(2).trim(),
    subcomponent: declared.charAt(3),
    truncation: declared.charAt(4),
  };
}

/** Some senders build messages from program text and send the backslash of `^~\&` twice. */
function withoutDoubledEscape(declared: string): string {
  return declared.length > 4 && declared.charAt(2) === declared.charAt(3)
    ? declared.slice(0, 2) + declared.slice(3)
    : declared;
}
