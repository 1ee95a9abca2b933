import { ALLERGIES } from './clinical.js';
import type { Address, Allergy, NextOfKin, Person } from './model.js';
import { NAME_GROUPS, type NameGroup } from './names.js';
import { completeNhsNumber } from './nhs-number.js';
import { createRandom, type Random } from './random.js';
import { COUNTY, NO_FIXED_ABODE, PRACTICES, STREETS, TOWNS } from './trust.js';

/** People whom a story of the day needs as they are; everybody else is made by chance. */
export const ROLES = {
  twins: ['P041', 'P042'],
  withoutNhsNumber: 'P030',
  noFixedAbode: 'P012',
  dies: 'P037',
  registeredTwice: 'P096',
  staleUpdate: 'P097',
  longReport: 'P098',
  newlyTraced: 'P099',
} as const;

/** Who was born later is younger than 18 on the day. */
export const ADULTS_BORN_UNTIL = '2008-03-29';

/** The letters that stand in the second half of a postcode. */
const INWARD_LETTERS = 'A B D E F G H J L N P Q R S T U W X Y Z'.split(' ');

function nhsNumbers(count: number, random: Random): readonly string[] {
  const numbers = new Set<string>();
  while (numbers.size < count) {
    const number = completeNhsNumber(`999${random.integer(0, 999_999).toString().padStart(6, '0')}`);
    if (number !== undefined) numbers.add(number);
  }
  return [...numbers];
}

/** An address in the invented county. */
export function makeAddress(random: Random): Address {
  const { town, district } = random.pick(TOWNS);
  const inward = `${random.integer(1, 9)}${random.pick(INWARD_LETTERS)}${random.pick(INWARD_LETTERS)}`;
  return {
    line: `${random.integer(1, 180)} ${random.pick(STREETS)}`,
    town,
    county: COUNTY,
    postcode: `${district} ${inward}`,
  };
}

/** A telephone number from the ranges that Ofcom keeps for drama. */
export function makePhone(kind: 'landline' | 'mobile', random: Random): string {
  const digits = random.integer(0, 999).toString().padStart(3, '0');
  return kind === 'landline' ? `01632 960${digits}` : `07700 900${digits}`;
}

function makeBirthDate(random: Random): string {
  // An acute hospital sees the old far more often than the young.
  const age = random.chance(0.12) ? random.integer(1, 17) : random.integer(18, random.chance(0.5) ? 64 : 97);
  const month = random.integer(1, 12);
  const pad = (value: number): string => value.toString().padStart(2, '0');
  return `${2025 - age}-${pad(month)}-${pad(random.integer(1, 28))}`;
}

function makeAllergies(random: Random): readonly Allergy[] {
  if (random.chance(0.6)) return [];
  const first = random.integer(0, ALLERGIES.length - 1);
  const chosen = ALLERGIES.filter(
    (_, index) => index === first || (index === (first + 3) % ALLERGIES.length && random.chance(0.25)),
  );
  return chosen.map((allergy) => ({
    ...allergy,
    severity: random.pick(['MI', 'MO', 'SV'] as const),
    since: `${random.integer(2003, 2024)}-0${random.integer(1, 9)}-${random.integer(10, 28)}`,
  }));
}

function makeNextOfKin(group: NameGroup, family: string, child: boolean, random: Random): NextOfKin {
  const [code, text] = child
    ? ['PAR', 'Parent']
    : random.pick([
        ['SPO', 'Spouse'],
        ['CHD', 'Child'],
      ] as const);
  return {
    family,
    given: random.pick([...group.women, ...group.men]),
    relationship: { code, text, system: 'HL70063' },
    phone: makePhone('mobile', random),
  };
}

function prefixOf(gender: Person['gender'], child: boolean, random: Random): string {
  if (gender === 'M') return child ? 'Master' : 'Mr';
  return child ? 'Miss' : random.pick(['Mrs', 'Ms', 'Miss']);
}

/** The group of the person at this place in the list, so that the shares come out exactly. */
function groupAt(index: number): NameGroup {
  let place = (index * 37) % 100;
  for (const group of NAME_GROUPS) {
    if (place < group.share) return group;
    place -= group.share;
  }
  throw new RangeError('the shares of the name groups must add up to 100');
}

