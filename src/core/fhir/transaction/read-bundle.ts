/** Bundles that ask for several interactions at once (FHIR R4 section 3.1.0.11): what each of their entries asks for. */
import type { Issue } from '../../errors.js';
import { fail, ok, type Result } from '../../result.js';
import type { ParameterPair } from '../bundle.js';
import { type Decimals, type ReadResource, readResource } from '../decimals.js';
import { isWrite, matchRoute, type RouteMatch } from '../interactions.js';
import { fieldsOf, listOf, textOf } from '../search/shapes.js';

/** More entries would make one request too costly. */
export const mostEntries = 500;

/** What an entry asks for, as a request would. */
export interface EntryRequest {
  /** Its place in the Bundle, from 0. */
  readonly index: number;
  readonly method: string;
  /** Below the base: `Patient/abc`. */
  readonly path: string;
  readonly query: readonly ParameterPair[];
  readonly route: RouteMatch;
  /** The headers that it stands for, in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly fullUrl?: string;
  readonly statement?: ReadResource;
}

/** A Bundle of type batch or transaction; entries that ask for nothing that is served are findings. */
export interface RequestBundle {
  readonly type: 'batch' | 'transaction';
  readonly entries: readonly Result<EntryRequest, Issue>[];
}

const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']);

/**
 * Reads a Bundle of type batch or transaction.
 *
 * @returns HDE_BUNDLE_INVALID for what is none, HDE_PAYLOAD_TOO_LARGE for more than `mostEntries` entries
 */
export function readBundle(
  { resource, decimals = {} }: ReadResource,
  baseUrl: string,
): Result<RequestBundle, Issue> {
  const fields = fieldsOf(resource);
  if (fields?.['resourceType'] !== 'Bundle') return invalid('Bundle.type', 'a Bundle');
  const type = fields['type'];
  if (type !== 'batch' && type !== 'transaction') return invalid('Bundle.type', 'batch or transaction');
  const rows = listOf(fields['entry']);
  if (rows.length > mostEntries)
    return fail({
      ...{ code: 'HDE_PAYLOAD_TOO_LARGE', severity: 'error', location: 'Bundle.entry' },
      detail: `at most ${mostEntries} entries`,
    });
  const context: Context = { type, baseUrl, decimals: decimalsByEntry(decimals) };
  return ok({
    type,
    entries: rows.map((row, index) => readEntry(row, index, context)),
  });
}

interface Context {
  readonly type: 'batch' | 'transaction';
  readonly baseUrl: string;
  /** Of the resource of each entry, as its own. */
  readonly decimals: ReadonlyMap<number, Decimals>;
}

/** A Bundle may have as many numbers as entries, and more: each is looked at once. */
function decimalsByEntry(decimals: Decimals): Context['decimals'] {
  const byEntry = new Map<number, Record<string, string>>();
  for (const [pointer, text] of Object.entries(decimals)) {
    const [, index, inner] = /^\/entry\/(\d+)\/resource(\/.*)$/s.exec(pointer) ?? [];
    if (index === undefined || inner === undefined) continue;
    const own = byEntry.get(Number(index)) ?? {};
    own[inner] = text;
    byEntry.set(Number(index), own);
  }
  return byEntry;
}

function readEntry(row: unknown, index: number, context: Context): Result<EntryRequest, Issue> {
  const place = `Bundle.entry[${index}]`;
  const entry = fieldsOf(row);
  const request = fieldsOf(entry?.['request']);
  if (entry === undefined || request === undefined) return invalid(`${place}.request`, 'a request');
  const method = textOf(request['method']) ?? '';
  if (!methods.has(method)) return invalid(`${place}.request.method`, [...methods].join(', '));
  const url = addressOf(textOf(request['url']) ?? '', context.baseUrl);
  if (url === undefined) return invalid(`${place}.request.url`, 'an address below the base of this server');
  const route = matchRoute(method, url.path);
  if (route === undefined || !isTaken(route, context.type))
    return invalid(`${place}.request.url`, 'an interaction that is served here, for the method');
  const fullUrl = textOf(entry['fullUrl']);
  const statement = statementOf(entry['resource'], context.decimals.get(index));
  if (needsResource(route) && statement === undefined) return invalid(`${place}.resource`, 'a resource');
  return ok({
    ...{ index, method, ...url, route, headers: headersOf(request) },
    ...(fullUrl === undefined ? {} : { fullUrl }),
    ...(statement === undefined ? {} : { statement }),
  });
}

/** A Bundle holds no other one, and a transaction no operation that writes. */
const isTaken = (route: RouteMatch, type: 'batch' | 'transaction'): boolean =>
  route.interaction !== 'transaction' && !(type === 'transaction' && isWrite(route) && rankOf(route) === 3);

const needsResource = (route: RouteMatch): boolean => isWrite(route) && route.interaction !== 'delete';

/** The path and query of an address, with or without the base in front. */
function addressOf(
  url: string,
  baseUrl: string,
): { readonly path: string; readonly query: readonly ParameterPair[] } | undefined {
  const below = url.startsWith(`${baseUrl}/`) ? url.slice(baseUrl.length + 1) : url.replace(/^\//, '');
  // What is not of this server has a scheme.
  if (below === '' || /^[a-z][a-z0-9+.-]*:/i.test(below)) return undefined;
  const [path = '', ...rest] = below.split('?');
  return { path, query: [...new URLSearchParams(rest.join('?'))] };
}

const headersOf = (request: Readonly<Record<string, unknown>>): EntryRequest['headers'] => ({
  'if-match': textOf(request['ifMatch']),
  'if-none-match': textOf(request['ifNoneMatch']),
  'if-none-exist': textOf(request['ifNoneExist']),
  'if-modified-since': textOf(request['ifModifiedSince']),
});

/** The resource of an entry with its numbers as they were written. */
function statementOf(resource: unknown, decimals: Decimals = {}): ReadResource | undefined {
  const fields = fieldsOf(resource);
  if (typeof fields?.['resourceType'] !== 'string') return undefined;
  return readResource(fields as unknown as ReadResource['resource'], decimals);
}

/** The order in which a transaction is carried out (FHIR R4 section 3.1.0.11.2): deletes, creates, updates, then reads. */
export const rankOf = ({ interaction }: RouteMatch): number => {
  switch (interaction) {
    case 'delete':
      return 0;
    case 'create':
      return 1;
    case 'update':
    case 'patch':
      return 2;
    default:
      return 3;
  }
};

const invalid = (location: string, detail: string) =>
  fail<Issue>({ code: 'HDE_BUNDLE_INVALID', severity: 'error', location, detail });
