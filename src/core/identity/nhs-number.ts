/** The NHS number of England, Wales and the Isle of Man: ten digits, the last one a check digit (ISB 0149). */

declare const nhsNumberBrand: unique symbol;

/** Ten digits with a valid check digit, made only by `parseNhsNumber`. */
export type NhsNumber = string & { readonly [nhsNumberBrand]: true };

/** FHIR identifier system of the NHS number. */
export const NHS_NUMBER_SYSTEM = 'https://fhir.nhs.uk/Id/nhs-number';

const TEN_DIGITS = /^\d{10}$/;
/** `0000000000` and `9999999999` are sentinels of PDS; the other runs of one digit are equally made up. */
const ONE_DIGIT_REPEATED = /^(\d)\1{9}$/;

/** Removes the spaces and hyphens that people write between the digits (`999 000 0018`). */
export function normaliseNhsNumber(text: string): string {
  return text.replace(/[\s-]/g, '');
}

/** True when the tenth digit is the modulus 11 check digit of the nine before it. */
export function hasValidCheckDigit(digits: string): boolean {
  if (!TEN_DIGITS.test(digits)) return false;
  let sum = 0;
  for (let index = 0; index < 9; index++) sum += Number(digits[index]) * (10 - index);
  const check = 11 - (sum % 11);
  // A remainder of 1 would need the check digit 10, so such numbers are never issued.
  return check !== 10 && Number(digits[9]) === check % 11;
}

/**
 * Reads an NHS number as people and systems write it.
 *
 * @returns the ten digits, or undefined when the text is not a number that could have been issued: wrong length,
 * wrong check digit, or one digit ten times.
 */
export function parseNhsNumber(text: string): NhsNumber | undefined {
  const digits = normaliseNhsNumber(text);
  return hasValidCheckDigit(digits) && !ONE_DIGIT_REPEATED.test(digits) ? (digits as NhsNumber) : undefined;
}
