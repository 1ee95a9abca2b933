const SHAPE =
  /^P(?:(?<years>\d+)Y)?(?:(?<months>\d+)M)?(?:(?<days>\d+)D)?(?:T(?:(?<hours>\d+)H)?(?:(?<minutes>\d+)M)?(?:(?<seconds>\d+(?:\.\d+)?)S)?)?$/;

const MS: Readonly<Record<string, number>> = {
  years: 365 * 86_400_000,
  months: 30 * 86_400_000,
  days: 86_400_000,
  hours: 3_600_000,
  minutes: 60_000,
  seconds: 1_000,
};

/**
 * Reads an ISO 8601 duration such as `PT1M` or `P14D`; a year counts 365 days and a month 30, as in .NET.
 *
 * @returns milliseconds, or undefined when the text is no duration
 */
export function parseDuration(text: string): number | undefined {
  const parts = SHAPE.exec(text)?.groups;
  if (parts === undefined || text.endsWith('P') || text.endsWith('T')) return undefined;
  let total = 0;
  for (const [unit, factor] of Object.entries(MS)) total += Number(parts[unit] ?? 0) * factor;
  return Math.round(total);
}
