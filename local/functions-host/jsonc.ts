import { readFileSync } from 'node:fs';

/**
 * Parses JSON with `//` and block comments and trailing commas, as host.json, local.settings.json and Config.json allow.
 *
 * @param text - the file's content, with or without byte order mark
 * @param source - what to call the text in an error
 * @throws Error naming `source` when the text is not such JSON
 */
export function parseJsonc(text: string, source: string): unknown {
  try {
    return JSON.parse(toPlainJson(text.replace(/^\uFEFF/, ''))) as unknown;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${source} is not valid JSON: ${reason}`, { cause: error });
  }
}

/**
 * Reads a JSON file (comments allowed) that holds one object.
 *
 * @throws Error naming the file when it cannot be read, is not JSON or is not an object
 */
export function readJsonObject(file: string): Record<string, unknown> {
  const value = parseJsonc(readFileSync(file, 'utf8'), file);
  if (!isObject(value)) throw new Error(`${file} must hold a JSON object`);
  return value;
}

/** Whether a value is a plain JSON object (not null, not an array). */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

// Strings are matched first so that comment marks and commas inside them stay. Replacements keep line numbers.
const tokens =
  /"(?:[^"\\]|\\.)*"|\/\/[^\r\n]*|\/\*[\s\S]*?\*\/|,(?=(?:\s|\/\/[^\r\n]*|\/\*(?:[^*]|\*(?!\/))*\*\/)*[}\]])/g;

function toPlainJson(text: string): string {
  return text.replace(tokens, (token) => (token.startsWith('"') ? token : token.replace(/[^\r\n]/g, ' ')));
}
