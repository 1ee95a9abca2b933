import { expect, test } from '@jest/globals';
import { isBankHoliday } from '../../../src/core/watch/bank-holidays.js';

const DAY = 86_400_000;

/** The bank holidays of a year, as month and day. */
function holidaysOf(year: number): readonly string[] {
  const days: string[] = [];
  for (let day = Date.UTC(year, 0); day < Date.UTC(year + 1, 0); day += DAY)
    if (isBankHoliday(day + DAY / 2)) days.push(new Date(day).toISOString().slice(5, 10));
  return days;
}

// https://www.gov.uk/bank-holidays, England and Wales; with the days at weekends for which there is a substitute.
test.each([
  [2020, ['01-01', '04-10', '04-13', '05-04', '05-25', '08-31', '12-25', '12-26', '12-28']],
  [2021, ['01-01', '04-02', '04-05', '05-03', '05-31', '08-30', '12-25', '12-26', '12-27', '12-28']],
  [2023, ['01-01', '01-02', '04-07', '04-10', '05-01', '05-29', '08-28', '12-25', '12-26']],
  [2024, ['01-01', '03-29', '04-01', '05-06', '05-27', '08-26', '12-25', '12-26']],
  [2026, ['01-01', '04-03', '04-06', '05-04', '05-25', '08-31', '12-25', '12-26', '12-28']],
  [2027, ['01-01', '03-26', '03-29', '05-03', '05-31', '08-30', '12-25', '12-26', '12-27', '12-28']],
  [2028, ['01-01', '01-03', '04-14', '04-17', '05-01', '05-29', '08-28', '12-25', '12-26']],
])('the bank holidays of %d', (year, expected) => {
  expect(holidaysOf(year)).toEqual(expected);
});
