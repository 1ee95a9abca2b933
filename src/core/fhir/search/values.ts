/** The text of a search's value: escapes, alternatives and prefixes (FHIR R4 sections 3.1.1.4.0.1 and 3.1.1.4.5). */

/** Splits at a separator that no backslash escapes; escapes stay as they are. */
export function splitEscaped(text: string, separator: ',' | '|' | '$'): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let i = 0; i < text.length; i += 1) {
    if (text.charAt(i) === '\\') {
      i += 1;
    } else if (text.charAt(i) === separator) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  return [...parts, text.slice(start)];
}

/** Resolves the four escapes of R4; any other backslash stands for itself. */
export function unescapeValue(text: string): string {
  return text.replace(/\\([\\,|$])/g, '$1');
}

/** How a value is compared with what is stored (FHIR R4 section 3.1.1.4.5). */
export type Prefix = 'eq' | 'ne' | 'gt' | 'lt' | 'ge' | 'le' | 'sa' | 'eb' | 'ap';

/** The prefix of a date, number or quantity, `eq` without one, and what follows it. */
export function splitPrefix(text: string): { readonly prefix: Prefix; readonly rest: string } {
  const [, prefix = 'eq', rest = text] = /^(eq|ne|gt|lt|ge|le|sa|eb|ap)(.*)$/s.exec(text) ?? [];
  return { prefix: prefix as Prefix, rest };
}
