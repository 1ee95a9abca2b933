/** The national data opt-out: it counts for purposes beyond the care of the individual. */
import type { OptOutRules } from './access-policy.js';

/** What the national service answered about somebody; undefined: it was not asked, or did not answer. */
export type OptOutAnswer = 'may-be-used' | 'opted-out' | undefined;

/** An answer as it is kept. */
export interface KeptAnswer {
  readonly answer: 'may-be-used' | 'opted-out';
  /** When it was given: ISO instant. */
  readonly at: string;
  /** Keyed hashes of the NHS numbers that it is about; absent where it is about the patient, whatever their number. */
  readonly numbers?: readonly string[];
}

/**
 * An answer as far as it is about the numbers by which the patient is known today: one about a number that turned out to be
 * somebody else's says nothing of them.
 *
 * @param numbers keyed hashes
 */
export function answerAbout(
  kept: KeptAnswer | undefined,
  numbers: () => readonly string[],
): KeptAnswer | undefined {
  if (kept?.numbers === undefined) return kept;
  const [asked, held] = [new Set(kept.numbers), numbers()];
  return held.length > 0 && held.every((number) => asked.has(number)) ? kept : undefined;
}

/**
 * Whether an answer counts at a time. One that is older than the policy wants is missing: people change their minds, and the
 * national service is to be asked again before each use or release of data.
 *
 * @param now milliseconds since 1970
 * @param days how long an answer counts
 */
export function answerAt(kept: KeptAnswer | undefined, now: number, { days }: OptOutRules): OptOutAnswer {
  if (kept === undefined) return undefined;
  const age = now - Date.parse(kept.at);
  // Not so for an age that is no number.
  return age <= days * 86_400_000 ? kept.answer : undefined;
}

/**
 * The answer for somebody with several records: an opt-out about one of them is one about all, and each record with an NHS
 * number needs an answer.
 */
export function answerOfPerson(
  records: readonly { readonly answer: OptOutAnswer; readonly hasNumber: boolean }[],
): OptOutAnswer {
  const answers = records.map(({ answer }) => answer);
  if (answers.includes('opted-out')) return 'opted-out';
  if (records.some(({ answer, hasNumber }) => hasNumber && answer === undefined)) return undefined;
  return answers.find((answer) => answer !== undefined);
}

/** Only an answer that says so lets data be used: a missing one counts as an opt-out. */
export const isOptedOut = (answer: OptOutAnswer): boolean => answer !== 'may-be-used';

/**
 * Reads an answer of the MESH workflow SPINE_NTT_UPHOLDING, which lists who has not opted out, one number and a comma a
 * line. Whoever was asked about and is not in it has opted out; so has everybody when the answer holds a line that is
 * no such number, or a number that was not asked about: it may be cut short, or be the answer to something else.
 *
 * @param asked numbers that were sent
 * @param answer text of the answer; undefined when there was none
 * @returns an answer for each number that was asked about
 */
export function readOptOutAnswer(
  asked: readonly string[],
  answer: string | undefined,
): ReadonlyMap<string, 'may-be-used' | 'opted-out'> {
  const text = answer ?? '';
  const lines = text.split(/\r?\n/).filter((line) => line !== '');
  const sent = new Set(asked);
  const isSound =
    text.endsWith('\n') && lines.every((line) => /^\d{10},$/.test(line) && sent.has(line.slice(0, 10)));
  const usable = new Set(isSound ? lines.map((line) => line.slice(0, 10)) : []);
  return new Map(asked.map((number) => [number, usable.has(number) ? 'may-be-used' : 'opted-out']));
}
