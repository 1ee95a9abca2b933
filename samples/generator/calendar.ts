/** The calendar of the sample day. Instants are milliseconds since 1970-01-01T00:00:00Z. */

/** The Sunday on which British clocks go forward: 01:00 GMT is 02:00 BST, and 01:30 does not exist. */
export const SAMPLE_DATE = '2026-03-29';
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

export const DAY_START = Date.UTC(2026, 2, 29);
const CLOCKS_GO_FORWARD = DAY_START + HOUR;
/** Local midnight at the end of the day: it has 23 hours. */
export const DAY_END = DAY_START + 23 * HOUR;

/** How a timestamp states its zone: most senders leave it out (HL7 v2.5.1 section 2.A.22). */
export type ZoneStyle = 'local' | 'offset';

/** Writes an instant as an HL7 timestamp in British local time, to the second. */
export function formatTimestamp(instant: number, style: ZoneStyle = 'local'): string {
  const summer = instant >= CLOCKS_GO_FORWARD;
  const local = new Date(instant + (summer ? HOUR : 0)).toISOString();
  const digits = local.slice(0, 19).replaceAll(/[-T:]/g, '');
  return style === 'local' ? digits : `${digits}${summer ? '+0100' : '+0000'}`;
}

/** `1955-03-04` as HL7 writes dates: `19550304`. */
export function formatDate(date: string): string {
  return date.replaceAll('-', '');
}
