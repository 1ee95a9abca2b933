/** What a client asks of a bulk export (FHIR Bulk Data Access 2.0.0, section "Bulk Data Kick-off Request"). */
import type { Issue } from '../../errors.js';
import { fail, ok, type Result } from '../../result.js';
import type { ParameterPair } from '../bundle.js';
import { servedTypes } from '../interactions.js';

/** All records, or those of patients and nothing of the directory. */
export type ExportLevel = 'system' | 'patient';

/** An export as it was asked for. */
export interface AskedExport {
  /** Each once, in the order of the API; undefined where the client leaves it open. */
  readonly types: readonly string[] | undefined;
  /** Only what was stored after this ISO instant. */
  readonly since: string | undefined;
  /** What a lenient client asked for in vain. */
  readonly ignored: readonly Issue[];
}

/** The request without its transport. */
export interface ExportParameters {
  readonly level: ExportLevel;
  readonly parameters: readonly ParameterPair[];
  /** The headers. */
  readonly prefer: string | undefined;
  readonly accept: string | undefined;
}

/** The media type of a file: one resource a line. */
export const ndjson = 'application/fhir+ndjson';

const ndjsonNames: ReadonlySet<string> = new Set([ndjson, 'application/ndjson', 'ndjson']);

/** Whether a client prefers something: `respond-async`, `handling=lenient` (RFC 7240). */
export const prefers = (prefer: string | undefined, wish: string): boolean =>
  (prefer ?? '').split(/[,;]/).some((each) => each.replaceAll(/[\s"]/g, '').toLowerCase() === wish);

/** The types that an export of a level may hold. */
export const exportedTypes = (level: ExportLevel): readonly string[] =>
  servedTypes.filter(({ scope }) => level === 'system' || scope === 'patient').map(({ type }) => type);

/**
 * Reads the parameters of an export. With `Prefer: handling=lenient` what is not known is passed over, and named; without
 * it, refused, since the client would get something else than it asked for.
 *
 * @returns HDE_NOT_ACCEPTABLE for another format, HDE_SEARCH_PARAMETER, HDE_REQUEST_INVALID for a request that does not
 * prefer to be answered later
 */
export function readExport(asked: ExportParameters): Result<AskedExport, Issue> {
  const { prefer, accept = '*/*', parameters } = asked;
  if (!prefers(prefer, 'respond-async'))
    return refuse('HDE_REQUEST_INVALID', 'Prefer', 'respond-async: an export is answered later');
  if (!/^\s*$|\*\/\*|application\/(\*|fhir\+json|json)/i.test(accept))
    return refuse('HDE_NOT_ACCEPTABLE', 'Accept', 'application/fhir+json');
  for (const format of valuesOf(parameters, '_outputFormat'))
    // A plus sign that was not encoded is a space.
    if (!ndjsonNames.has(format.replace(' ', '+')))
      return refuse('HDE_NOT_ACCEPTABLE', '_outputFormat', ndjson);
  const since = readSince(valuesOf(parameters, '_since'));
  if (!since.ok) return since;
  return readTypes(asked, since.value);
}

const known: ReadonlySet<string> = new Set(['_outputFormat', '_since', '_type']);

function readTypes(
  { level, prefer, parameters }: ExportParameters,
  since: string | undefined,
): Result<AskedExport, Issue> {
  const served = exportedTypes(level);
  const named = valuesOf(parameters, '_type').flatMap((value) => value.split(','));
  const strangers = named.filter((type) => !served.includes(type));
  const unknown = [...new Set(parameters.map(([name]) => name))].filter((name) => !known.has(name));
  const issues = [
    ...strangers.map((type) => issueOf('_type', shown(type, 'is no type that is exported here'))),
    ...unknown.map((name) =>
      issueOf(/^[A-Za-z_]{1,40}$/.test(name) ? name : 'parameters', 'is not supported'),
    ),
  ];
  const [first] = issues;
  if (first !== undefined && !prefers(prefer, 'handling=lenient')) return fail(first);
  const wanted = new Set(named);
  const types = named.length === 0 ? undefined : served.filter((type) => wanted.has(type));
  // To leave the filter out would give everything to whoever asked for nothing that there is.
  if (types?.length === 0 && first !== undefined) return fail(first);
  return ok({ types, since, ignored: issues.map((issue) => ({ ...issue, severity: 'warning' })) });
}

/** FHIR instant: with a time and an offset (R4 section 2.24.0.1). */
const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

function readSince(values: readonly string[]): Result<string | undefined, Issue> {
  const [first, ...others] = values;
  if (first === undefined) return ok(undefined);
  // As above: of an offset east of Greenwich.
  const text = first.replace(' ', '+');
  const time = instant.test(text) ? Date.parse(text) : Number.NaN;
  if (others.length > 0 || Number.isNaN(time))
    return refuse(
      'HDE_SEARCH_PARAMETER',
      '_since',
      'one instant with its offset, such as 2026-03-29T08:30:00Z',
    );
  return ok(new Date(time).toISOString());
}

const valuesOf = (pairs: readonly ParameterPair[], name: string): string[] =>
  pairs.filter(([each]) => each === name).map(([, value]) => value);

const issueOf = (location: string, detail: string): Issue => ({
  ...{ code: 'HDE_SEARCH_PARAMETER', severity: 'error', location, detail },
});

/** What comes from outside is only told where it looks like the name of a type. */
const shown = (type: string, detail: string): string =>
  /^[A-Z][A-Za-z]{1,40}$/.test(type) ? `${type} ${detail}` : detail;

const refuse = (code: Issue['code'], location: string, detail: string) =>
  fail<Issue>({ code, severity: 'error', location, detail });
