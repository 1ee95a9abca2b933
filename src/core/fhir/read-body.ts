import type { Resource } from 'fhir/r4.js';
import type { ErrorCode, Issue } from '../errors.js';
import { findSyntaxError } from '../json-syntax.js';
import { fail, ok, type Result } from '../result.js';
import { faultTexts, scanJson, type TextPosition } from '../scan-json.js';
import { type Decimals, pointerOf, type ReadResource, readResource } from './decimals.js';
import { formatOfContentType } from './format.js';

/**
 * Reads the body of a request as a resource, JSON or XML as its media type says (FHIR R4 section 3.1.0.1.11). Whether it
 * is what its type allows is not judged, except as far as XML cannot be read without its definitions.
 *
 * @returns findings that say where the text goes wrong: HDE_CONTENT_TYPE for a media type that is not taken,
 * HDE_PAYLOAD_EMPTY, HDE_REQUEST_INVALID for what is not UTF-8, JSON or XML, states a key twice or is nested too deeply, and
 * HDE_RESOURCE_INVALID for XML that R4 does not define
 */
export async function readBody(
  contentType: string | undefined,
  bytes: Uint8Array,
): Promise<Result<ReadResource, readonly Issue[]>> {
  const format = formatOfContentType(contentType);
  if (format === undefined) {
    return refuse('HDE_CONTENT_TYPE', 'application/fhir+json or application/fhir+xml, in UTF-8, of FHIR 4.0');
  }
  const text = decodeText(bytes);
  if (text === undefined) return refuse('HDE_REQUEST_INVALID', 'The text is not UTF-8.');
  if (text.trim() === '') return refuse('HDE_PAYLOAD_EMPTY');
  if (format === 'json') return readJson(text);
  const { fromXml } = await import('./xml/from-xml.js');
  return fromXml(text);
}

/** The text of bytes in UTF-8; undefined for other bytes. */
export function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Reads a resource from FHIR JSON (R4 section 2.6.2). */
export function readJson(text: string): Result<ReadResource, readonly Issue[]> {
  const read = readJsonValue(text);
  if (!read.ok) return read;
  const { value, decimals } = read.value;
  return isResource(value)
    ? ok(readResource(value, decimals))
    : refuse('HDE_REQUEST_INVALID', 'A resource is needed: an object with its resourceType.');
}

/**
 * Of all pointers to numbers that are kept as they were written, in characters: a body of a few bytes a number would
 * otherwise take as much memory as its numbers times the names above them.
 */
const maxPointerLength = 16_000_000;

/** A value of JSON with its numbers as they were written. */
export interface JsonValue {
  readonly value: unknown;
  readonly decimals: Decimals;
}

/**
 * Reads any value from JSON that has no fault (`JsonFault`), and of which no number is larger than JavaScript holds.
 */
export function readJsonValue(text: string): Result<JsonValue, readonly Issue[]> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refuseAt(findSyntaxError(text), 'This is not JSON.');
  }
  const decimals: Record<string, string> = {};
  let pointerLength = 0;
  for (const found of scanJson(text)) {
    if (found.kind !== 'number') return refuseAt(found, faultTexts[found.kind]);
    if (!Number.isFinite(Number(found.text))) return refuse('HDE_REQUEST_INVALID', 'A number is too large.');
    const pointer = pointerOf(found.path);
    pointerLength += pointer.length;
    if (pointerLength > maxPointerLength)
      return refuse('HDE_REQUEST_INVALID', 'Too many numbers stand below names that are too long.');
    decimals[pointer] = found.text;
  }
  return ok({ value, decimals });
}

const isResource = (value: unknown): value is Resource =>
  typeof value === 'object' && value !== null && typeof (value as Resource).resourceType === 'string';

const refuseAt = ({ line, column }: TextPosition, detail: string) =>
  refuse('HDE_REQUEST_INVALID', `Line ${line}, column ${column}: ${detail}`);

const refuse = (code: ErrorCode, detail?: string) =>
  fail<readonly Issue[]>([{ code, severity: 'error', ...(detail === undefined ? {} : { detail }) }]);
