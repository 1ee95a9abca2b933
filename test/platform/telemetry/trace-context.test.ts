import { expect, test } from '@jest/globals';
import { nearestParent, traceIdOf, wellFormed } from '../../../src/platform/telemetry/trace-context.js';

const [trace, other] = ['a'.repeat(32), 'b'.repeat(32)];
const [sent, ofHost] = [`00-${trace}-${'1'.repeat(16)}-01`, `00-${trace}-${'2'.repeat(16)}-01`];
const begunByHost = `00-${other}-${'3'.repeat(16)}-00`;

test('the part that the host has in the trace of the caller comes between the two', () => {
  expect(nearestParent(sent, ofHost)).toBe(ofHost);
});

test('a trace that the host began counts only where no other came', () => {
  expect(nearestParent(sent, begunByHost)).toBe(sent);
  expect(nearestParent(null, begunByHost)).toBe(begunByHost);
  expect(nearestParent(null, undefined)).toBeUndefined();
});

test.each([
  ['another shape', '00-abc-def-01'],
  ['upper case', sent.toUpperCase()],
  ['a trace of zeros', `00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`],
  ['a span of zeros', `00-${trace}-${'0'.repeat(16)}-01`],
  ['no text', 7],
  ['something behind it', `${sent}\r\nx: y`],
])('what has %s is no trace context', (_, value) => {
  expect(wellFormed(value)).toBeUndefined();
});

test('the trace is the second part', () => {
  expect(traceIdOf(sent)).toBe(trace);
  expect(traceIdOf(undefined)).toBeUndefined();
});
