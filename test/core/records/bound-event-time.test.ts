import { expect, test } from '@jest/globals';
import type { Conversion } from '../../../src/core/mapping/types.js';
import { boundEventTime } from '../../../src/core/records/bound-event-time.js';

const conversion = (eventTime: string): Conversion => ({
  messageType: 'ADT^A31',
  eventTime,
  latestEventTime: eventTime,
  records: [],
  issues: [],
  ledger: [],
  pack: { name: 'hl7v2-uk', version: '1.0.0' },
});

test('an event that claims to lie in the future counts as of its receipt, and says so', () => {
  const bounded = boundEventTime(conversion('2099-01-01T00:00:00.000Z'), '2026-03-30T10:00:00.000Z');
  expect(bounded).toMatchObject({
    eventTime: '2026-03-30T10:00:00.000Z',
    latestEventTime: '2026-03-30T10:00:00.000Z',
    issues: [{ code: 'HDE_EVENT_IN_FUTURE', severity: 'warning', location: 'EVN-2' }],
  });
});

test('a clock that is wrong by hours changes nothing', () => {
  const stated = conversion('2026-03-30T20:00:00.000Z');
  expect(boundEventTime(stated, '2026-03-30T10:00:00.000Z')).toBe(stated);
});
