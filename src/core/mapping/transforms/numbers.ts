/** Decimal numbers as laboratories write them: no digit may be lost or invented on the way into JSON. */

export interface Decimal {
  readonly value: number;
  /** Digits after the point as written, given only when JSON would not show them (`7.0`). */
  readonly precision?: number;
}

/**
 * Reads a decimal number (NM, HL7 v2.5.1 section 2.A.47).
 *
 * @returns undefined when the text is no number, or has more digits than a JSON number keeps
 */
export function parseDecimal(text: string): Decimal | undefined {
  const signed = text.startsWith('-') || text.startsWith('+');
  const digits = signed ? text.slice(1) : text;
  if (!isDecimal(digits)) return undefined;
  const sign = signed ? text.charAt(0) : '';
  const value = Number(digits) * (sign === '-' ? -1 : 1);
  if (isShortest(digits)) return { value: Object.is(value, -0) ? 0 : value };
  const written = String(Math.abs(value));
  // Most results are written just as JSON writes them.
  if (written === digits) return { value: Object.is(value, -0) ? 0 : value };
  if (!Number.isFinite(value) || significance(digits) !== significance(written)) return undefined;
  const decimals = decimalsOf(digits);
  return {
    value: Object.is(value, -0) ? 0 : value,
    ...(decimals === decimalsOf(written) ? {} : { precision: decimals }),
  };
}

/** Digits with at most one point among, before or after them. */
function isDecimal(text: string): boolean {
  let points = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 0x2e) points++;
    else if (code < 0x30 || code > 0x39) return false;
  }
  return points <= 1 && text.length > points;
}

/**
 * Whether JSON is certain to write a decimal number as it stands: without zeros that could be left out, of no more digits
 * than any number keeps (15) and not so small that it has an exponent. Most results are such, and writing costs more.
 */
function isShortest(text: string): boolean {
  if (text.length > 15 || text.startsWith('.') || text.startsWith('0')) return false;
  return !text.includes('.') || !(text.endsWith('0') || text.endsWith('.'));
}

const decimalsOf = (text: string): number => (/\.(\d+)$/.exec(text)?.[1] ?? '').length;

/** Digits without leading and trailing zeros, and the power of ten of the last one: equal for equal numbers. */
function significance(text: string): string {
  const [, integer = '', fraction = '', exponent = '0'] = /^(\d*)\.?(\d*)(?:e([+-]\d+))?$/.exec(text) ?? [];
  const digits = `${integer}${fraction}`.replace(/^0+/, '');
  const kept = digits.replace(/0+$/, '');
  return kept === '' ? '0' : `${kept}e${Number(exponent) - fraction.length + digits.length - kept.length}`;
}
