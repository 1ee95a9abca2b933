/** Writes HL7 v2 text with the usual delimiters `|^~\&`. */

/** Asks the receiver to delete the stored value (HL7 v2.5.1 section 2.5.3). */
export const DELETE = '""';

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\E\\',
  '|': '\\F\\',
  '^': '\\S\\',
  '&': '\\T\\',
  '~': '\\R\\',
  '\n': '\\.br\\',
};

/** Escapes delimiters and line ends in a text (HL7 v2.5.1 section 2.7). */
export function escapeText(text: string): string {
  return text.replaceAll(/[\\|^&~\n]/g, (character) => ESCAPES[character] ?? character);
}

/** One repetition of a field from the plain texts of its components; empty ones at the end are left out. */
export function components(...parts: readonly (string | undefined)[]): string {
  return parts
    .map((part) => escapeText(part ?? ''))
    .join('^')
    .replace(/\^+$/, '');
}

/** A field from its encoded repetitions; those that are absent are left out. */
export function repetitions(...fields: readonly (string | undefined)[]): string {
  return fields.filter((field) => field !== undefined && field !== '').join('~');
}

/** Encoded fields by their number in the standard. */
export type Fields = Readonly<Record<number, string | undefined>>;

/** A segment from its encoded fields. For MSH, field 2 is the first that is written after the name. */
export function segment(name: string, fields: Fields): string {
  const first = name === 'MSH' ? 2 : 1;
  const last = Math.max(...Object.keys(fields).map(Number));
  const values = Array.from({ length: last - first + 1 }, (_, index) => fields[index + first] ?? '');
  return `${name}|${values.join('|')}`.replace(/\|+$/, '');
}
