/** Configuration as JSON, which must not say anything twice: `JSON.parse` would keep the last and say nothing. */
import { findRepeatedKeys } from '../core/scan-json.js';

/** @throws Error that says what is wrong and where */
export function readJson(text: string): unknown {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Error('is not JSON');
  }
  const [repeated] = findRepeatedKeys(text);
  if (repeated !== undefined)
    throw new Error(`line ${repeated.line}, column ${repeated.column}: the key ${repeated.key} occurs twice`);
  return json;
}
