import { fail, ok, type Result } from '../result.js';
import type { ParameterPair } from './bundle.js';
import { dateRangeOf, restoreOffset } from './search/ranges.js';
import type { DateRange } from './search/types.js';

/** Versions on one page. */
const historyPageSize = { standard: 50, maximum: 99 } as const;

/** What a client asks of a history (FHIR R4 section 3.1.0.12.1). */
export interface HistoryQuery {
  readonly count: number;
  /** ISO instant in UTC with milliseconds, as the times of versions are. */
  readonly since?: string;
  /** When the versions must have been current. */
  readonly at?: DateRange;
  /** Token of the page, as sent. */
  readonly page?: string;
  /** The parameters that were obeyed, without the place of the page. */
  readonly parameters: readonly ParameterPair[];
  /** All of them as the end of an address: `?_count=10`, or nothing. */
  readonly self: string;
}

/** A parameter that is refused. */
export interface HistoryQueryFault {
  readonly name: string;
  readonly expected: string;
}

interface Draft {
  count: number;
  since?: string;
  at?: DateRange;
  page?: string;
}

const readers: Readonly<Record<string, (value: string, draft: Draft) => string | undefined>> = {
  _count: (value, draft) => {
    if (!/^0*[1-9]\d{0,8}$/.test(value)) return 'a whole number of at least 1';
    draft.count = Math.min(Number(value), historyPageSize.maximum);
    return undefined;
  },
  _since: (value, draft) => {
    const text = restoreOffset(value);
    const instant = /T.*(?:Z|[+-]\d\d:\d\d)$/.test(text) ? dateRangeOf(text)?.lo : undefined;
    if (instant === undefined) return 'an instant with its offset, such as 2026-03-29T08:30:00+01:00';
    draft.since = instant;
    return undefined;
  },
  _at: (value, draft) => {
    const range = dateRangeOf(restoreOffset(value));
    if (range === undefined) return 'a date or time, such as 2026-03-29';
    draft.at = range;
    return undefined;
  },
  _page: (value, draft) => {
    draft.page = value;
    return undefined;
  },
};

/** Reads the parameters of a history; every one that is not known is refused. */
export function readHistoryQuery(
  parameters: readonly ParameterPair[],
): Result<HistoryQuery, HistoryQueryFault> {
  const draft: Draft = { count: historyPageSize.standard };
  const names = new Set<string>();
  for (const [name, value] of parameters) {
    if (names.has(name)) return fail({ name, expected: 'at most once' });
    names.add(name);
    const read = Object.hasOwn(readers, name) ? readers[name] : undefined;
    const expected = read === undefined ? 'no such parameter of a history' : read(value, draft);
    if (expected !== undefined) return fail({ name, expected });
  }
  const search = new URLSearchParams(
    parameters.map(([name, value]): [string, string] => [name, value]),
  ).toString();
  return ok({
    ...draft,
    parameters: parameters.filter(([name]) => name !== '_page'),
    self: search === '' ? '' : `?${search}`,
  });
}

/** The end of the address of the page that a token stands for. */
export function pageOfHistory({ parameters }: HistoryQuery, token: string): string {
  const search = new URLSearchParams(parameters.map(([name, value]): [string, string] => [name, value]));
  search.append('_page', token);
  return `?${search.toString()}`;
}
