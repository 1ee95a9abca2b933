const STRING_OR_COMMENT = /("(?:\\.|[^"\\])*")|\/\/[^\n\r]*|\/\*[\s\S]*?\*\//g;
const STRING_OR_TRAILING_COMMA = /("(?:\\.|[^"\\])*")|,(?=\s*[}\]])/g;

/**
 * Parses JSON with comments and trailing commas, which the samples of Microsoft's emulator have.
 *
 * @throws SyntaxError when what is left is not JSON
 */
export function parseJsonc(text: string): unknown {
  // Comments become blanks of the same length, so that the position in a syntax error stays true.
  const bare = text
    .replace(/^\uFEFF/, '')
    .replace(STRING_OR_COMMENT, (match, quoted?: string) => quoted ?? match.replace(/[^\n\r]/g, ' '))
    .replace(STRING_OR_TRAILING_COMMA, (_match, quoted?: string) => quoted ?? ' ');
  return JSON.parse(bare) as unknown;
}
