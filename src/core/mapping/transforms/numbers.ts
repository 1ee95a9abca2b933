/** Decimal numbers as laboratories write them: no digit may be lost or invented on the way into JSON. */

export interface Decimal {
  readonly value: number;
  /** Digits after the point as written, given only when JSON would not show them (`7.0`). */
  readonly precision?: number;
}

const DECIMAL = /^([+-]?)(\d+\.?\d*|\.\d+)$/;

/**
 * Reads a decimal number (NM, HL7 v2.5.1 section 2.A.47).
 *
 * @returns undefined when the text is no number, or has more digits than a JSON number keeps
 */
export function parseDecimal(text: string): Decimal | undefined {
  const match = DECIMAL.exec(text);
  if (match === null) return undefined;
  const [, sign = '', digits = ''] = match;
  const value = Number(digits) * (sign === '-' ? -1 : 1);
  const written = String(Math.abs(value));
  if (!Number.isFinite(value) || significance(digits) !== significance(written)) return undefined;
  const decimals = decimalsOf(digits);
  return {
    value: Object.is(value, -0) ? 0 : value,
    ...(decimals === decimalsOf(written) ? {} : { precision: decimals }),
  };
}

const decimalsOf = (text: string): number => (/\.(\d+)$/.exec(text)?.[1] ?? '').length;

/** Digits without leading and trailing zeros, and the power of ten of the last one: equal for equal numbers. */
function significance(text: string): string {
  const [, integer = '', fraction = '', exponent = '0'] = /^(\d*)\.?(\d*)(?:e([+-]\d+))?$/.exec(text) ?? [];
  const digits = `${integer}${fraction}`.replace(/^0+/, '');
  const kept = digits.replace(/0+$/, '');
  return kept === '' ? '0' : `${kept}e${Number(exponent) - fraction.length + digits.length - kept.length}`;
}
