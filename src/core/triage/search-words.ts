/** Free text as words, so that reasons are found through an index and not by reading every message. */
import { errors, type Issue } from '../errors.js';

/** As many words as one text gives to the index. */
const mostWords = 500;

/**
 * The distinct words of a text in lower case. Whatever is neither a letter nor a digit parts them, so that
 * `HDE_HL7_NO_PATIENT` and `PID-3` are found by their parts and, since all words of a search must occur, as a whole.
 */
export function searchWords(text: string): readonly string[] {
  const words =
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  return [...new Set(words)].slice(0, mostWords);
}

/** What an operator did, as far as it is searched. */
interface Action {
  readonly reason?: string;
  readonly failedWith?: string;
}

/** The words by which a history is found: what operators wrote, and the codes of what they decided about; of each action. */
export const actionWords = (history: readonly Action[]): readonly string[] => [
  ...new Set(history.flatMap(({ reason = '', failedWith = '' }) => searchWords(`${reason} ${failedWith}`))),
];

/** The words by which issues are found: of their codes, places, texts and what was expected. */
export function issueWords(issues: readonly Issue[]): readonly string[] {
  const texts = issues.map(
    ({ code, location = '', detail = '' }) => `${code} ${location} ${detail} ${errors[code].text}`,
  );
  return searchWords(texts.join(' '));
}
