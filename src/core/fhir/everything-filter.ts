/** What `$everything` leaves out (FHIR R4 operation Patient-everything: `_type`, `_since`, `start`, `end`). */
import { fail, ok, type Result } from '../result.js';
import type { CurrentDocument } from '../records/types.js';
import type { ParameterPair } from './bundle.js';
import { findServedType, sharedTypes } from './interactions.js';
import { dateRangeOf, restoreOffset } from './search/ranges.js';
import type { DateRange } from './search/types.js';

/** The parameters that it reads; pages are not among them. */
export const everythingParameters: ReadonlySet<string> = new Set(['_type', '_since', 'start', 'end']);

/** A parameter that is refused, and why; never its value. */
interface Fault {
  readonly name: string;
  readonly detail: string;
}

type Test = (record: CurrentDocument) => boolean;

/**
 * Whether a record is asked for. `_type` lists types, `_since` is the earliest moment at which it was stored; `start` and
 * `end` are days of care, both included. What has no date of care (an allergy that nobody dated) counts for any day, and
 * so does the patient.
 */
export function readEverythingFilter(parameters: readonly ParameterPair[]): Result<Test, Fault> {
  const given = parameters.filter(([name]) => everythingParameters.has(name));
  const twice = given.find(
    ([name], at) => name !== '_type' && given.findIndex(([each]) => each === name) < at,
  );
  if (twice !== undefined) return fail({ name: twice[0], detail: 'It may be given once.' });
  const tests: Test[] = [];
  for (const [name, value] of given) {
    const test = name === '_type' ? undefined : testOfMoment(name, value);
    if (test !== undefined) tests.push(test);
    else if (name !== '_type') return fail({ name, detail: 'Expected a date or an instant.' });
  }
  const types = given.flatMap(([name, value]) => (name === '_type' ? value.split(',') : []));
  if (!types.every((type) => findServedType(type) !== undefined))
    return fail({ name: '_type', detail: 'Expected types that are served, separated by commas.' });
  if (types.length > 0) tests.push(({ resourceType }) => types.includes(resourceType));
  return ok((record) => tests.every((test) => test(record)));
}

/** Undefined where the value is no date. */
function testOfMoment(name: string, value: string): Test | undefined {
  const range = dateRangeOf(restoreOffset(value));
  if (range === undefined) return undefined;
  if (name === '_since') return ({ lastUpdated }) => lastUpdated >= range.lo;
  const reaches =
    name === 'start' ? ({ hi }: DateRange) => hi >= range.lo : ({ lo }: DateRange) => lo <= range.hi;
  return (record) => {
    const days = daysOfCare(record);
    return days.length === 0 || days.some(reaches);
  };
}

/** Dates that tell of no care: when somebody was born or died is true on any day. */
const otherDates: ReadonlySet<string> = new Set(['birthdate', 'death-date']);

/** None of an organisation or a role, whose dates tell how long it exists. */
const daysOfCare = ({ resourceType, index: { date = {} } }: CurrentDocument): readonly DateRange[] =>
  sharedTypes.has(resourceType)
    ? []
    : Object.entries(date).flatMap(([code, dates]) => (otherDates.has(code) ? [] : dates));
