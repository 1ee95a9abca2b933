const pattern = /^(-)?(?:(\d+)\.)?(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,7}))?)?$/;

/**
 * Reads a .NET TimeSpan, `[d.]hh:mm[:ss[.fffffff]]`, as host.json and the timer trigger write it.
 *
 * @returns milliseconds, or undefined when the text is no (positive or zero) TimeSpan
 */
export function parseTimeSpan(text: string): number | undefined {
  const match = pattern.exec(text.trim());
  if (!match || match[1] !== undefined) return undefined;
  const [days, hours, minutes, seconds] = [match[2], match[3], match[4], match[5]].map((part) =>
    Number(part ?? 0),
  );
  if ((hours ?? 0) > 23 || (minutes ?? 0) > 59 || (seconds ?? 0) > 59) return undefined;
  const whole = (((days ?? 0) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0);
  return whole * 1000 + Math.round(Number(`0.${match[6] ?? '0'}`) * 1000);
}
