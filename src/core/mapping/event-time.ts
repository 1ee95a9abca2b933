/** When the event of a message happened, by which stale messages are recognised. */
import type { Issue } from '../errors.js';
import type { Hl7Message } from '../formats/hl7v2/types.js';
import { parseHl7Time, toEpoch, toLatestEpoch } from './times/hl7-time.js';

const SOURCES = [
  ['EVN', 2],
  ['EVN', 6],
  ['MSH', 7],
] as const;

/** UTC with milliseconds: the bounds of what a time of limited precision can mean. */
export interface EventTime {
  readonly earliest: string;
  readonly latest: string;
}

/**
 * EVN-2 (recorded), else EVN-6 (occurred), else MSH-7. A time that is none is reported and passed over.
 *
 * @param receivedAt ISO instant that stands in, with an issue, when none of them holds a time
 */
export function readEventTime(
  message: Hl7Message,
  timeZone: string,
  receivedAt: string,
  issues: Issue[],
): EventTime {
  for (const [name, field] of SOURCES) {
    const text = message.first(name)?.value(field).trim() ?? '';
    if (text === '' || text === '""') continue;
    const time = parseHl7Time(text);
    if (time !== undefined) {
      return {
        earliest: new Date(toEpoch(time, timeZone)).toISOString(),
        latest: new Date(toLatestEpoch(time, timeZone)).toISOString(),
      };
    }
    issues.push({
      code: 'HDE_HL7_DATA_TYPE',
      severity: 'warning',
      location: `${name}-${field}`,
      detail: 'a time of the calendar (YYYYMMDD[HHMM[SS]])',
    });
  }
  issues.push({
    code: 'HDE_HL7_REQUIRED',
    severity: 'warning',
    location: 'MSH-7',
    detail: 'a time; the time of receipt stands in',
  });
  return { earliest: receivedAt, latest: receivedAt };
}
