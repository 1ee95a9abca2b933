/**
 * What prefixes mean (FHIR R4 section 3.1.1.4.5), as comparisons with the entries of the index. The range of a date is
 * what its precision leaves open. A number in a record that is a single one counts as it is; with `eq`, `ne` and `ap`
 * the one that is searched for has the precision it was written with, with the others it is exact, as R4 says.
 */
import type { Comparison, RangeTest } from './criteria.js';
import type { NumberRange } from './ranges.js';
import type { DateRange } from './types.js';
import type { Prefix } from './values.js';

const compare = (
  field: Comparison['field'],
  operator: Comparison['operator'],
  value: string | number,
): Comparison => ({ field, operator, value });

/**
 * A date by its prefix: `eq` wants the stored range within the one that is searched for, `gt` some of it after that,
 * `sa` all of it. What `ge` and `le` mean includes all that overlaps the searched range, so that a period that began on
 * a day and goes on is found at or before that day; by R4's words alone it would be lost.
 *
 * @param now the instant from which `ap` measures: a tenth of the distance to the date counts as near
 */
export function dateTest(prefix: Prefix, { lo, hi }: DateRange, now: string): RangeTest {
  switch (prefix) {
    case 'eq':
      return [[compare('lo', '>=', lo), compare('hi', '<=', hi)]];
    case 'ne':
      return [[compare('lo', '<', lo)], [compare('hi', '>', hi)]];
    case 'gt':
      return [[compare('hi', '>', hi)]];
    case 'ge':
      return [[compare('hi', '>=', lo)]];
    case 'lt':
      return [[compare('lo', '<', lo)]];
    case 'le':
      return [[compare('lo', '<=', hi)]];
    case 'sa':
      return [[compare('lo', '>', hi)]];
    case 'eb':
      return [[compare('hi', '<', lo)]];
    case 'ap': {
      const near = approximately(lo, hi, now);
      return [[compare('lo', '<=', near.hi), compare('hi', '>=', near.lo)]];
    }
  }
}

const firstTime = Date.parse('0000-01-01T00:00:00.000Z');
const lastTime = Date.parse('9999-12-31T23:59:59.999Z');

function approximately(lo: string, hi: string, now: string): DateRange {
  const [first, last, present] = [Date.parse(lo), Date.parse(hi), Date.parse(now)];
  const away = Math.max(0, first - present, present - last);
  const print = (time: number) =>
    new Date(Math.min(Math.max(Math.round(time), firstTime), lastTime)).toISOString();
  return { lo: print(first - away / 10), hi: print(last + away / 10) };
}

/**
 * A number by its prefix. An entry is a number or a range, so that each is compared by fields that the other lacks.
 *
 * @param number the number itself, and what the digits it was written with leave open
 */
export function numberTest(prefix: Prefix, { value, lo, hi }: NumberRange): RangeTest {
  switch (prefix) {
    case 'eq':
      return [
        [compare('value', '>=', lo), compare('value', '<', hi)],
        [compare('lo', '>=', lo), compare('hi', '<=', hi)],
      ];
    case 'ne':
      return [
        [compare('value', '<', lo)],
        [compare('value', '>=', hi)],
        [compare('lo', '<', lo)],
        [compare('hi', '>', hi)],
      ];
    case 'gt':
      return [[compare('value', '>', value)], [compare('hi', '>', value)]];
    case 'ge':
      return [[compare('value', '>=', value)], [compare('hi', '>=', value)]];
    case 'lt':
      return [[compare('value', '<', value)], [compare('lo', '<', value)]];
    case 'le':
      return [[compare('value', '<=', value)], [compare('lo', '<=', value)]];
    case 'sa':
      return [[compare('value', '>', value)], [compare('lo', '>', value)]];
    case 'eb':
      return [[compare('value', '<', value)], [compare('hi', '<', value)]];
    case 'ap': {
      const near = Math.abs(value) / 10;
      const [low, high] = [Math.min(lo, value - near), Math.max(hi, value + near)];
      return [
        [compare('value', '>=', low), compare('value', '<=', high)],
        [compare('lo', '<=', high), compare('hi', '>=', low)],
      ];
    }
  }
}
