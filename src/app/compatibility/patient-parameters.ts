import type { ParameterPair } from '../../core/fhir/bundle.js';
import { fail, ok, type Result } from '../../core/result.js';

const odsSystem = 'https://fhir.nhs.uk/Id/ods-organization-code';

/** How a name is compared. */
type NameMatching = 'usual' | 'exact' | 'fuzzy';

type Translation = (value: string, names: NameMatching) => ParameterPair;

/** The value of a search parameter that holds a text as it is (FHIR R4 section 3.1.1.4.0.1). */
const literally = (text: string): string => text.replace(/[\\,|$]/g, '\\$&');

const name =
  (parameter: 'family' | 'given'): Translation =>
  (value, names) => [
    names === 'fuzzy' ? 'phonetic' : parameter + (names === 'exact' ? ':exact' : ''),
    literally(value),
  ];

const same =
  (parameter: string): Translation =>
  (value) => [parameter, literally(value)];

/** Criteria of the original's search, which are those of PDS, as parameters of FHIR R4. */
const translations: Readonly<Record<string, Translation>> = {
  family: name('family'),
  given: name('given'),
  gender: same('gender'),
  'address-postalcode': same('address-postalcode'),
  birthdate: same('birthdate'),
  'death-date': same('death-date'),
  'general-practitioner': (value) => ['general-practitioner:identifier', `${odsSystem}|${literally(value)}`],
  email: same('email'),
  phone: same('phone'),
  // A bar stands between system and value here.
  identifier: (value) => ['identifier', value.replace(/[\\,$]/g, '\\$&')],
};

/** Names are looked for among all that a patient ever had here, so that `_history` changes nothing. */
const switches = ['_fuzzy-match', '_exact-match', '_history'] as const;

/**
 * Translates the query of `GET /Patient?...`.
 *
 * @returns parameters of a FHIR search, or what is wrong, in sentences that hold no value
 */
export function toSearchParameters(query: Iterable<ParameterPair>): Result<ParameterPair[], string[]> {
  const pairs = [...query];
  const problems = pairs.flatMap(([key, value]) => problemOf(key, value) ?? []);
  const criteria = pairs.filter(([key]) => Object.hasOwn(translations, key));
  if (criteria.length === 0 && problems.length === 0)
    problems.push('At least one parameter must be provided.');
  const isOn = (key: string) =>
    pairs.some(([name, value]) => name === key && value.trim().toLowerCase() === 'true');
  const isExact = isOn('_exact-match');
  const isFuzzy = isOn('_fuzzy-match');
  if (isExact && isFuzzy) problems.push('_exact-match and _fuzzy-match exclude each other.');
  if (problems.length > 0) return fail(problems);
  const names = isExact ? 'exact' : isFuzzy ? 'fuzzy' : 'usual';
  return ok(criteria.map(([key, value]) => translate(key, value.trim(), names)));
}

function translate(key: string, value: string, names: NameMatching): ParameterPair {
  const translation = translations[key];
  if (translation === undefined) throw new Error('A criterion without translation');
  return translation(value, names);
}

function problemOf(key: string, value: string): string | undefined {
  const isSwitch = (switches as readonly string[]).includes(key);
  if (!isSwitch && !Object.hasOwn(translations, key))
    return /^[\w-]{1,40}$/.test(key) && !/\d{5}/.test(key)
      ? `The parameter ${key} is not known.`
      : 'A parameter is not known.';
  if (value.trim() === '') return `The parameter ${key} must not be empty.`;
  return isSwitch && !/^(true|false)$/i.test(value.trim())
    ? `The parameter ${key} is true or false.`
    : undefined;
}
