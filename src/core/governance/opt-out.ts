/** The national data opt-out: it counts for purposes beyond the care of the individual. */

/** What the national service answered about somebody; undefined: it was not asked, or did not answer. */
export type OptOutAnswer = 'may-be-used' | 'opted-out' | undefined;

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
