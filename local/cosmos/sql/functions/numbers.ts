import type { BuiltInTable } from './built-in.js';
import { define, ofNumber, ofNumbers } from './built-in.js';

/** Rounds halves away from zero, unlike `Math.round`. */
const round = (value: number): number => Math.sign(value) * Math.round(Math.abs(value));

/** Functions of numbers. */
export const numberFunctions: BuiltInTable = {
  ABS: ofNumber(Math.abs),
  CEILING: ofNumber(Math.ceil),
  FLOOR: ofNumber(Math.floor),
  ROUND: ofNumber(round),
  TRUNC: ofNumber(Math.trunc),
  SIGN: ofNumber(Math.sign),
  SQRT: ofNumber(Math.sqrt),
  SQUARE: ofNumber((value) => value * value),
  EXP: ofNumber(Math.exp),
  LOG10: ofNumber(Math.log10),
  LOG: define(
    1,
    (value, base) => {
      if (typeof value !== 'number') return undefined;
      return typeof base === 'number' ? Math.log(value) / Math.log(base) : Math.log(value);
    },
    2,
  ),
  SIN: ofNumber(Math.sin),
  COS: ofNumber(Math.cos),
  TAN: ofNumber(Math.tan),
  ASIN: ofNumber(Math.asin),
  ACOS: ofNumber(Math.acos),
  ATAN: ofNumber(Math.atan),
  ATN2: ofNumbers(Math.atan2),
  DEGREES: ofNumber((value) => (value * 180) / Math.PI),
  RADIANS: ofNumber((value) => (value * Math.PI) / 180),
  POWER: ofNumbers(Math.pow),
  PI: define(0, () => Math.PI),
  RAND: define(0, () => Math.random()),
  INTADD: ofNumbers((left, right) => left + right),
  INTSUB: ofNumbers((left, right) => left - right),
  INTMUL: ofNumbers((left, right) => left * right),
  INTDIV: ofNumbers((left, right) => Math.trunc(left / right)),
  INTMOD: ofNumbers((left, right) => left % right),
  NUMBERBIN: define(
    1,
    (value, size = 1) =>
      typeof value === 'number' && typeof size === 'number' && size > 0
        ? Math.floor(value / size) * size
        : undefined,
    2,
  ),
};
