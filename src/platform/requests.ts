/** Queries and bodies of requests, checked as a whole before anything is looked up. */
import type { HttpRequest } from '@azure/functions';
import { z } from 'zod';
import { ExchangeError } from '../core/errors.js';
import { restoreOffset } from '../core/fhir/search/ranges.js';
import { decodeText, readJsonValue } from '../core/fhir/read-body.js';
import { readBody } from './http.js';

/** A date (midnight UTC) or an instant with its offset, as an instant in UTC with milliseconds. */
export const instant = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()], {
    error:
      'a day (2026-03-29, its midnight in UTC) or an instant with its offset (2026-03-29T08:30:00+01:00)',
  })
  .transform((text) => new Date(text).toISOString())
  // Instants are compared as texts, so that all must have years of four digits.
  .refine((text) => /^\d{4}-/.test(text), 'a time of the years 0000 to 9999');

/** Whether two bounds leave any time between them: in none nothing is lost, differs or has failed, whatever happened. */
export const isPeriod = ({
  from,
  to,
}: {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}): boolean => from === undefined || to === undefined || from < to;

/** What is wrong with bounds that are no period. */
export const notLater = { path: ['to'], error: 'a later time' };

/**
 * Reads the query of an address.
 *
 * @throws ExchangeError HDE_SEARCH_PARAMETER that names the first faulty parameter
 */
export function readQuery<T>(request: HttpRequest, schema: z.ZodType<T>): T {
  const names = [...request.query.keys()];
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined)
    throw new ExchangeError('HDE_SEARCH_PARAMETER', { location: repeated, detail: 'at most once' });
  const values = [...request.query.entries()].map(([name, value]) => [
    name,
    INSTANT_OF_ADDRESS.test(value) ? restoreOffset(value) : value,
  ]);
  return check(schema, Object.fromEntries(values), 'HDE_SEARCH_PARAMETER');
}

/** An instant of which the + of its offset was not escaped. */
const INSTANT_OF_ADDRESS = /^\d{4}-\d{2}-\d{2}T[\d:.]+ \d{2}:\d{2}$/;

/**
 * Reads a JSON body; an empty one is an empty object.
 *
 * @throws ExchangeError HDE_CONTENT_TYPE, HDE_PAYLOAD_TOO_LARGE, or HDE_REQUEST_INVALID that names the first faulty field
 */
export async function readJson<T>(request: HttpRequest, schema: z.ZodType<T>, maxBytes = 65_536): Promise<T> {
  const body = decodeText(await readBody(request, maxBytes));
  if (body === undefined)
    throw new ExchangeError('HDE_REQUEST_INVALID', { detail: 'The text is not UTF-8.' });
  if (body.trim() === '') return check(schema, {}, 'HDE_REQUEST_INVALID');
  // A JSON body that says what it is cannot be sent by a form of another site.
  if (!/^application\/json\b/i.test(request.headers.get('content-type') ?? ''))
    throw new ExchangeError('HDE_CONTENT_TYPE', { detail: 'application/json' });
  return check(schema, parseJson(body), 'HDE_REQUEST_INVALID');
}

function parseJson(text: string): unknown {
  const read = readJsonValue(text);
  if (read.ok) return read.value.value;
  const [{ detail } = {}] = read.error;
  throw new ExchangeError('HDE_REQUEST_INVALID', detail === undefined ? {} : { detail });
}

function check<T>(
  schema: z.ZodType<T>,
  value: unknown,
  code: 'HDE_SEARCH_PARAMETER' | 'HDE_REQUEST_INVALID',
): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [fault] = parsed.error.issues;
  const unknown = fault?.code === 'unrecognized_keys' ? fault.keys[0] : undefined;
  const location = unknown ?? fault?.path.join('.') ?? '';
  const isName = /^[A-Za-z.]{1,40}$/.test(location);
  throw new ExchangeError(code, {
    // Whatever else stands in its place may be anything, also a number of a person.
    ...(isName ? { location } : {}),
    // What was expected, in the words of the schema: they never hold the value.
    detail: unknown === undefined ? expectationOf(fault) : adviceOn(unknown),
  });
}

/** Whether a body that acts on many messages says which ones, or that all are meant: nobody forgets both. */
export const saysWhich = (isNarrowed: boolean, all: true | undefined): boolean =>
  isNarrowed !== (all === true);

const expectationOf = (fault: z.core.$ZodIssue | undefined): string =>
  fault?.message.endsWith('received undefined') === true ? 'is needed' : (fault?.message ?? 'another value');

const adviceOn = (unknown: string): string =>
  unknown === 'identifier' ? 'the body of POST /triage/search' : 'no such name';
