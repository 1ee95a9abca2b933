/** Searches of AuditEvents (FHIR R4 section 6.4.8) as questions to the audit trail. */
import type { AuditEvent } from 'fhir/r4.js';
import type { Issue } from '../../errors.js';
import type { ParameterPair } from '../../fhir/bundle.js';
import { isFhirId, parseReference } from '../../fhir/references.js';
import { pageParameter, pageSize } from '../../fhir/search-parameters.js';
import { dateRangeOf } from '../../fhir/search/ranges.js';
import { patientOfId } from '../../records/ids.js';
import { fail, ok, type Result } from '../../result.js';

/** What AuditEvents are sought: those that fit everything given. */
export interface AuditEventSearch {
  /** Only these; undefined for whatever fits. */
  readonly ids: readonly string[] | undefined;
  /** One of these patients, or of those linked with them, is concerned. */
  readonly patients: readonly string[] | undefined;
  /** Record ids of patients, one of whom is concerned by whatever fits: they make the question small. */
  readonly within: readonly string[] | undefined;
  readonly subject: string | undefined;
  /** At or after, and before: ISO instants in UTC with milliseconds. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** What else an event has to say. */
  readonly tests: readonly ((event: AuditEvent) => boolean)[];
  readonly count: number;
  readonly page: string | undefined;
  /** What was obeyed, for links; without the page. */
  readonly criteria: readonly ParameterPair[];
}

type Draft = { -readonly [K in keyof AuditEventSearch]: AuditEventSearch[K] } & {
  tests: ((event: AuditEvent) => boolean)[];
};

/** Parameters of one search, and values of one of them. */
const most = { parameters: 30, values: 50 } as const;

const refused = (location: string, detail: string): Issue => ({
  ...{ code: 'HDE_SEARCH_PARAMETER', severity: 'error', location, detail },
});

/**
 * Reads the parameters of a search. One that is not served is refused: without it there would be more than was asked for.
 *
 * @returns HDE_SEARCH_PARAMETER with the name of the parameter
 */
export function readAuditEventSearch(
  pairs: readonly ParameterPair[],
  baseUrl: string,
): Result<AuditEventSearch, Issue> {
  const draft: Draft = {
    ...{
      ids: undefined,
      patients: undefined,
      within: undefined,
      subject: undefined,
      from: undefined,
      to: undefined,
    },
    ...{ tests: [], count: pageSize.standard, page: undefined },
    criteria: pairs.filter(([name]) => name !== pageParameter),
  };
  if (pairs.length > most.parameters)
    return fail(refused('', `more than ${most.parameters} parameters of a search`));
  const seen = new Set<string>();
  for (const [name, text] of pairs) {
    const read = Object.hasOwn(readers, name) ? readers[name] : undefined;
    const values = text.split(',').map((value) => value.trim());
    if (read === undefined) return fail(refused(name, `Served: ${Object.keys(readers).join(', ')}.`));
    if (values.length > most.values) return fail(refused(name, `more than ${most.values} values`));
    if (seen.has(name) && name !== 'date') return fail(refused(name, 'once'));
    seen.add(name);
    const wrong = read(draft, values, baseUrl);
    if (wrong !== undefined) return fail(refused(name, wrong));
  }
  return ok(draft);
}

/** Takes the values of a parameter into the draft, or says what they should be. */
type Reader = (draft: Draft, values: readonly string[], baseUrl: string) => string | undefined;

const readPatients: Reader = (draft, values, baseUrl) => {
  const ids = values.map((value) => idOfPatient(value, baseUrl));
  if (ids.includes(undefined)) return 'ids of Patient records';
  draft.patients = ids.flatMap((id) => id ?? []);
  return undefined;
};

/** Never what may be an identifier of a person. */
function idOfPatient(value: string, baseUrl: string): string | undefined {
  const reference = parseReference(value, baseUrl) ?? parseReference(`Patient/${value}`, baseUrl);
  const id = reference?.type === 'Patient' ? reference.id : undefined;
  return id === undefined || /^[\d.-]+$/.test(id) ? undefined : id;
}

