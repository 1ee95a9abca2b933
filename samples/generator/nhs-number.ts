/**
 * Completes nine digits to an NHS number by its modulus 11 check digit (NHS Data Dictionary, NHS NUMBER).
 *
 * @returns ten digits, or undefined where the check digit would be 10: such numbers are never issued
 */
export function completeNhsNumber(nineDigits: string): string | undefined {
  if (!/^\d{9}$/.test(nineDigits)) throw new RangeError('an NHS number is made from nine digits');
  const sum = Array.from(nineDigits).reduce((total, digit, index) => total + Number(digit) * (10 - index), 0);
  const check = (11 - (sum % 11)) % 11;
  return check === 10 ? undefined : `${nineDigits}${check}`;
}
