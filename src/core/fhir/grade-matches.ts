/** How surely a patient is the person who is sought (FHIR R4 operation Patient-match). */
import type { Identifier, Patient } from 'fhir/r4.js';
import { normaliseString } from './search/normalise.js';

/** Grades of the code system match-grade, with the score that stands for each. */
export const matchScores = { certain: 1, probable: 0.8, possible: 0.5 } as const;

export type MatchGrade = keyof typeof matchScores;

/**
 * Grades a patient who has an identifier of the one who is sought. The identifier alone makes the match certain, unless
 * something contradicts it: another birth date, an identifier that was taken back (`old`), or that others have an
 * identifier of the same person, too. Another family name is a doubt where no birth dates agree: names change.
 *
 * @param others whether other people match as well
 */
export function gradeMatch(sought: Patient, found: Patient, others: boolean): MatchGrade {
  if (others || !sharesCurrent(sought, found)) return 'possible';
  const dates = [sought.birthDate, found.birthDate];
  if (dates.every((date) => date !== undefined && date !== ''))
    return agrees(sought.birthDate ?? '', found.birthDate ?? '') ? 'certain' : 'possible';
  const [wanted, held] = [familiesOf(sought), familiesOf(found)];
  const isDoubtful = wanted.size > 0 && held.size > 0 && ![...wanted].some((name) => held.has(name));
  return isDoubtful ? 'probable' : 'certain';
}

/** `1970-02` is the 3rd of February 1970, as far as it says. */
const agrees = (one: string, other: string): boolean => one.startsWith(other) || other.startsWith(one);

const familiesOf = ({ name = [] }: Patient): ReadonlySet<string> =>
  new Set(name.flatMap(({ family = '' }) => (family === '' ? [] : [normaliseString(family)])));

const sharesCurrent = ({ identifier: sought = [] }: Patient, { identifier: held = [] }: Patient): boolean =>
  held.some((each) => each.use !== 'old' && sought.some((wanted) => isSame(wanted, each)));

const isSame = (one: Identifier, other: Identifier): boolean =>
  one.system === other.system && one.value === other.value;
