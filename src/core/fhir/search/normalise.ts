/**
 * How texts are written in the search index. What a search asks for is written in the same way before the two are
 * compared, with the same functions.
 */

/** Characters of a string that are indexed, and of a search value that are compared. */
export const indexedLength = 256;

/** The first characters of a text that are indexed; a character outside the basic plane is never halved. */
export function cutString(text: string): string {
  if (text.length <= indexedLength) return text;
  const last = text.charCodeAt(indexedLength - 1);
  const isHalf = last >= 0xd800 && last < 0xdc00;
  return text.slice(0, isHalf ? indexedLength - 1 : indexedLength);
}

/** Letters whose plain form no decomposition gives. */
const plainLetters: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ł: 'l',
  þ: 'th',
  ı: 'i',
};

/**
 * A string as searches compare it (FHIR R4 section 3.1.1.4.8): in lower case, without accents, white space single, at
 * most `indexedLength` characters. Apostrophes are dropped and other punctuation counts as white space, so that
 * O'Brien, O’Brien and OBRIEN are the same, and Smith-Jones is Smith Jones. A text of punctuation alone stays as it is;
 * only one of white space alone, or none, becomes the empty string.
 */
export function normaliseString(text: string): string {
  const lower = plain(text);
  if (plainWords.test(lower)) return cutString(lower);
  const words = lower.replace(/['’‘ʼ`´]/g, '').replace(/[\p{P}\s]+/gu, ' ');
  const kept = words.trim() === '' ? lower.replace(/\s+/g, ' ') : words;
  return cutString(kept.trim()).trimEnd();
}

/** What is in its normal form already, as most words are. */
const plainWords = /^[a-z0-9]+$/;
const asciiOnly = /^[\0-\x7f]*$/;

function plain(text: string): string {
  if (asciiOnly.test(text)) return text.toLowerCase();
  return (
    text
      .normalize('NFKD')
      .toLowerCase()
      .normalize('NFKD')
      // The combining marks of European letters; those of other scripts are parts of their letters.
      .replace(/[\u0300-\u036f]/g, '')
      .replace(/[ßæœøđðłþı]/g, (letter) => plainLetters[letter] ?? letter)
  );
}

/**
 * A token: `system|code`, `|code` without a system; `*` as the system stands for any, and `''` as the code too. Codes
 * are compared without regard to case, as R4 advises where a code system does not say (section 3.1.1.4.10). A `|` or
 * `*` within a system is escaped by a backslash, so that no two tokens are written alike.
 */
export function tokenOf(system: string | undefined, code: string): string {
  return `${escapeSystem(system ?? '')}|${code.toLowerCase()}`;
}

/** The token of a code in any system. */
export function anySystem(code: string): string {
  return `*|${code.toLowerCase()}`;
}

/** An identifier's type and value as `:of-type` compares them; a value without regard to case. */
export function typedIdentifier(system: string | undefined, code: string, value: string): string {
  return `${tokenOf(system, escapeSystem(code))}|${value.toLowerCase()}`;
}

function escapeSystem(text: string): string {
  return /[\\|*]/.test(text) ? text.replace(/[\\|*]/g, '\\$&') : text;
}

/** A reference to what is contained, or known by its name alone: found by nobody, and not missing. */
export const unnamedReference = '#';

/** A telephone number without the punctuation that people group its digits by; undefined for anything else. */
export function plainNumber(value: string): string | undefined {
  return /^\+?[\d\s().-]*$/.test(value) && /\d/.test(value) ? value.replace(/[\s().-]/g, '') : undefined;
}

/** The digit of each letter from a to z; vowels have none, and h and w do not part what they stand between. */
const soundexDigits = '.123.12-.22455.12623.1-2.2';

/**
 * The Soundex code of a name (American Soundex, as used for the censuses): its first letter and three digits, `R163`
 * for Robert and Rupert. Undefined for a name that does not begin with a Latin letter.
 */
export function soundex(name: string): string | undefined {
  const plainName = normaliseString(name);
  if (!/^[a-z]/.test(plainName)) return undefined;
  const letters = plainName.replace(/[^a-z]/g, '');
  let code = letters.charAt(0).toUpperCase();
  let last = digitOf(letters, 0);
  for (let i = 1; i < letters.length && code.length < 4; i += 1) {
    const digit = digitOf(letters, i);
    if (digit === '-') continue;
    if (digit !== '.' && digit !== last) code += digit;
    last = digit;
  }
  return code.padEnd(4, '0');
}

function digitOf(letters: string, position: number): string {
  return soundexDigits.charAt(letters.charCodeAt(position) - 97);
}