/** Letters that an e-mail address can hold, from any name. */
function plain(text: string): string {
  const letters = text.normalize('NFD').replaceAll(/[ŁłıØø]/g, (letter) => (letter === 'ı' ? 'i' : 'l'));
  return letters.replaceAll(/[^A-Za-z]/g, '').toLowerCase();
}

function makeNames(index: number, group: NameGroup, gender: 'M' | 'F', random: Random) {
  const given = random.pick(gender === 'F' ? group.women : group.men);
  const middle = random.pick(gender === 'F' ? group.women : group.men);
  return {
    given,
    middle: middle !== given && random.chance(0.45) ? middle : undefined,
    family: random.pick(group.families),
    previousFamily: gender === 'F' && random.chance(0.15) ? random.pick(group.families) : undefined,
    knownAs: random.chance(0.06) ? random.pick(['Bobbie', 'Jo', 'Alex', 'Sam']) : undefined,
    email: (family: string): string | undefined =>
      random.chance(0.4) ? `${plain(given)}.${plain(family)}${index}@example.com` : undefined,
  };
}

function makePerson(index: number, nhsNumber: string, seed: string): Person {
  const random = createRandom(`${seed}/person/${index}`);
  const group = groupAt(index);
  const gender = random.chance(0.52) ? 'F' : 'M';
  const birthDate = makeBirthDate(random);
  const child = birthDate > ADULTS_BORN_UNTIL;
  const { email, ...names } = makeNames(index, group, gender, random);
  const practice = random.pick(PRACTICES);
  return {
    id: `P${index.toString().padStart(3, '0')}`,
    nhsNumber,
    nhsNumberStatus: random.chance(0.86) ? '01' : random.pick(['02', '03'] as const),
    mrn: (1_004_200 + index * 17).toString(),
    prefix: prefixOf(gender, child, random),
    ...names,
    previousFamily: child ? undefined : names.previousFamily,
    gender: random.chance(0.02) ? 'U' : gender,
    birthDate,
    address: makeAddress(random),
    homePhone: random.chance(0.7) ? makePhone('landline', random) : undefined,
    mobile: child ? undefined : makePhone('mobile', random),
    workPhone: !child && random.chance(0.2) ? makePhone('landline', random) : undefined,
    email: child ? undefined : email(names.family),
    language: random.chance(0.85) ? 'en' : group.language,
    maritalStatus: child ? 'S' : random.pick(['S', 'M', 'M', 'D', 'W']),
    ethnicCategory: group.ethnicCategory,
    practice,
    gp: random.pick(practice.gps),
    allergies: makeAllergies(random),
    nextOfKin: child || random.chance(0.3) ? makeNextOfKin(group, names.family, child, random) : undefined,
    diedAt: undefined,
  };
}

/** Gives the people of `ROLES` what their story needs. */
function cast(person: Person, firstTwin: Person | undefined): Person {
  switch (person.id) {
    case ROLES.withoutNhsNumber:
      return { ...person, nhsNumber: undefined, nhsNumberStatus: '07' };
    case ROLES.noFixedAbode:
      return {
        ...person,
        address: { line: 'No fixed abode', town: '', county: '', postcode: NO_FIXED_ABODE },
        homePhone: undefined,
      };
    case ROLES.newlyTraced:
      return { ...person, nhsNumberStatus: '02' };
    case ROLES.twins[1]:
      return firstTwin === undefined ? person : asTwinOf(firstTwin, person);
    case ROLES.registeredTwice:
    case ROLES.staleUpdate:
      return { ...person, nhsNumberStatus: '01', homePhone: '01632 960555' };
    default:
      return person;
  }
}

/** Twins differ in little else than given name and numbers: a trap for every matcher. */
function asTwinOf(first: Person, second: Person): Person {
  return {
    ...first,
    id: second.id,
    nhsNumber: second.nhsNumber,
    mrn: second.mrn,
    given: first.gender === 'M' ? 'Edwin' : 'Edwina',
    middle: undefined,
    knownAs: undefined,
    email: undefined,
    mobile: second.mobile,
    allergies: [],
  };
}

/** The people of the day, `P001` first. The same seed gives the same people. */
export function makePeople(count: number, seed: string): readonly Person[] {
  const numbers = nhsNumbers(count, createRandom(`${seed}/nhs-numbers`));
  const people = numbers.map((number, index) => makePerson(index + 1, number, seed));
  const firstTwin = people.find((person) => person.id === ROLES.twins[0]);
  return people.map((person) => cast(person, firstTwin));
}
