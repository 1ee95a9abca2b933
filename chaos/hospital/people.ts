/** People of the synthetic hospital; NHS numbers are from the 999 test range. */
import type { Random } from '../random.js';
import type { Allergy, Person } from './model.js';

const families = [
  'Abara',
  'Bhatt',
  'Carter',
  'Dunne',
  'Evans',
  'Farouk',
  'Grey',
  'Hussain',
  'Iqbal',
  'Jones',
];
const givens = ['Ada', 'Ben', 'Chloe', 'Dev', 'Esme', 'Femi', 'Gwen', 'Hana', 'Ivor', 'Joan'];
const allergies: readonly Allergy[] = [
  { code: '91936005', text: 'Allergy to penicillin' },
  { code: '91935009', text: 'Allergy to peanut' },
  { code: '300916003', text: 'Allergy to latex' },
  { code: '417532002', text: 'Allergy to fish' },
];

/** A person and how they are called and what they are allergic to at the beginning. */
export interface Newcomer {
  readonly person: Person;
  /** A second registration that a merge will retire. */
  readonly second?: Person;
  readonly family: string;
  readonly given: string;
  readonly allergies: readonly Allergy[];
}

/** The person of an index from 0. */
export function makePerson(index: number, random: Random, mayBeMerged: boolean): Newcomer {
  const id = `P${String(index + 1).padStart(4, '0')}`;
  const isEastern = random.chance(0.15);
  const nhsNumber = isEastern || random.chance(0.8) ? nhsNumberOf(index) : undefined;
  const common = {
    birthDate: `${random.between(1930, 2019)}${twoDigits(random.between(1, 12))}${twoDigits(random.between(1, 28))}`,
    sex: random.pick(['M', 'F'] as const),
  };
  const person: Person = {
    id,
    mrn: `A${100_000 + index}`,
    ...(isEastern ? { eastMrn: `E${100_000 + index}` } : {}),
    ...(nhsNumber === undefined ? {} : { nhsNumber }),
    ...common,
  };
  const isMerged = random.chance(0.15) && !isEastern && mayBeMerged;
  return {
    person,
    ...(isMerged ? { second: { id: `${id}-2`, mrn: `B${100_000 + index}`, ...common } } : {}),
    family: random.pick(families),
    given: random.pick(givens),
    allergies: random.shuffle(allergies).slice(0, random.between(0, 3)),
  };
}

/** Another family name, as after a marriage. */
export const otherFamily = (family: string, random: Random): string =>
  random.pick(families.filter((name) => name !== family));

/** The first valid number at or after a place in the 999 range that is kept for each person: 11 places each. */
function nhsNumberOf(index: number): string {
  for (let serial = index * 11; ; serial++) {
    const digits = `999${String(serial).padStart(6, '0')}`;
    const sum = Array.from(digits).reduce((total, digit, place) => total + Number(digit) * (10 - place), 0);
    const check = (11 - (sum % 11)) % 11;
    if (check < 10) return `${digits}${check}`;
  }
}

const twoDigits = (value: number): string => String(value).padStart(2, '0');