const readEntities: Reader = (draft, values, baseUrl) => {
  const named = values.map((value) => parseReference(value, baseUrl));
  const references = named.flatMap((each) => each ?? []);
  if (references.length < values.length) return 'records: Type/id';
  const wanted = new Set(references.map(({ type, id }) => `${type}/${id}`));
  // An id of ours says whose record it is; one that a client chose does not, whatever stands in it.
  const owners = references.map(({ type, id }) => (type === 'Patient' ? id : patientOfId(id)));
  if (!owners.includes(undefined)) draft.within = owners.flatMap((id) => id ?? []);
  draft.tests.push(({ entity = [] }) =>
    entity.some(({ what }) => wanted.has((what?.reference ?? '').replace(/\/_history\/.*$/, ''))),
  );
  return undefined;
};

const datePrefix = /^(eq|ge|gt|le|lt|sa|eb)?(\d.*)$/;

const readDate: Reader = (draft, values) => {
  const [, prefix = 'eq', text = ''] = datePrefix.exec(values[0] ?? '') ?? [];
  const range = dateRangeOf(text);
  if (range === undefined || values.length > 1) return 'one date, such as ge2026-11-26';
  const after = new Date(Date.parse(range.hi) + 1).toISOString();
  const from = { eq: range.lo, ge: range.lo, gt: after, sa: after }[prefix];
  const to = { eq: after, le: after, lt: range.lo, eb: range.lo }[prefix];
  if (from !== undefined && from > (draft.from ?? '')) draft.from = from;
  if (to !== undefined && (draft.to === undefined || to < draft.to)) draft.to = to;
  return undefined;
};

interface Token {
  readonly system?: string | undefined;
  readonly code?: string | undefined;
}

/** A search by tokens: `code`, `system|code`, `system|` or `|code`. */
const byToken =
  (tokensOf: (event: AuditEvent) => readonly Token[]): Reader =>
  (draft, values) => {
    if (values.includes('') || values.includes('|')) return 'code, or system|code';
    draft.tests.push((event) =>
      values.some((value) => tokensOf(event).some((token) => isToken(token, value))),
    );
    return undefined;
  };

function isToken({ system = '', code }: Token, value: string): boolean {
  const bar = value.indexOf('|');
  if (bar < 0) return code === value;
  const wanted = value.slice(bar + 1);
  return system === value.slice(0, bar) && (wanted === '' ? code !== undefined : code === wanted);
}

const action = 'http://hl7.org/fhir/audit-event-action';
const outcome = 'http://hl7.org/fhir/audit-event-outcome';

const readers: Readonly<Record<string, Reader>> = {
  _id: (draft, values) => {
    draft.ids = values;
    return values.every(isFhirId) ? undefined : 'ids of AuditEvents';
  },
  action: byToken((event) => [{ system: action, code: event.action }]),
  'agent:identifier': (draft, [value = '', ...others]) => {
    draft.subject = value.replace(/^\|/, '');
    return value === '' || others.length > 0 || value.length > 200 ? 'the subject of a token' : undefined;
  },
  date: readDate,
  entity: readEntities,
  outcome: byToken((event) =>
    event.outcome === undefined ? [] : [{ system: outcome, code: event.outcome }],
  ),
  patient: readPatients,
  subtype: byToken(({ subtype = [] }) => subtype),
  type: byToken(({ type }) => [type]),
  _count: (draft, [value = '', ...others]) => {
    if (!/^[1-9]\d{0,8}$/.test(value) || others.length > 0) return 'a number of entries, at least 1';
    draft.count = Math.min(Number(value), pageSize.maximum);
    return undefined;
  },
  [pageParameter]: (draft, [value = '']) => {
    draft.page = value;
    return value.length > 300 ? 'that of a link' : undefined;
  },
};
