/** The sample day of the synthetic acute trust, for the demo, tests and benchmarks. */
import { generateDay, type SampleMessage } from './generator/day.js';

export type { ExpectedOutcome, SampleMessage } from './generator/day.js';

/**
 * The messages of the day in sending order. They are generated and not read, so that bundled code needs no file
 * beside it; a test proves that samples/acute-trust/day.hl7 holds the same bytes.
 */
export function loadSampleDay(): readonly SampleMessage[] {
  return generateDay().messages;
}

/** Id of the feed under which the trust's integration engine sends. */
export const SAMPLE_FEED = 'rzz-tie';
