/** Messages to send: the sample day again and again, each time about people nobody knows yet. */
import { loadSampleDay, type SampleMessage } from '../../samples/acute-trust.js';

export interface LaneMessage {
  readonly text: string;
  /** The source patient: messages of one lane go one after the other. */
  readonly lane: string;
}

/** Distinct copies of well-formed sample messages: each phase and round is about new people. */
export function takeMessages(phase: string, count: number): LaneMessage[] {
  const usable = loadSampleDay().filter(({ expected }) => expected === 'normalised');
  return Array.from({ length: count }, (_, i) => {
    const message = usable[i % usable.length];
    if (message === undefined) throw new Error('the sample day is empty');
    return asNewPerson(message, `${phase}${Math.floor(i / usable.length)}`);
  });
}

/** Changes the numbers that identify the person and the message, so that no two rounds meet in one record. */
function asNewPerson({ text, lane, controlId }: SampleMessage, round: string): LaneMessage {
  const renamed = text
    .replaceAll(controlId, `${controlId}${round}`)
    // The NHS number goes, since a made-up one would fail its check digit; the hospital number remains.
    .replace(/\d{10}\^\^\^NHS\^NH~?/g, '')
    .replaceAll(/\b(\d{7})\^\^\^RZZ\^MR/g, `$1${round}^^^RZZ^MR`)
    .replaceAll(/\b(V\d+)\^\^\^RZZ\^VN/g, `$1${round}^^^RZZ^VN`);
  return { text: renamed, lane: `${lane}${round}` };
}
