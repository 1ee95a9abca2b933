import type { Value } from '../../json.js';

/** A built-in function: how many arguments it takes and what it computes. `undefined` in, mostly `undefined` out. */
export interface BuiltIn {
  readonly minimum: number;
  readonly maximum: number;
  readonly call: (...values: Value[]) => Value;
}

/** A table of functions by upper-case name. */
export type BuiltInTable = Readonly<Record<string, BuiltIn>>;

/** A function of a fixed number of arguments, or of a range of them. */
export const define = (
  minimum: number,
  call: (...values: Value[]) => Value,
  maximum: number = minimum,
): BuiltIn => ({ minimum, maximum, call });

/** A function of one number. */
export const ofNumber = (compute: (value: number) => number): BuiltIn =>
  define(1, (value) => (typeof value === 'number' ? compute(value) : undefined));

/** A function of two numbers. */
export const ofNumbers = (compute: (left: number, right: number) => number): BuiltIn =>
  define(2, (left, right) =>
    typeof left === 'number' && typeof right === 'number' ? compute(left, right) : undefined,
  );

/** A function of one string. */
export const ofString = (compute: (value: string) => Value): BuiltIn =>
  define(1, (value) => (typeof value === 'string' ? compute(value) : undefined));

/** A function of two strings with an optional third argument `true` that ignores case. */
export const ofStrings = (compute: (left: string, right: string) => boolean): BuiltIn =>
  define(
    2,
    (left, right, ignoreCase) => {
      if (typeof left !== 'string' || typeof right !== 'string') return undefined;
      return ignoreCase === true ? compute(left.toLowerCase(), right.toLowerCase()) : compute(left, right);
    },
    3,
  );
