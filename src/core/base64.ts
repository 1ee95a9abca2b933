/**
 * Whether a text is Base64 with its padding and nothing else (RFC 4648 section 4). Documents have megabytes: a pattern
 * over all of it would remember a place to go back to for each character, and that memory ends.
 */
export const isBase64 = (text: string): boolean =>
  text.length > 0 &&
  text.length % 4 === 0 &&
  !/[^A-Za-z0-9+/]/.test(text.slice(0, -2)) &&
  /^(?:[A-Za-z0-9+/]{2}|[A-Za-z0-9+/]=|==)$/.test(text.slice(-2));
