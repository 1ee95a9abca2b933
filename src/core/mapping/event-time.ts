/** When the event of a message happened, by which stale messages are recognised. */
import { ExchangeError, type Issue } from '../errors.js';
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
 * @throws ExchangeError HDE_HL7_REQUIRED at MSH-7 when none of them holds a time
 */
export function readEventTime(message: Hl7Message, timeZone: string, issues: Issue[]): EventTime {
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
  throw new ExchangeError('HDE_HL7_REQUIRED', { location: 'MSH-7' });
}
