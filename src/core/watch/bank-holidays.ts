/** Days on which hospitals work as on a Sunday. */

const DAY = 86_400_000;

/**
 * Whether a day is a bank holiday of England and Wales (Banking and Financial Dealings Act 1971, schedule 1, and the two
 * that are proclaimed every year), a substitute for one at a weekend, or Christmas, Boxing or New Year's Day itself.
 * Those that are proclaimed for one year alone are not known.
 *
 * @param local any reading of the clock on the wall within the day, as milliseconds since 1970 as if it were UTC
 */
export function isBankHoliday(local: number): boolean {
  const at = new Date(local);
  const [month, day, weekday] = [at.getUTCMonth() + 1, at.getUTCDate(), at.getUTCDay()];
  const isMonday = weekday === 1;
  switch (month) {
    case 1:
      return day === 1 || (isMonday && day <= 3);
    case 5:
      return isMonday && (day <= 7 || day >= 25);
    case 8:
      return isMonday && day >= 25;
    case 12:
      return day === 25 || day === 26 || ([27, 28].includes(day) && [1, 2].includes(weekday));
    default: {
      const afterEaster = Math.floor(local / DAY) - easterOf(at.getUTCFullYear()) / DAY;
      return afterEaster === -2 || afterEaster === 1;
    }
  }
}

/** Easter Sunday of the Gregorian calendar, by the rule of Meeus, Jones and Butcher. */
function easterOf(year: number): number {
  const golden = year % 19;
  const century = Math.floor(year / 100);
  const ofCentury = year % 100;
  const correction = Math.floor((century - Math.floor((century + 8) / 25) + 1) / 3);
  const moon = (19 * golden + century - Math.floor(century / 4) - correction + 15) % 30;
  const weekday = (32 + 2 * (century % 4) + 2 * Math.floor(ofCentury / 4) - moon - (ofCentury % 4)) % 7;
  const late = Math.floor((golden + 11 * moon + 22 * weekday) / 451);
  const days = moon + weekday - 7 * late + 114;
  return Date.UTC(year, Math.floor(days / 31) - 1, (days % 31) + 1);
}
